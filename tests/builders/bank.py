"""Issuers with a bank account, things to pay by transfer, and credits as the bank would state them."""

from uuid import UUID, uuid4

from foundation.clock import today
from foundation.database import session, transact
from money.bank import accounts, expected_transfers, receiving
from money.bank.models import BankReceipt
from money.bank.receiving import BankCredit, ReceiptResult
from money.payments.models import Payment
from money.payments.tendering import TenderRequest
from tests.builders.payments import THINGS, opened, thing

PAYER_IBAN = "DE89370400440532013000"
BANK_CODE = "40154530"


def iban() -> str:
    """A fresh German IBAN with right check digits."""
    body = f"{BANK_CODE}{uuid4().int % 10**10:010d}"
    check = 98 - int(f"{body}131400") % 97
    return f"DE{check:02d}{body}"


def account_of(organisation_id: UUID, holder: str = "Münsterland e.V.") -> UUID:
    """A trust account of an issuer, committed."""
    return transact(accounts.record_account, organisation_id, iban=iban(), holder=holder)


def by_transfer(*cents: int, key: str | None = None) -> UUID:
    """A payment that waits for a transfer to its issuer's fresh account."""
    ref = thing(*cents)
    account_of(THINGS.known[ref].ledger_id)
    return opened(ref, TenderRequest("transfer", sum(cents)), key=key)


def expected(payment_id: UUID) -> tuple[UUID, str]:
    """(account, reference) of a payment by transfer."""
    found = expected_transfers.find_of_payment(payment_id)
    assert found is not None
    session.commit()
    return found.account_id, found.reference


def credit(cents: int, remittance: str = "", *, name: str = "Paula Payer", reference: str | None = None) -> BankCredit:
    """A credit of today under a fresh reference of the bank."""
    return BankCredit(reference or f"BANK{uuid4().hex[:12]}", cents, today(), name, PAYER_IBAN, remittance)


def came(payment_id: UUID, cents: int, remittance: str | None = None, reference: str | None = None) -> ReceiptResult:
    """Money arrives on the payment's account, with its reference when nothing else is said. Committed."""
    account, own = expected(payment_id)
    wanted = credit(cents, own if remittance is None else remittance, reference=reference)
    return transact(receiving.record_receipt, account, wanted, source="file")


def typed(payment_id: UUID, cents: int, by: UUID, remittance: str | None = None) -> ReceiptResult:
    """A person types the same by hand, without a file of the bank. Committed."""
    account, own = expected(payment_id)
    wanted = credit(cents, own if remittance is None else remittance)
    return transact(receiving.record_receipt, account, wanted, source="person", entered_by=by)


def receipt(receipt_id: UUID) -> BankReceipt:
    """The row."""
    return session.get_one(BankReceipt, receipt_id)


def payment(payment_id: UUID) -> Payment:
    """The row as it is now."""
    return session.get_one(Payment, payment_id, populate_existing=True)


def camt(
    account_iban: str,
    *entries: str,
    kind: str = "053",
    namespace: str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08",
) -> bytes:
    """A statement as a bank would send it."""
    outer, inner = ("BkToCstmrStmt", "Stmt") if kind == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{namespace}"><{outer}><GrpHdr/>'
        f"<{inner}><Id>1</Id><Acct><Id><IBAN>{account_iban}</IBAN></Id></Acct>{''.join(entries)}"
        f"</{inner}></{outer}></Document>"
    ).encode()


def entry(
    amount: str,
    remittance: str,
    *,
    reference: str | None = None,
    way: str = "CRDT",
    status: str = "<Sts><Cd>BOOK</Cd></Sts>",
    currency: str = "EUR",
    day: str | None = None,
) -> str:
    """One entry of it, with one transaction inside."""
    own = f"BANK{uuid4().hex[:12]}" if reference is None else reference
    lines = "".join(f"<Ustrd>{line}</Ustrd>" for line in remittance.split("\n"))
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{status}'
        f"<BookgDt><Dt>{day or today().isoformat()}</Dt></BookgDt><AcctSvcrRef>{own}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Paula Payer</Nm>"
        f"</Pty></Dbtr><DbtrAcct><Id><IBAN>{PAYER_IBAN}</IBAN></Id></DbtrAcct></RltdPties>"
        f"<RmtInf>{lines}</RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def iban_of(payment_id: UUID) -> str:
    """The IBAN that a payment's transfer goes to."""
    found = accounts.load_account(expected(payment_id)[0]).iban
    session.commit()
    return found
