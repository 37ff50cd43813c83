"""What a shop's tills took and gave back on business days: the lines that day report and exports are made of.

Captured holds count as taken, on the day of the capture; holds and releases move nothing. What the marketplace captured
for a shop has no till and is not in a till's Z report. A sandbox key sees what was practised with it instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from people.models import Organisation, Outlet
from vouchers import redeeming
from vouchers.models import Programme, Till, Voucher, VoucherOperation
from vouchers.training import making
from vouchers.training.models import TrainingOperation, TrainingToken, TrainingVoucher

TAKEN, GIVEN_BACK = ("redeem", "capture"), ("void", "refund")
TILL = sa.text("SELECT refusal, id, name, outlet_id FROM voucher_till(:till, :scope, :at)")
PRACTICE = "Übungsgutschein"


@dataclass(frozen=True)
class Place:
    """The shop that asks, and the till it asks from. `practises`: a sandbox key."""

    outlet_id: UUID
    till_id: UUID
    till: str
    practises: bool


@dataclass(frozen=True)
class Line:
    """One movement at a till. `cents` is always positive: `kind` says the direction. `ref_id`: what was given back."""

    id: UUID
    kind: str
    cents: int
    booked_on: date
    recorded_at: datetime
    till_id: UUID | None
    till: str | None
    receipt_no: str | None
    ref_id: UUID | None
    last4: str
    programme: str
    issuer: str

    @property
    def signed_cents(self) -> int:
        """As the shop's takings count it: taken is plus, given back is minus."""
        return self.cents if self.kind in TAKEN else -self.cents


@dataclass(frozen=True)
class Sum:
    """What a till did on a day, by kind: how often and how many cents."""

    till_id: UUID | None
    till: str | None
    counts: dict[str, tuple[int, int]]

    @property
    def net_cents(self) -> int:
        """Taken less given back."""
        given = sum(self.counts[kind][1] for kind in GIVEN_BACK)
        return sum(self.counts[kind][1] for kind in TAKEN) - given


def place_of(bearer: str, scope: str) -> Place:
    """Who asks. Refuses unknown, ended and revoked tokens (`NotSignedIn`) and those without `scope` (`NotAllowed`)."""
    if bearer.startswith(making.KEY_PREFIX):
        return _practising(bearer)
    row = session.execute(TILL, {"till": redeeming.till_hash(bearer), "scope": scope, "at": now()}).one()
    if row.refusal:
        redeeming.refuse(row.refusal, None)
    return Place(row.outlet_id, row.id, row.name, practises=False)


def _practising(bearer: str) -> Place:
    query = sa.select(TrainingToken).where(TrainingToken.hash == making.token_hash(bearer))
    found = session.scalars(query).one_or_none()
    if found is None or found.revoked_at or (found.expires_at and found.expires_at <= now()):
        redeeming.refuse("till_unknown", None)
    return Place(found.outlet_id, found.id, found.name, practises=True)


def lines(place: Place, first: date, last: date) -> list[Line]:
    """All movements at the shop from `first` to `last`, in the order in which they happened."""
    return _practised(place, first, last) if place.practises else of_shop(place.outlet_id, first, last)


def of_shop(outlet_id: UUID, first: date, last: date) -> list[Line]:
    """The same for the retailer's desk: real movements only."""
    operation, taken = sa.orm.aliased(VoucherOperation), sa.orm.aliased(VoucherOperation)
    query = (
        sa.select(
            operation.id,
            operation.kind,
            operation.cents,
            operation.booked_on,
            operation.recorded_at,
            operation.till_id,
            Till.name.label("till"),
            sa.func.coalesce(operation.receipt_no, taken.receipt_no).label("receipt_no"),
            operation.ref_id,
            Voucher.last4,
            Programme.name.label("programme"),
            Organisation.legal_name.label("issuer"),
        )
        .join(Voucher, Voucher.id == operation.voucher_id)
        .join(Programme, Programme.id == Voucher.programme_id)
        .join(Organisation, Organisation.id == Programme.issuer_id)
        .outerjoin(Till, Till.id == operation.till_id)
        .outerjoin(taken, sa.and_(taken.voucher_id == operation.voucher_id, taken.id == operation.ref_id))
        .where(
            operation.outlet_id == outlet_id,
            operation.booked_on.between(first, last),
            operation.kind.in_((*TAKEN, *GIVEN_BACK)),
            operation.outcome == "done",
        )
        .order_by(operation.recorded_at, operation.id)
    )
    return [Line(**row) for row in session.execute(query).mappings()]


def _practised(place: Place, first: date, last: date) -> list[Line]:
    operation, taken = sa.orm.aliased(TrainingOperation), sa.orm.aliased(TrainingOperation)
    query = (
        sa.select(
            operation.id,
            operation.kind,
            operation.cents,
            operation.booked_on,
            operation.recorded_at,
            sa.func.coalesce(operation.receipt_no, taken.receipt_no).label("receipt_no"),
            operation.ref_id,
            TrainingVoucher.last4,
        )
        .join(TrainingVoucher, TrainingVoucher.id == operation.voucher_id)
        .outerjoin(taken, taken.id == operation.ref_id)
        .where(
            operation.actor_id == place.till_id,
            operation.booked_on.between(first, last),
            operation.kind.in_((*TAKEN, *GIVEN_BACK)),
            operation.outcome == "done",
        )
        .order_by(operation.recorded_at, operation.id)
    )
    mine: dict[str, Any] = {"till_id": place.till_id, "till": place.till, "programme": PRACTICE, "issuer": PRACTICE}
    return [Line(**(dict(row) | mine)) for row in session.execute(query).mappings()]


def sums(found: Iterable[Line]) -> list[Sum]:
    """By till, in the order of their names; what has no till (the marketplace's orders) comes last."""
    tills: dict[tuple[UUID | None, str | None], dict[str, tuple[int, int]]] = {}
    for line in found:
        counts = tills.setdefault((line.till_id, line.till), dict.fromkeys((*TAKEN, *GIVEN_BACK), (0, 0)))
        count, cents = counts[line.kind]
        counts[line.kind] = (count + 1, cents + line.cents)
    ordered = sorted(tills.items(), key=lambda item: (item[0][0] is None, item[0][1] or "", str(item[0][0])))
    return [Sum(till_id, till, counts) for (till_id, till), counts in ordered]


def shop_of(place: Place) -> Outlet:
    """The shop that asks."""
    return session.get_one(Outlet, place.outlet_id)
