"""Issuers with a bank account, things to pay by transfer, and credits as the bank would state them."""

import re
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session, transact, uuid7
from money.bank import accounts, allocation, expected_transfers, importing, lines, receiving
from money.bank.models import BankLine, BankReceipt
from money.bank.receiving import BankCredit, ReceiptResult
from money.bank.stated import BankStatement, StatedBalance, StatedLine
from money.bank.states import AccountPurpose, Direction
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


def account_of(
    organisation_id: UUID, holder: str = "Münsterland e.V.", purpose: AccountPurpose = AccountPurpose.TRUST
) -> UUID:
    """A trust account of an issuer, or its operating one, committed."""
    return transact(accounts.record_account, organisation_id, iban=iban(), holder=holder, purpose=purpose)


def by_transfer(*cents: int, key: str | None = None) -> UUID:
    """A payment that waits for a transfer to its issuer's fresh account."""
    ref = thing(*cents)
    account_of(THINGS.known[ref].ledger_id)
    return opened(ref, TenderRequest("transfer", sum(cents)), key=key)


def own_funds(ledger_id: UUID, cents: int, account_id: UUID | None = None) -> UUID:
    """The issuer's own money comes to its trust account, as the bank states and a person says; gives the account."""
    account = account_id or account_of(ledger_id)
    receipt = received(account, line(cents, "Polster"))
    transact(allocation.reclassify, receipt, "own", person_id=uuid7(), note="Polster")
    return account


def income(issuer_id: UUID, cents: int, words: str = "Verkauf am Stand") -> UUID:
    """Money that came to the issuer's trust account and that nobody has decided about: its receipt, committed."""
    account = accounts.find_open_account(issuer_id)
    session.commit()
    return received(account.id if account else account_of(issuer_id), line(cents, words))


def waits_for(ledger_id: UUID, cents: int) -> UUID:
    """A payment of its own that waits for a transfer to this issuer, which has an account."""
    ref = thing(cents)
    due = THINGS.known[ref]
    mine = tuple(replace(share, organisation_id=ledger_id) for share in due.shares)
    THINGS.known[ref] = replace(due, ledger_id=ledger_id, shares=mine)
    return opened(ref, TenderRequest("transfer", cents))


def expected(payment_id: UUID) -> tuple[UUID, str]:
    """(account, reference) of a payment by transfer."""
    found = expected_transfers.find_of_payment(payment_id)
    assert found is not None
    session.commit()
    return found.account_id, found.reference


def credit(cents: int, remittance: str = "", *, name: str = "Paula Payer", reference: str | None = None) -> BankCredit:
    """A credit of today under a fresh reference of the bank."""
    return BankCredit(reference or f"BANK{uuid4().hex[:12]}", cents, today(), name, PAYER_IBAN, remittance)


@dataclass(frozen=True)
class Came:
    """What became of a line: its receipt, and the payment that it completed."""

    receipt_id: UUID
    payment_id: UUID | None = None


def last_balance(account_id: UUID) -> int:
    """Where the account's last statement ended; before the first, what people typed."""
    last = lines.find_latest(account_id)
    typed = sa.select(sa.func.coalesce(sa.func.sum(BankReceipt.cents), 0)).where(BankReceipt.account_id == account_id)
    found = last.closing_cents if last else session.scalar(typed)
    session.commit()
    return int(found or 0)


def stated(account_id: UUID, *said: StatedLine) -> BankStatement:
    """The next statement of an account, with these lines."""
    opening = last_balance(account_id)
    made = BankStatement(accounts.load_account(account_id).iban, number=uuid4().hex[:12], lines=list(said))
    made.opening = StatedBalance(opening, today())
    made.closing = StatedBalance(opening + sum(each.signed_cents for each in said), today())
    session.commit()
    return made


def line(cents: int, remittance: str = "", *, position: int = 1, **more: object) -> StatedLine:
    """A line of today: a credit of the usual payer, or (`cents` negative) a debit."""
    side = Direction.CREDIT if cents > 0 else Direction.DEBIT
    usual: dict[str, object] = {"party_name": "Paula Payer", "party_iban": PAYER_IBAN, "booked_on": today()}
    return StatedLine(position, side, abs(cents), remittance=remittance, **(usual | more))  # type: ignore[arg-type]


def states(account_id: UUID, *said: StatedLine) -> importing.StatementReport:
    """The bank states these lines in the account's next statement, and we take it over."""
    return importing.take([(account_id, stated(account_id, *said))])


def received(account_id: UUID, said: StatedLine) -> UUID:
    """The bank states this one credit; its receipt."""
    states(account_id, said)
    query = sa.select(BankLine.receipt_id).where(BankLine.account_id == account_id, BankLine.position > 0)
    found = session.scalars(query.order_by(BankLine.id.desc()).limit(1)).one()
    session.commit()
    assert found
    return found


def came(payment_id: UUID, cents: int, remittance: str | None = None, reference: str = "NONREF") -> Came:
    """Money arrives on the payment's account, with its reference when nothing else is said."""
    account, own = expected(payment_id)
    words = own if remittance is None else remittance
    before = payment(payment_id).state
    receipt_id = received(account, line(cents, words, bank_reference=reference))
    paid = before == "open" and payment(payment_id).state == "secured"
    session.commit()
    return Came(receipt_id, payment_id if paid else None)


def typed(payment_id: UUID, cents: int, by: UUID, remittance: str | None = None) -> ReceiptResult:
    """A person types the same by hand, without a file of the bank. Committed."""
    account, own = expected(payment_id)
    wanted = credit(cents, own if remittance is None else remittance)
    return transact(receiving.record_receipt, account, wanted, by)


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
    opening: int | None = None,
) -> bytes:
    """A statement as a bank would send it: it begins where the account's last one ended, unless said otherwise."""
    outer, inner = ("BkToCstmrStmt", "Stmt") if kind == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    account = accounts.find_by_iban(account_iban)
    opening = opening if opening is not None else last_balance(account.id) if account else 0
    session.commit()
    closing = opening + sum(_signed(entry) for entry in entries)
    balances = "".join(_balance(code, cents) for code, cents in (("OPBD", opening), ("CLBD", closing)))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{namespace}"><{outer}><GrpHdr/>'
        f"<{inner}><Id>{uuid4().hex[:12]}</Id><Acct><Id><IBAN>{account_iban}</IBAN></Id></Acct>"
        f"{balances if kind == '053' else ''}{''.join(entries)}</{inner}></{outer}></Document>"
    ).encode()


def _signed(entry: str) -> int:
    """What an entry changes the balance by: nothing while it is not booked, or has no amount in euro."""
    amount = re.search(r'<Ntry><Amt Ccy="EUR">([0-9]+)(?:\.([0-9]{1,2})0*)?</Amt>', entry)
    if amount is None or "BOOK" not in entry:
        return 0
    cents = int(amount[1]) * 100 + int((amount[2] or "").ljust(2, "0"))
    return -cents if "<CdtDbtInd>DBIT" in entry else cents


def _balance(code: str, cents: int) -> str:
    side = "DBIT" if cents < 0 else "CRDT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{abs(cents) // 100}.{abs(cents) % 100:02}'
        f"</Amt><CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{today().isoformat()}</Dt></Dt></Bal>"
    )


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
