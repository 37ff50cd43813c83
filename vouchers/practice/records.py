"""The rows that practising reads and writes: who practises, vouchers under their lock, what happened under a key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now, today
from foundation.database import session, uuid7
from people.models import Outlet
from vouchers.practice import lots, making
from vouchers.practice.models import TrainingOperation, TrainingToken, TrainingVoucher
from vouchers.stored_value.states import Outcome
from vouchers.tills import devices, errors

Decided = tuple[str, bool, dict[str, Any] | None]


@dataclass(frozen=True)
class Place:
    """Who practises: the key or till, and its shop."""

    actor_id: UUID
    name: str
    outlet: Outlet


@dataclass(frozen=True)
class Act:
    """What is wanted, with its key."""

    kind: str
    key: str
    fingerprint: bytes
    cents: int = 0
    staff_id: UUID | None = None
    receipt_no: str | None = None
    reason: str | None = None
    ref_id: UUID | None = None
    expires_at: datetime | None = None


def place_of(bearer: str) -> Place:
    """The shop that practises with this bearer. Refuses (`NotSignedIn`) what is neither key nor practising till."""
    query = sa.select(TrainingToken).where(TrainingToken.hash == making.token_hash(bearer))
    token = session.scalars(query).one_or_none()
    if token and token.revoked_at is None and (token.expires_at is None or token.expires_at > now()):
        return Place(token.id, token.name, session.get_one(Outlet, token.outlet_id))
    till = None if token else devices.find_till(bearer)
    if till is None or not making.practises(till.id):
        errors.refuse(Outcome.TILL_UNKNOWN)
    return Place(till.id, till.name, till.outlet)


def returned(operation: TrainingOperation) -> int:
    """What of it was given back so far, in cents."""
    return sum(given.cents for given in given_back(operation))


def presented_voucher(presented: str, *, locked: bool = False) -> TrainingVoucher | None:
    """The training voucher that was presented, locked if wanted."""
    secret = making.read(presented)
    if secret is None:
        return None
    column = TrainingVoucher.code_hash if secret.by_code else TrainingVoucher.token_hash
    query = sa.select(TrainingVoucher).where(column == secret.hash).execution_options(populate_existing=True)
    return session.scalars(query.with_for_update(key_share=True) if locked else query).one_or_none()


def locked_voucher(voucher_id: UUID | None) -> TrainingVoucher | None:
    """The training voucher, locked."""
    query = sa.select(TrainingVoucher).where(TrainingVoucher.id == voucher_id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def with_key(place: Place, key: str) -> TrainingOperation | None:
    """What happened at this place under a key."""
    query = sa.select(TrainingOperation).where(
        TrainingOperation.actor_id == place.actor_id, TrainingOperation.key == key
    )
    return session.scalars(query).one_or_none()


def earlier(place: Place, wish: Act) -> Decided | None:
    """What was decided under the key of the act before; `key_reused` when it was another act."""
    found = with_key(place, wish.key)
    if found is None:
        return None
    same = found.fingerprint == wish.fingerprint
    return (found.outcome, True, found.answer) if same else ("key_reused", True, None)


def operation_here(place: Place, operation_id: UUID | None, kinds: tuple[str, ...]) -> TrainingOperation | None:
    """An act of this shop of one of these kinds that was done."""
    found = session.get(TrainingOperation, operation_id) if operation_id else None
    mine = found and found.outlet_id == place.outlet.id and found.kind in kinds and found.outcome == "done"
    return found if mine else None


def _refer(operation: TrainingOperation, kinds: tuple[str, ...]) -> list[TrainingOperation]:
    query = sa.select(TrainingOperation).where(
        TrainingOperation.voucher_id == operation.voucher_id,
        TrainingOperation.ref_id == operation.id,
        TrainingOperation.outcome == "done",
        TrainingOperation.kind.in_(kinds),
    )
    return list(session.scalars(query))


def given_back(operation: TrainingOperation) -> list[TrainingOperation]:
    """What was given back of a redemption."""
    return _refer(operation, ("void", "refund"))


def ended(held: TrainingOperation) -> bool:
    """Whether a hold was captured or released."""
    return bool(_refer(held, ("capture", "release")))


def end_old_holds(voucher: TrainingVoucher, keep: UUID | None = None) -> None:
    """Holds end by themselves: here when somebody next touches the locked voucher."""
    query = sa.select(TrainingOperation).where(
        TrainingOperation.voucher_id == voucher.id,
        TrainingOperation.kind == "hold",
        TrainingOperation.outcome == "done",
        TrainingOperation.expires_at <= now(),
    )
    for held in session.scalars(query).all():
        if held.id != keep and not ended(held):
            voucher.lots = lots.end_hold(voucher.lots, held.parts, capture=False)
            wish = Act("release", f"expired:{held.id}", held.fingerprint, held.cents, ref_id=held.id)
            _add(held.actor_id, held.outlet_id, voucher, wish, "done", None, held.parts, uuid7())


def record(
    place: Place,
    voucher: TrainingVoucher | None,
    wish: Act,
    outcome: str,
    answer: dict[str, Any] | None,
    parts: lots.Parts,
    operation_id: UUID | None = None,
) -> Decided:
    """Write the act with its outcome; gives what was decided."""
    _add(place.actor_id, place.outlet.id, voucher, wish, outcome, answer, parts, operation_id or uuid7())
    session.flush()
    return outcome, False, answer


def _add(
    actor_id: UUID,
    outlet_id: UUID,
    voucher: TrainingVoucher | None,
    wish: Act,
    outcome: str,
    answer: dict[str, Any] | None,
    parts: lots.Parts,
    operation_id: UUID,
) -> None:
    session.add(
        TrainingOperation(
            id=operation_id,
            voucher_id=voucher.id if voucher else None,
            kind=wish.kind,
            outcome=outcome,
            cents=max(wish.cents, 0),
            actor_id=actor_id,
            key=wish.key,
            fingerprint=wish.fingerprint,
            ref_id=wish.ref_id,
            outlet_id=outlet_id,
            staff_id=wish.staff_id,
            receipt_no=wish.receipt_no,
            reason=wish.reason,
            expires_at=wish.expires_at,
            parts=parts,
            answer=answer,
            recorded_at=now(),
            booked_on=today(),
        )
    )
