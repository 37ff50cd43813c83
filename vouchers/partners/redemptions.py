"""Redemptions found again: by their id, or by the number of the shop's own receipt."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from people.models import Organisation, Outlet
from vouchers.partners.movements import ReportCaller
from vouchers.practice.names import name_receipt
from vouchers.practice.setup import IN_PRACTICE
from vouchers.stored_value.models import Lot, OperationPart, Programme, Voucher, VoucherOperation
from vouchers.tills.errors import redemption_unknown
from vouchers.tills.models import Till
from vouchers.tills.redemption_log import GIVEN_BACK, TAKEN

MAX_REDEMPTIONS_FOUND = 50


@dataclass(frozen=True)
class FoundRedemption:
    """A redemption as the till was answered, and what of it was given back since."""

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
    """Load one redemption of the shop. Refuses those of others (`NotFound`)."""
    found = _search(place, VoucherOperation.id == redemption_id)
    if not found:
        raise redemption_unknown()
    return found[0]


def list_by_receipt(place: ReportCaller, receipt_no: str, day: date) -> list[FoundRedemption]:
    """List the shop's redemptions of a business day under a receipt number, the newest first, at most 50."""
    return _search(place, VoucherOperation.receipt_no == receipt_no, VoucherOperation.booked_on == day)


def _options(place: ReportCaller) -> dict[str, Any]:
    return IN_PRACTICE if place.is_practice else {}


def _search(place: ReportCaller, *conditions: Any) -> list[FoundRedemption]:
    table = VoucherOperation
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
    found = session.scalars(query, execution_options=_options(place)).all()
    return [_describe(operation, place) for operation in found]


def _describe(operation: VoucherOperation, place: ReportCaller) -> FoundRedemption:
    table = VoucherOperation
    query = sa.select(table.kind, table.cents).where(
        table.voucher_id == operation.voucher_id,
        table.ref_id == operation.id,
        table.kind.in_(GIVEN_BACK),
        table.outcome == "done",
    )
    given = session.execute(query, execution_options=_options(place)).all()
    answer = dict(operation.answer or {})
    if "receipt" not in answer:
        answer |= _receipt(operation, place)
    if place.is_practice:
        answer = name_receipt(answer)
    kinds = {row.kind for row in given}
    return FoundRedemption(answer, operation.cents, sum(row.cents for row in given), "void" in kinds)


def _receipt(operation: VoucherOperation, place: ReportCaller) -> dict[str, Any]:
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
    options = _options(place)
    till = session.scalar(sa.select(Till.name).where(Till.id == operation.till_id), execution_options=options)
    query = (
        sa.select(Programme.name, Organisation.legal_name, Voucher.last4)
        .join(Programme, Programme.id == Voucher.programme_id)
        .join(Organisation, Organisation.id == Programme.issuer_id)
        .where(Voucher.id == operation.voucher_id)
    )
    programme, issuer, last4 = session.execute(query, execution_options=options).one()
    names = {"issuer": issuer, "programme": programme, "voucher_last4": last4, "till": till or ""}
    return {"buckets": _buckets(operation, options), "receipt": told | names}


def _buckets(operation: VoucherOperation, options: dict[str, Any]) -> list[dict[str, Any]]:
    query = (
        sa.select(Lot.kind, OperationPart.cents, Lot.balance - Lot.held, Lot.legal_end)
        .join(Lot, sa.and_(Lot.voucher_id == OperationPart.voucher_id, Lot.id == OperationPart.lot_id))
        .where(OperationPart.voucher_id == operation.voucher_id, OperationPart.operation_id == operation.id)
        .order_by(OperationPart.line_no)
    )
    return [
        {"kind": kind, "amount_cents": cents, "remaining_cents": left, "valid_until": ends.isoformat()}
        for kind, cents, left, ends in session.execute(query, execution_options=options)
    ]
