"""What practising needs: vouchers to print, sandbox keys, and tills that are switched over and back."""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now, today
from foundation.database import session, uuid7
from foundation.errors import NotFound, Refused
from foundation.languages import _
from foundation.security import keyed_hash
from vouchers.practice import lots
from vouchers.practice.models import TrainingOperation, TrainingTill, TrainingToken, TrainingVoucher
from vouchers.stored_value import codes

PREFIX = "MLT."
KEY_PREFIX = "mlt_"
MOST_VOUCHERS = 200
_TOKEN = re.compile(r"MLT[.:]?([0-9A-Z]{26})")


@dataclass(frozen=True)
class Made:
    """A fresh voucher to practise with: token and typed code in plain, once."""

    voucher_id: UUID
    token: str
    code: str
    cents: int
    note: str


@dataclass(frozen=True)
class Secret:
    """What was presented, as the training tables know it. `certain`: it can be nothing but a training voucher."""

    hash: bytes
    by_code: bool
    certain: bool


def read(text: str) -> Secret | None:
    """The training token or a typed code in what was presented; nothing when it can be neither."""
    tail = "".join(text[-codes.MAX_PRESENTED_CHARACTERS :].rsplit("#", 1)[-1].split()).upper()
    found = _TOKEN.fullmatch(tail)
    if found:
        return Secret(_token_hash(found.group(1)), by_code=False, certain=True)
    code = codes.read_code(text)
    return Secret(_code_hash(code), by_code=True, certain=False) if code else None


def is_training(presented: str) -> bool:
    """Whether this is a voucher to practise with. For a clear sentence at a real till; says nothing of real ones."""
    secret = read(presented)
    if secret is None or secret.certain:
        return secret is not None
    return session.scalar(sa.select(TrainingVoucher.id).where(TrainingVoucher.code_hash == secret.hash)) is not None


def voucher(
    organisation_id: UUID, parts: list[tuple[str, int, date]], *, note: str = "", blocked: bool = False
) -> Made:
    """A voucher to practise with in the shops of one retailer; `parts`: kind of lot, cents, last day. Worth nothing.

    Refuses more than 200 of one retailer (`Refused`).
    """
    if count(organisation_id) >= MOST_VOUCHERS:
        sentence = _("Mehr als 200 Übungsgutscheine sind nicht möglich. Bitte löschen Sie zuerst die alten.")
        raise Refused(sentence, "too_many_training_vouchers")
    token, code = PREFIX + codes.new_token().removeprefix(codes.PREFIX), codes.new_code()
    made = TrainingVoucher(
        id=uuid7(),
        organisation_id=organisation_id,
        token_hash=_token_hash(token.removeprefix(PREFIX)),
        code_hash=_code_hash(code),
        last4=code.replace("-", "")[-4:],
        state="blocked" if blocked else "active",
        lots=[lots.lot(kind, cents, until) for kind, cents, until in parts],
    )
    session.add(made)
    session.flush()
    return Made(made.id, token, code, sum(cents for _kind, cents, _until in parts), note)


def sheet(organisation_id: UUID) -> list[Made]:
    """Four vouchers that show what can happen at a till: enough, two lots, nearly empty, blocked."""
    later, soon = date(today().year + 3, 12, 31), today() + timedelta(days=60)
    return [
        voucher(organisation_id, [("paid", 50_00, later)], note=_("Reicht für einen Einkauf")),
        voucher(
            organisation_id, [("paid", 20_00, later), ("bonus", 5_00, soon)], note=_("Mit Bonus, der früher endet")
        ),
        voucher(
            organisation_id, [("paid", 3_50, later)], note=_("Reicht meistens nicht: zweiten Gutschein dazunehmen")
        ),
        voucher(organisation_id, [("paid", 25_00, later)], note=_("Gesperrt: wird abgelehnt"), blocked=True),
    ]


def count(organisation_id: UUID) -> int:
    """How many training vouchers a retailer has."""
    query = sa.select(sa.func.count()).where(TrainingVoucher.organisation_id == organisation_id)
    return int(session.scalar(query) or 0)


def clear(organisation_id: UUID) -> None:
    """Throws a retailer's training vouchers away, and what was done with them."""
    mine = sa.select(TrainingVoucher.id).where(TrainingVoucher.organisation_id == organisation_id)
    session.execute(sa.delete(TrainingOperation).where(TrainingOperation.voucher_id.in_(mine)))
    session.execute(sa.delete(TrainingVoucher).where(TrainingVoucher.organisation_id == organisation_id))


def new_token(outlet_id: UUID, name: str, *, person_id: UUID | None = None, expires_at: datetime | None = None) -> str:
    """A sandbox key in plain, once. What holds it acts as a till of the shop that practises."""
    bearer = KEY_PREFIX + secrets.token_urlsafe(32)
    made = TrainingToken(
        hash=token_hash(bearer), outlet_id=outlet_id, name=name, created_by=person_id, expires_at=expires_at
    )
    session.add(made)
    session.flush()
    audit.record("training_token.add", "training_token", made.id, outlet=str(outlet_id))
    return bearer


def revoke_token(token_id: UUID, outlet_ids: set[UUID]) -> None:
    """The sandbox key is dead. Refuses those of other shops (`NotFound`)."""
    found = session.get(TrainingToken, token_id)
    if found is None or found.outlet_id not in outlet_ids:
        raise NotFound(_("Diesen Schlüssel gibt es nicht."))
    found.revoked_at = found.revoked_at or now()


def token_hash(bearer: str) -> bytes:
    """How the training tables know a sandbox key."""
    return keyed_hash("training token", bearer)


def practises(till_id: UUID) -> bool:
    """Whether this till is switched to practising."""
    return session.get(TrainingTill, till_id, populate_existing=True) is not None


def switch_on(till_id: UUID, staff_id: UUID | None) -> None:
    """From now on this till practises; nothing real happens at it."""
    if not practises(till_id):
        session.add(TrainingTill(till_id=till_id, staff_id=staff_id))
        audit.record("till.training_on", "till", till_id, staff=str(staff_id))


def practising(till_ids: list[UUID]) -> set[UUID]:
    """Which of these tills practise now."""
    return set(session.scalars(sa.select(TrainingTill.till_id).where(TrainingTill.till_id.in_(till_ids))))


def switch_off(till_id: UUID) -> None:
    """Real again."""
    found = session.get(TrainingTill, till_id)
    if found:
        session.delete(found)
        audit.record("till.training_off", "till", till_id)


def _token_hash(body: str) -> bytes:
    return keyed_hash("training voucher token", codes.read_token(codes.PREFIX + body) or body)


def _code_hash(code: str) -> bytes:
    return keyed_hash("training voucher code", code)
