"""Redemptions found again: by their id, or by the number of the shop's own receipt."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.errors import NotFound
from foundation.languages import _
from people.models import Organisation, Outlet
from vouchers.partners.movements import ReportCaller
from vouchers.practice.models import TrainingOperation, TrainingVoucher
from vouchers.stored_value.models import Lot, OperationPart, Programme, Voucher, VoucherOperation
from vouchers.tills.models import Till
from vouchers.tills.redemption_log import GIVEN_BACK, TAKEN

MAX_REDEMPTIONS_FOUND = 50
PRACTICE = "Übungsgutschein"
Operation = VoucherOperation | TrainingOperation


@dataclass(frozen=True)
class FoundRedemption:
    """A redemption as it was told, and what of it was given back since."""

    answer: dict[str, Any]
    cents: int
    returned: int
    voided: bool

    @property
    def state(self) -> str:
        """`captured`, `part_refunded`, `refunded` or `voided`."""
        if self.voided:
            return "voided"
        if self.returned == 0:
            return "captured"
        return "refunded" if self.returned >= self.cents else "part_refunded"


def load_redemption(place: ReportCaller, redemption_id: UUID) -> FoundRedemption:
    """One redemption of the shop. Refuses those of others (`NotFound`)."""
    found = _search(place, _table(place).id == redemption_id)
    if not found:
        raise NotFound(_("Diese Einlösung gibt es hier nicht."), "redemption_unknown")
    return found[0]


def list_by_receipt(place: ReportCaller, receipt_no: str, day: date) -> list[FoundRedemption]:
    """The shop's redemptions of a business day under a receipt number, the newest first, at most 50."""
    table = _table(place)
    return _search(place, table.receipt_no == receipt_no, table.booked_on == day)


def _table(place: ReportCaller) -> Any:
    return TrainingOperation if place.practises else VoucherOperation


def _search(place: ReportCaller, *conditions: Any) -> list[FoundRedemption]:
    table = _table(place)
    query = (
        sa.select(table)
        .where(
            table.outlet_id == place.outlet_id,
            *conditions,
            table.kind.in_(TAKEN),
            table.outcome == "done",
        )
        .order_by(table.recorded_at.desc(), table.id.desc())
        .limit(MAX_REDEMPTIONS_FOUND)
    )
    return [_found(table, operation, place) for operation in session.scalars(query).all()]


def _found(table: Any, operation: Operation, place: ReportCaller) -> FoundRedemption:
    query = sa.select(table.kind, table.cents).where(
        table.voucher_id == operation.voucher_id,
        table.ref_id == operation.id,
        table.kind.in_(GIVEN_BACK),
        table.outcome == "done",
    )
    given = session.execute(query).all()
    answer = dict(operation.answer or {})
    if "receipt" not in answer:
        answer |= _receipt(operation, place)
    kinds = {row.kind for row in given}
    return FoundRedemption(answer, operation.cents, sum(row.cents for row in given), "void" in kinds)


def _receipt(operation: Operation, place: ReportCaller) -> dict[str, Any]:
    """What a captured hold has no stored receipt of: made from the rows, as `voucher_redeem` makes it."""
    outlet = session.get_one(Outlet, operation.outlet_id)
    told: dict[str, Any] = {
        "shop": outlet.name,
        "street": outlet.street,
        "postcode": outlet.postcode,
        "town": outlet.municipality.name,
        "till": place.till,
        "cashier": None,
        "time": operation.recorded_at.isoformat(),
        "receipt_no": operation.receipt_no,
        "void_code": str(operation.id)[-6:].upper(),
    }
    if isinstance(operation, TrainingOperation):
        voucher = session.get_one(TrainingVoucher, operation.voucher_id)
        names = {"issuer": PRACTICE, "programme": PRACTICE, "voucher_last4": voucher.last4}
        return {"buckets": [], "receipt": told | names}
    till = session.get(Till, operation.till_id) if operation.till_id else None
    query = (
        sa.select(Programme.name, Organisation.legal_name, Voucher.last4)
        .join(Programme, Programme.id == Voucher.programme_id)
        .join(Organisation, Organisation.id == Programme.issuer_id)
        .where(Voucher.id == operation.voucher_id)
    )
    programme, issuer, last4 = session.execute(query).one()
    names = {"issuer": issuer, "programme": programme, "voucher_last4": last4, "till": till.name if till else ""}
    return {"buckets": _buckets(operation), "receipt": told | names}


def _buckets(operation: VoucherOperation) -> list[dict[str, Any]]:
    query = (
        sa.select(Lot.kind, OperationPart.cents, Lot.balance - Lot.held, Lot.legal_end)
        .join(Lot, sa.and_(Lot.voucher_id == OperationPart.voucher_id, Lot.id == OperationPart.lot_id))
        .where(OperationPart.voucher_id == operation.voucher_id, OperationPart.operation_id == operation.id)
        .order_by(OperationPart.line_no)
    )
    return [
        {"kind": kind, "amount": cents, "remaining": left, "valid_until": ends.isoformat()}
        for kind, cents, left, ends in session.execute(query)
    ]
