"""What a person types because no statement has come yet: booked at once, and confirmed by the statement's line later.

What a person typed waits for another one: nobody makes value out of words of their own. Decision 0205.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import lock_one, session, uuid7
from money.bank import accounts, errors
from money.bank.models import BankAccount, BankReceipt
from money.bank.postings import BankPosting
from money.bank.stated import MAX_NAME_CHARS, MAX_REFERENCE_CHARS, MAX_REMITTANCE_CHARS
from money.bank.states import ReceiptSource
from money.errors import amount_not_positive
from money.ledger import journal

MAX_RECEIPT_CENTS = 100_000_000_00
MAX_RECEIPT_AGE = timedelta(days=400)
# What else is asked of a credit that a person types: its issuer and its day. The end of days adds that the day is open.
guards: list[Callable[[UUID, date], None]] = []


@dataclass(frozen=True)
class BankCredit:
    """One credit as it stands on paper: cents of euro, `bank_reference` is the bank's own."""

    bank_reference: str
    cents: int
    booked_on: date
    payer_name: str = ""
    payer_iban: str | None = None
    remittance: str = ""


@dataclass(frozen=True)
class ReceiptResult:
    """What became of a credit. `new`: it was not typed before."""

    receipt_id: UUID
    new: bool


def record_receipt(account_id: UUID, credit: BankCredit, entered_by: UUID) -> ReceiptResult:
    """Take over a credit that a person typed, and book it. The same credit again changes nothing.

    Refuses nonsense (`Invalid`), other figures under a bank reference that was typed before (`Refused`), and what
    `guards` refuse, such as a day that is closed.
    """
    _check(credit)
    account = lock_one(BankAccount, account_id)  # receipts of one account one after the other
    known = session.scalars(
        sa.select(BankReceipt).where(
            BankReceipt.account_id == account.id,
            BankReceipt.bank_reference == credit.bank_reference,
            BankReceipt.source == ReceiptSource.PERSON,
        )
    ).one_or_none()
    if known:
        if (known.cents, known.booked_on) != (credit.cents, credit.booked_on):
            raise errors.bank_reference_differs()
        return ReceiptResult(known.id, False)
    for guard in guards:
        guard(account.organisation_id, credit.booked_on)
    receipt = BankReceipt(
        id=uuid7(),
        account_id=account.id,
        account=account,
        bank_reference=credit.bank_reference,
        cents=credit.cents,
        booked_on=credit.booked_on,
        payer_name=credit.payer_name,
        payer_iban=accounts.check_iban(credit.payer_iban, "payer_iban")[0] if credit.payer_iban else None,
        remittance=credit.remittance,
        source=ReceiptSource.PERSON,
        entered_by=entered_by,
    )
    session.add(receipt)
    journal.post(BankPosting.RECEIVED, receipt.id)
    return ReceiptResult(receipt.id, True)


def _check(credit: BankCredit) -> None:
    if not 0 < credit.cents <= MAX_RECEIPT_CENTS:
        raise amount_not_positive("amount")
    if not today() - MAX_RECEIPT_AGE <= credit.booked_on <= today():
        raise errors.receipt_day_wrong()
    if not 1 <= len(credit.bank_reference) <= MAX_REFERENCE_CHARS:
        raise errors.bank_reference_missing()
    if len(credit.payer_name) > MAX_NAME_CHARS or len(credit.remittance) > MAX_REMITTANCE_CHARS:
        raise errors.receipt_text_too_long()
