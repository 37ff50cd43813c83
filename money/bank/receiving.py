"""What the bank says has come: taken once under the bank's own reference, booked, and matched when there is no doubt.

Only a line of the bank's file that names one open payment and is exactly its sum is matched by itself. All else waits
for a person, and what a person typed waits for another one: nobody makes value out of words of their own.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import lock_one, session, uuid7
from foundation.errors import Invalid
from money.bank import accounts, allocation, errors, expected_transfers
from money.bank.models import BankAccount, BankReceipt
from money.bank.postings import BankPosting
from money.bank.states import ReceiptSource
from money.errors import amount_not_positive
from money.ledger import journal
from money.payments.models import Payment
from money.payments.states import PaymentState

MAX_RECEIPT_CENTS = 100_000_000_00
MAX_RECEIPT_AGE = timedelta(days=400)
MAX_REFERENCE_CHARS, MAX_NAME_CHARS, MAX_REMITTANCE_CHARS = 140, 140, 2000


@dataclass(frozen=True)
class BankCredit:
    """One credit as the bank states it: cents of euro, `bank_reference` is the bank's own and names it for ever."""

    bank_reference: str
    cents: int
    booked_on: date
    payer_name: str = ""
    payer_iban: str | None = None
    remittance: str = ""


@dataclass(frozen=True)
class ReceiptResult:
    """What became of a credit. `new`: it was not known before. `payment_id`: the payment that it completed."""

    receipt_id: UUID
    new: bool
    payment_id: UUID | None = None


def record_receipt(
    account_id: UUID, credit: BankCredit, *, source: ReceiptSource, entered_by: UUID | None = None
) -> ReceiptResult:
    """Take a credit over: book it, and, if the bank's file says so, decide the payment that it pays exactly.

    The same credit again changes nothing. `source` is `file`, or `person`, who is then `entered_by`.
    Refuses nonsense (`Invalid`), and other figures under a bank reference that is known (`Refused`).
    """
    _check(credit)
    if source == ReceiptSource.PERSON and entered_by is None:
        raise ValueError("who typed a receipt must be known: another person decides about it")
    account = lock_one(BankAccount, account_id)  # receipts of one account one after the other
    known = session.scalars(
        sa.select(BankReceipt).where(
            BankReceipt.account_id == account.id, BankReceipt.bank_reference == credit.bank_reference
        )
    ).one_or_none()
    if known:
        if (known.cents, known.booked_on) != (credit.cents, credit.booked_on):
            raise errors.bank_reference_differs()
        return ReceiptResult(known.id, False)
    receipt = _write_receipt(account, credit, source, entered_by)
    payment = None if source == ReceiptSource.PERSON else _paid_exactly(receipt)
    if payment:
        allocation.allocate(receipt, payment, receipt.cents, journal_id=receipt.id)
    else:
        journal.post(BankPosting.RECEIVED, receipt.id)
    return ReceiptResult(receipt.id, True, payment.id if payment else None)


def _check(credit: BankCredit) -> None:
    if not 0 < credit.cents <= MAX_RECEIPT_CENTS:
        raise amount_not_positive("amount")
    if not today() - MAX_RECEIPT_AGE <= credit.booked_on <= today():
        raise errors.receipt_day_wrong()
    if not 1 <= len(credit.bank_reference) <= MAX_REFERENCE_CHARS:
        raise errors.bank_reference_missing()
    if len(credit.payer_name) > MAX_NAME_CHARS or len(credit.remittance) > MAX_REMITTANCE_CHARS:
        raise errors.receipt_text_too_long()


def _write_receipt(
    account: BankAccount, credit: BankCredit, source: ReceiptSource, entered_by: UUID | None
) -> BankReceipt:
    receipt = BankReceipt(
        id=uuid7(),
        account_id=account.id,
        account=account,
        bank_reference=credit.bank_reference,
        cents=credit.cents,
        booked_on=credit.booked_on,
        payer_name=credit.payer_name,
        payer_iban=_payer(credit, source),
        remittance=credit.remittance,
        source=source,
        entered_by=entered_by,
    )
    session.add(receipt)
    session.flush()
    return receipt


def _paid_exactly(receipt: BankReceipt) -> Payment | None:
    named = expected_transfers.find_named(receipt.remittance)
    if len(named) != 1 or named[0].account.organisation_id != receipt.account.organisation_id:
        return None
    payment = lock_one(Payment, named[0].payment_id)
    exact = payment.state == PaymentState.OPEN and allocation.count_missing_cents(payment) == receipt.cents
    return payment if exact else None


def _payer(credit: BankCredit, source: ReceiptSource) -> str | None:
    """Where money could be sent back. What a bank states counts only if it is an IBAN: the money has come anyway."""
    try:
        return accounts.check_iban(credit.payer_iban, "payer_iban")[0] if credit.payer_iban else None
    except Invalid:
        if source == ReceiptSource.FILE:
            return None
        raise
