"""Money that goes back by transfer: nobody but a person can send it, so it is asked for, sent, and then recorded."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import berlin, now, today
from foundation.database import lock_one, session
from foundation.languages import _
from money.bank import accounts, allocation, errors
from money.bank.models import BankAccount, BankReturn, ExpectedTransfer
from money.bank.postings import BankPosting
from money.ledger import journal
from money.payments import refunding
from money.payments.models import Payment, Refund, Tender
from money.payments.payables import Rail

MAX_REFERENCE_CHARS = 140
MAX_NAME_CHARS = 70  # of SEPA


def request_refund(tender: Tender, cents: int, key: str) -> None:
    """A refund of a payment by transfer: write down to whom it goes. `key` is the refund's."""
    refund = session.scalars(sa.select(Refund).where(Refund.key == key)).one()
    expected = session.scalars(sa.select(ExpectedTransfer).where(ExpectedTransfer.tender_id == tender.id)).one()
    payers = allocation.list_receipts(tender.payment_id)
    account = payers[0][0].account if payers else expected.account
    session.add(
        BankReturn(
            account_id=account.id,
            account=account,
            refund_id=refund.id,
            payment_id=tender.payment_id,
            cents=cents,
            payer_name=payers[0][0].payer_name if payers else "",
            payer_iban=next((receipt.payer_iban for receipt, _p in payers if receipt.payer_iban), None),
            remittance=_("Erstattung %(reference)s", reference=expected.reference),
        )
    )
    session.flush()


def send_instead(payee_name: str, payee_iban: str, *, asked_by: UUID) -> refunding.Sends:
    """Plan a refund as a transfer to an account that the payer named, when the way that they had paid is closed.

    `asked_by`: who noted the account; another person sends the money. Refuses a wrong IBAN, an empty name, and money
    that is not one issuer's.
    """
    name, (iban, _bic, _bank) = " ".join(payee_name.split())[:MAX_NAME_CHARS], accounts.check_iban(payee_iban)
    if not name:
        raise errors.payee_missing()

    def plan(tender: Tender, cents: int, key: str) -> None:
        payment = tender.payment
        refund = session.scalars(sa.select(Refund).where(Refund.key == key)).one()
        issuers = {share.organisation_id for share in payment.shares if str(share.ref_id) in refund.split}
        account = accounts.find_open_account(issuers.pop()) if len(issuers) == 1 else None
        if payment.rail != Rail.ISSUER or account is None:
            raise errors.other_issuer()
        session.add(
            BankReturn(
                account_id=account.id,
                account=account,
                refund_id=refund.id,
                payment_id=payment.id,
                cents=cents,
                payer_name=name,
                payer_iban=iban,
                remittance=_("Erstattung %(reference)s", reference=payment.title)[:MAX_REFERENCE_CHARS],
                asked_by=asked_by,
            )
        )
        session.flush()

    return plan


def record_return(return_id: UUID, *, person_id: UUID, done_on: date, bank_reference: str = "") -> bool:
    """Book that a person has sent the money, and close the refund. False when it was recorded before.

    The bank account moves when the bank's debit comes. Refuses a day before the return was asked for or in the future,
    and the person who asked for it (`asked_yourself`): two people see every sum that leaves.
    """
    owed = session.get(BankReturn, return_id)
    if owed is None:
        raise errors.return_unknown()
    lock_one(BankAccount, owed.account_id)
    if owed.done_at is None and owed.asked_by == person_id:
        raise errors.asked_yourself()
    if owed.done_at is None and not berlin(owed.created_at).date() <= done_on <= today():
        raise errors.return_day_wrong()
    if len(bank_reference) > MAX_REFERENCE_CHARS:
        raise errors.bank_reference_too_long()
    return record_sent(return_id, done_on=done_on, bank_reference=bank_reference.strip(), done_by=person_id)


def record_sent(return_id: UUID, *, done_on: date, bank_reference: str, done_by: UUID | None = None) -> bool:
    """Book that money was sent, as a person or the bank's debit says; the account is locked. False when known."""
    found = session.get_one(BankReturn, return_id)
    payment = lock_one(Payment, found.payment_id) if found.payment_id else None
    owed = lock_one(BankReturn, return_id)
    if owed.done_at:
        return False
    owed.done_at, owed.done_on, owed.done_by = now(), done_on, done_by
    owed.bank_reference = bank_reference or None
    journal.post(BankPosting.RETURNED, owed.id)
    if payment and owed.refund_id:
        refunding.record_success(payment, session.get_one(Refund, owed.refund_id, populate_existing=True))
        session.flush()
    audit.record("bank.returned", "bank_return", owed.id, cents=owed.cents)
    return True
