"""What the bank takes back: a reversal, a recall, a return, with the reason that it states.

A credit that is taken back is undone with everything that followed: what nobody had decided about stands against the
debit, a payment that still waits loses its part, and what a payment had bought is frozen in the same transaction.
A debit of ours that comes back opens again what it had paid. What fits nothing waits for people. Decision 0207.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.database import lock_one, session
from money.bank import allocation, mail
from money.bank.models import BankAllocation, BankLine, BankReceipt, BankReturn
from money.bank.states import AllocationPlace, Direction
from money.payments import losing, refund_ends
from money.payments.models import Payment, Refund
from money.payments.states import PaymentState

MAX_AGE = timedelta(days=400)
BY_BANK = "taken back by the bank"
TAKEN_BACK = "taken_back"  # why a refund failed that waited for a transfer


def undo(line: BankLine, receipt: BankReceipt | None) -> bool:
    """Undo what a line takes back: a credit, or (the line is the `receipt`'s) a debit. Whether all of it is undone."""
    return _undo_debit(line, receipt) if receipt else _undo_credit(line)


def _undo_credit(line: BankLine) -> bool:
    original = find_original_receipt(line)
    if original is None:
        return False
    take_back(line, original)
    return allocation.count_unexplained_cents(line) == 0


def find_original_receipt(line: BankLine) -> BankReceipt | None:
    """Find the credit that a debit takes back: same account and sum, and what else the two say of each other.

    Of several that say the same, first one that nobody has used.
    """
    taken = sa.select(BankAllocation.receipt_id).where(
        BankAllocation.place == AllocationPlace.REVERSAL, BankAllocation.receipt_id.is_not(None)
    )
    query = sa.select(BankReceipt).where(
        BankReceipt.account_id == line.account_id,
        BankReceipt.cents == line.cents,
        BankReceipt.booked_on.between(line.booked_on - MAX_AGE, line.booked_on),
        BankReceipt.id.not_in(taken),
        BankReceipt.id.not_in(_list_lost()),
    )
    found = [(_likeness(line, receipt), receipt) for receipt in session.scalars(query)]
    best = max((likeness for likeness, _receipt in found), default=0)
    alike = [receipt for likeness, receipt in found if likeness == best and best > 0]
    free = [receipt for receipt in alike if allocation.count_unallocated_cents(receipt) >= line.cents]
    return max(free or alike, key=lambda receipt: receipt.id, default=None)


def _list_lost() -> sa.Select[UUID | None]:
    """The receipts whose payment has lost their money already."""
    lost = sa.select(BankAllocation.payment_id).where(BankAllocation.place == AllocationPlace.TAKEN_BACK)
    return sa.select(BankAllocation.receipt_id).where(
        BankAllocation.payment_id.in_(lost),
        BankAllocation.place == AllocationPlace.PAYMENT,
        BankAllocation.receipt_id.is_not(None),
    )


def _likeness(line: BankLine, receipt: BankReceipt) -> int:
    """How much two lines say the same: the sender's account counts most, a name alone not at all."""
    iban = (line.party_iban or "").replace(" ", "")
    words = " ".join(line.remittance.split())
    same_sender = bool(iban) and iban == (receipt.payer_iban or "")
    same_words = bool(words) and words == " ".join(receipt.remittance.split())
    within = bool(receipt.remittance) and receipt.remittance in line.remittance
    same_reference = bool(line.bank_reference) and line.bank_reference == receipt.bank_reference
    return 4 * same_sender + 3 * same_words + 2 * within + 1 * same_reference


def take_back(line: BankLine, original: BankReceipt, person_ids: tuple[UUID, UUID] | None = None) -> None:
    """Let a debit take back a receipt, as far as it reaches: its rest, what settled, then what payments had.

    `person_ids`: who proposed and who agreed, where people say so.
    """
    by = dict(zip(("placed_by", "approved_by"), person_ids, strict=True)) if person_ids else {}
    payments = _lock_payments(original)
    for owed in session.scalars(
        sa.select(BankReturn).where(BankReturn.receipt_id == original.id, BankReturn.done_at.is_(None))
    ):
        audit.record("bank.return_dropped", "bank_return", owed.id, cents=owed.cents)
        session.delete(owed)  # the bank has sent it back itself
    session.flush()
    for row, payment in payments:
        if payment.state == PaymentState.OPEN:
            allocation.release(row)
    for row in allocation.list_settled(original):
        allocation.release(row)
    left = allocation.count_unexplained_cents(line)
    free = min(left, allocation.count_unallocated_cents(original))
    note = line.reason or BY_BANK
    if free:
        made = BankAllocation(place=AllocationPlace.REVERSAL, cents=free, note=note, **by)
        allocation.add(made, receipt=original, line=line)
    for row, payment in payments:
        cents = min(left - free, row.cents)
        if payment.state != PaymentState.OPEN and cents > 0:
            _lose(line, payment, cents, by)
            free += cents
            _drop_refunds(payment)
    if free:  # what had paid for vouchers of two people stays with them until people say whose loss it is
        audit.record("bank.taken_back", "bank_line", line.id, receipt=str(original.id), cents=free, reason=note)


def _drop_refunds(payment: Payment) -> None:
    """What was still to be sent back to the payer is not sent: the bank has taken that money (decision 0208)."""
    query = sa.select(BankReturn).where(BankReturn.payment_id == payment.id, BankReturn.done_at.is_(None))
    for owed in session.scalars(query).all():
        refund = session.get_one(Refund, owed.refund_id)
        audit.record("bank.return_dropped", "bank_return", owed.id, cents=owed.cents)
        session.delete(owed)
        session.flush()
        refund_ends.fail(payment, refund, TAKEN_BACK)


def _lock_payments(receipt: BankReceipt) -> Sequence[tuple[BankAllocation, Payment]]:
    query = sa.select(BankAllocation.payment_id).where(
        BankAllocation.receipt_id == receipt.id, BankAllocation.place == AllocationPlace.PAYMENT
    )
    payments = [lock_one(Payment, found) for found in sorted({found for found in session.scalars(query) if found})]
    return [
        (row, payment)
        for payment in payments
        for row in allocation.list_standing(payment.id)
        if row.receipt_id == receipt.id
    ]


def _lose(line: BankLine, payment: Payment, cents: int, by: dict[str, UUID]) -> None:
    """The money had paid for something: Dr KZ of the payment, and what is left of that is frozen, the rest claimed."""
    made = BankAllocation(
        place=AllocationPlace.TAKEN_BACK, payment_id=payment.id, cents=cents, note=line.reason or BY_BANK, **by
    )
    allocation.add(made, line=line)
    tender = payment.external_tender
    assert tender is not None
    losing.lose(payment, line.id, losing.split_loss(tender, cents), line.reason or BY_BANK)


def _undo_debit(line: BankLine, receipt: BankReceipt) -> bool:
    """A debit came back: a return is open again, a fee is given back; what nobody had explained is explained now."""
    debit = _find_original_debit(line)
    if debit is not None:
        rows = list(session.scalars(sa.select(BankAllocation).where(BankAllocation.line_id == debit.id)))
        if not rows:
            row = BankAllocation(place=AllocationPlace.REVERSAL, cents=line.cents, note=line.reason or BY_BANK)
            allocation.add(row, receipt=receipt, line=debit)
            return True
        places = {AllocationPlace(row.place) for row in rows}
        if places <= {AllocationPlace.FEE, AllocationPlace.INTEREST} and len(places) == 1:
            row = BankAllocation(place=places.pop(), cents=line.cents, note=line.reason or BY_BANK)
            allocation.add(row, receipt=receipt)
            return True
        sent = next((session.get_one(BankReturn, row.return_id) for row in rows if row.return_id), None)
    else:
        sent = _find_sent(line)
    if sent is None:
        return False
    _reopen(sent, receipt, line)
    return True


def _find_original_debit(line: BankLine) -> BankLine | None:
    undone = sa.select(BankAllocation.line_id).where(
        BankAllocation.place == AllocationPlace.REVERSAL, BankAllocation.line_id.is_not(None)
    )
    reopened = sa.select(BankAllocation.line_id).where(
        BankAllocation.return_id.in_(sa.select(BankReturn.reopens).where(BankReturn.reopens.is_not(None)))
    )
    query = sa.select(BankLine).where(
        BankLine.account_id == line.account_id,
        BankLine.direction == Direction.DEBIT,
        BankLine.cents == line.cents,
        BankLine.moves,
        BankLine.booked_on.between(line.booked_on - MAX_AGE, line.booked_on),
        BankLine.id.not_in(undone),
        BankLine.id.not_in(reopened),
    )
    found = [(_likeness_of_debits(line, debit), debit) for debit in session.scalars(query)]
    alike = [pair for pair in found if pair[0] > 0]
    return max(alike, key=lambda pair: (pair[0], pair[1].id))[1] if alike else None


def _likeness_of_debits(line: BankLine, debit: BankLine) -> int:
    same_receiver = bool(line.party_iban) and line.party_iban == debit.party_iban
    same_words = bool(line.remittance) and debit.remittance in line.remittance and bool(debit.remittance)
    same_id = bool(line.end_to_end_id) and line.end_to_end_id == debit.end_to_end_id
    same_reference = bool(line.bank_reference) and line.bank_reference == debit.bank_reference
    return 4 * same_id + 3 * same_receiver + 2 * same_words + same_reference


def _find_sent(line: BankLine) -> BankReturn | None:
    """A return that a person had recorded, whose debit is in no statement of ours: the only one of this sum."""
    reopened = sa.select(BankReturn.reopens).where(BankReturn.reopens.is_not(None))
    found = list(
        session.scalars(
            sa.select(BankReturn).where(
                BankReturn.account_id == line.account_id,
                BankReturn.cents == line.cents,
                BankReturn.done_at.is_not(None),
                BankReturn.id.not_in(reopened),
            )
        )
    )
    return found[0] if len(found) == 1 else None


def _reopen(sent: BankReturn, receipt: BankReceipt, line: BankLine) -> None:
    """The money is here again and still owed: to be sent once more, to an account that has to be asked for."""
    owed = BankReturn(
        account_id=receipt.account_id,
        account=line.account,
        receipt_id=receipt.id,
        cents=line.cents,
        payer_name=sent.payer_name,
        payer_iban=None,
        remittance=sent.remittance,
        reopens=sent.id,
        came_back=line.reason or BY_BANK,
    )
    session.add(owed)
    session.flush()
    mail.tell_came_back(owed)
    audit.record("bank.return_reopened", "bank_return", sent.id, cents=line.cents, reason=line.reason)
