"""Transfers that are expected: who may pay by transfer, under which reference, to which account, until when."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from money.bank import accounts, girocode, references
from money.bank.models import BankAccount, ExpectedTransfer
from money.law.queries import load_legal_value
from money.payments import errors
from money.payments.models import Tender
from money.payments.payables import AmountDue, Rail

MAX_TRIES = 5


def find_account(due: AmountDue) -> BankAccount | None:
    """Find the account that one transfer for all of it can go to; None when there is none, or more than one issuer."""
    issuers = {share.organisation_id for share in due.shares}
    if due.rail != Rail.ISSUER or len(issuers) != 1:
        return None
    return accounts.find_open_account(issuers.pop())


def expect(tender: Tender) -> ExpectedTransfer:
    """Give the payment its reference and its time. Refuses when the issuer's account has gone meanwhile."""
    payment = tender.payment
    account = accounts.find_open_account(payment.ledger_id)
    if account is None:
        raise errors.method_not_offered()
    expected = ExpectedTransfer(
        payment_id=payment.id, tender_id=tender.id, account_id=account.id, reference=_unused(), account=account
    )
    session.add(expected)
    payment.expires_at = now() + timedelta(days=load_legal_value("payment.transfer_days"))
    session.flush()
    return expected


def find_of_payment(payment_id: UUID) -> ExpectedTransfer | None:
    """Find what the payer of this payment was told, if it is to be paid by transfer."""
    return session.scalar(sa.select(ExpectedTransfer).where(ExpectedTransfer.payment_id == payment_id))


def find_named(text: str) -> list[ExpectedTransfer]:
    """Find the transfers that a payer's words name; more than one is for people to decide."""
    found = references.find_in(text)
    if not found:
        return []
    query = sa.select(ExpectedTransfer).where(ExpectedTransfer.reference.in_(found)).order_by(ExpectedTransfer.id)
    return list(session.scalars(query))


def write_code(expected: ExpectedTransfer, cents: int) -> str:
    """Write what the GiroCode of this transfer says; `girocode.svg` and `girocode.png` draw it."""
    account = expected.account
    return girocode.write_text(
        holder=account.holder, iban=account.iban, bic=account.bic, cents=cents, remittance=expected.reference
    )


def _unused() -> str:
    for _try in range(MAX_TRIES):
        reference = references.create()
        if not session.scalar(sa.select(ExpectedTransfer.id).where(ExpectedTransfer.reference == reference)):
            return reference
    raise LookupError("no unused reference found")
