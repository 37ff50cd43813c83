"""Deductions: value leaves a voucher otherwise than by being spent, or goes to another voucher. Decision 0318.

Nobody decides here: who calls has the right (a withdrawal by the buyer) or two people's agreement (lapse, adjustment).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import expire, session, uuid7
from money.payments import methods
from vouchers.stored_value import errors
from vouchers.stored_value.issuing import Funding
from vouchers.stored_value.models import Lot, Voucher, VoucherOperation
from vouchers.stored_value.states import LotKind, Outcome

WITHDRAW = sa.text(
    "SELECT outcome, answer, voucher_id FROM voucher_withdraw(p_origin => :origin, p_operation => :operation,"
    " p_actor => :actor, p_key => :key, p_credit => :credit, p_credit_party => :credit_party,"
    " p_reason => :reason, p_at => :at)"
).bindparams(sa.bindparam("credit_party", type_=sa.Uuid()))
LAPSE = sa.text(
    "SELECT outcome, answer FROM voucher_lapse(p_voucher => :voucher, p_lot => :lot, p_operation => :operation,"
    " p_actor => :actor, p_key => :key, p_credit => :credit, p_credit_party => :credit_party, p_reason => :reason,"
    " p_at => :at)"
).bindparams(sa.bindparam("credit_party", type_=sa.Uuid()))
CHARGE_BACK = sa.text(
    "SELECT outcome, answer, voucher_id FROM voucher_charge_back(p_origin => :origin, p_bonus => :bonus,"
    " p_cents => :cents, p_operation => :operation, p_actor => :actor, p_key => :key, p_whole => :whole,"
    " p_credit => :credit, p_credit_party => :credit_party, p_reason => :reason, p_at => :at)"
).bindparams(
    sa.bindparam("bonus", type_=sa.Uuid()),
    sa.bindparam("credit_party", type_=sa.Uuid()),
)
REINSTATE = sa.text(
    "SELECT outcome, answer FROM voucher_reinstate(p_charge_back => :taken, p_operation => :operation,"
    " p_actor => :actor, p_key => :key, p_reason => :reason, p_at => :at)"
)
REDUCE = sa.text(
    "SELECT outcome, answer FROM voucher_reduce(p_voucher => :voucher, p_lot => :lot, p_cents => :cents,"
    " p_operation => :operation, p_actor => :actor, p_key => :key, p_credit => :credit,"
    " p_credit_party => :credit_party, p_reason => :reason, p_at => :at)"
).bindparams(sa.bindparam("credit_party", type_=sa.Uuid()))
MERGE = sa.text(
    "SELECT outcome, answer FROM voucher_merge(p_from => :voucher, p_into => :into, p_operation => :operation,"
    " p_into_operation => :into_operation, p_actor => :actor, p_key => :key, p_reason => :reason, p_at => :at)"
)


class LotKey(NamedTuple):
    """Which lot of which voucher, for one operation."""

    voucher_id: UUID
    lot_id: UUID


@dataclass(frozen=True)
class Deduction:
    """What was taken out of a voucher, in cents, and what of the same purchase had been spent before."""

    voucher_id: UUID
    cents: int
    spent_cents: int


def withdraw(origin_id: UUID, *, actor_id: UUID, key: str, credit: Funding, reason: str) -> Deduction:
    """Take out what is left of one purchase (`origin_id`: the sale) and book it to `credit`.

    The voucher is withdrawn when nothing else lies on it. Other purchases, bonus and employer's lots on it stay.
    Nothing left gives 0 cents. Refuses while something is held.
    """
    values = {"origin": origin_id} | _common(actor_id, key, credit, reason)
    row = session.execute(WITHDRAW, values).one()
    if row.outcome not in {Outcome.DONE, Outcome.NOTHING_LEFT}:
        raise errors.deduction_refused(row.outcome)
    _expire(row.voucher_id)
    cents = int(row.answer["amount_cents"])
    bought = session.scalar(
        sa.select(Lot.issued_cents)
        .join(Voucher, Voucher.id == Lot.voucher_id)
        .where(Lot.origin_id == origin_id, Lot.kind == LotKind.PAID)
        .order_by(Lot.issued_cents.desc())
        .limit(1)
    )
    return Deduction(row.voucher_id, cents, int(bought or 0) - cents)


@dataclass(frozen=True)
class ChargeBack:
    """What is taken out because its money was taken back: at most `cents` of a purchase, or of the `bonus` lot to it.

    `whole`: all its money was taken back, so that nothing returns to the empty voucher.
    """

    origin_id: UUID
    cents: int
    whole: bool
    bonus: UUID | None = None


def charge_back(request: ChargeBack, *, actor_id: UUID, key: str, credit: Funding, reason: str) -> int:
    """Take out what is left, wherever it lies by now; gives the cents. What is held or spent stays."""
    values = {
        "origin": request.origin_id,
        "bonus": request.bonus,
        "cents": request.cents,
        "whole": request.whole,
    }
    row = session.execute(CHARGE_BACK, values | _common(actor_id, key, credit, reason)).one()
    if row.outcome not in {Outcome.DONE, Outcome.NOTHING_LEFT}:
        raise errors.deduction_refused(row.outcome)
    _expire(row.voucher_id)
    return int(row.answer["amount_cents"])


def reinstate(operation: VoucherOperation, *, actor_id: UUID, key: str, reason: str) -> int:
    """Put back what one `charge_back` took out, once; gives the cents. It follows a merged voucher's value."""
    common = _common(actor_id, key, Funding(""), reason)
    row = session.execute(REINSTATE, {"taken": operation.id} | common).one()
    return _deducted_cents(row, operation.voucher_id)


def lapse(lot: LotKey, *, actor_id: UUID, key: str, credit: Funding, reason: str) -> int:
    """Take the free rest of a lot out after its legal end; the cents. Refuses earlier, and when nothing is left."""
    values = {"voucher": lot.voucher_id, "lot": lot.lot_id} | _common(actor_id, key, credit, reason)
    return _deducted_cents(session.execute(LAPSE, values).one(), lot.voucher_id)


def reduce(lot: LotKey, cents: int, *, actor_id: UUID, key: str, credit: Funding, reason: str) -> int:
    """Take `cents` out of a lot because they should never have been there. Refuses more than is free."""
    values = {"voucher": lot.voucher_id, "lot": lot.lot_id, "cents": cents} | _common(actor_id, key, credit, reason)
    return _deducted_cents(session.execute(REDUCE, values).one(), lot.voucher_id)


def merge(from_id: UUID, into_id: UUID, *, actor_id: UUID, key: str, reason: str) -> int:
    """Put everything of one voucher onto another of the same programme; the cents. Lots keep their ends and rules.

    The emptied one is replaced for good; what shops give back to it later goes on to the other. Refuses vouchers of two
    programmes, blocked ones, while something is held, and more than the charter allows on one voucher.
    """
    common = _common(actor_id, key, Funding(""), reason)
    values = {"voucher": from_id, "into": into_id, "into_operation": uuid7()} | common
    cents = _deducted_cents(session.execute(MERGE, values).one(), from_id)
    methods.take_back(from_id)
    _expire(into_id)
    return cents


def _common(actor_id: UUID, key: str, credit: Funding, reason: str) -> dict[str, Any]:
    return {
        "operation": uuid7(),
        "actor": actor_id,
        "key": key,
        "credit": credit.account,
        "credit_party": credit.party,
        "reason": reason[:200],
        "at": now(),
    }


def _deducted_cents(row: Any, voucher_id: UUID) -> int:
    if row.outcome != Outcome.DONE:
        raise errors.deduction_refused(row.outcome)
    _expire(voucher_id)
    return int(row.answer["amount_cents"])


def _expire(voucher_id: UUID) -> None:
    expire(Voucher, voucher_id)
    expire(Lot, voucher_id)
