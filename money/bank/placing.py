"""Where a credit goes by itself: to the payments that its payer's words name.

Only lines of the bank's file place themselves, and only onto payments of the same issuer that wait. Named letter by
letter, a payment gets what is there: less than is missing waits for the rest, more leaves the rest to a person. Named
with a slip, or several at once, they are paid only if the sum is exactly theirs. Decision 0209.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.database import lock, lock_one, session
from money.bank import allocation, matching
from money.bank.matching import Names
from money.bank.models import BankAccount, BankAllocation, BankReceipt, BankReturn
from money.bank.states import ReceiptSource
from money.payments.models import Payment
from money.payments.states import PaymentState

BY_REFERENCE, BY_SLIP = "reference", "reference with one slip"


@dataclass(frozen=True)
class Placing:
    """What became of a receipt: the payments that it completed, and the cents that nobody has decided about."""

    paid: tuple[UUID, ...] = ()
    rest_cents: int = 0


def list_named(account_id: UUID) -> list[tuple[UUID, Names]]:
    """List the credits of an account that nothing is decided about and that name payments. Reads what waits once."""
    decided = sa.exists().where(BankAllocation.receipt_id == BankReceipt.id)
    back = sa.exists().where(BankReturn.receipt_id == BankReceipt.id)
    query = sa.select(BankReceipt.id, BankReceipt.remittance).where(
        BankReceipt.account_id == account_id, BankReceipt.source == ReceiptSource.FILE, ~decided, ~back
    )
    rows = session.execute(query.order_by(BankReceipt.id)).all()
    if not rows:
        return []
    index = matching.load_index(session.get_one(BankAccount, account_id).organisation_id)
    found = ((receipt_id, index.find(words)) for receipt_id, words in rows)
    return [(receipt_id, names) for receipt_id, names in found if names.payment_ids]


def place(receipt_id: UUID, names: Names) -> Placing:
    """Use a receipt for the payments that it names, as far as that leaves no doubt under their locks."""
    receipt = session.get_one(BankReceipt, receipt_id)
    lock_one(BankAccount, receipt.account_id)
    rest = allocation.count_unallocated_cents(receipt)
    ledger = allocation.find_ledger(receipt)
    payments = [p for p in lock(Payment, names.payment_ids) if p.state == PaymentState.OPEN and p.ledger_id == ledger]
    wanted = [(payment, allocation.count_missing_cents(payment)) for payment in payments]
    wanted = [(payment, cents) for payment, cents in wanted if cents > 0]
    alone = len(names.payment_ids) == 1 and names.exact
    if not rest or not wanted or not (alone or sum(cents for _payment, cents in wanted) == rest):
        return Placing((), rest)
    note, paid = (BY_REFERENCE if names.exact else BY_SLIP), []
    for payment, cents in wanted:
        used = min(rest, cents)
        rest -= used
        if allocation.allocate(receipt, payment, used, note=note):
            paid.append(payment.id)
    return Placing(tuple(paid), rest)
