"""Questions about the bank: what a person has to decide, what has to be sent back, what was done lately."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVarTuple
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session
from foundation.languages import _
from money.bank import allocation, clearing, confirming, errors, expected_transfers, reversing
from money.bank.lines import OPENING_CODE
from money.bank.models import (
    AccountStatement,
    BankAccount,
    BankAllocation,
    BankLine,
    BankReceipt,
    BankReturn,
    DebitProposal,
    ExpectedTransfer,
)
from money.bank.states import AccountPurpose, Direction, OpenReason, ReceiptSource
from money.ledger import balances
from money.payments.models import Payment
from money.payments.states import PaymentState
from people.models import Organisation, Person

MAX_ROWS = 100
LEDGER_ACCOUNTS = {AccountPurpose.TRUST: "TB", AccountPurpose.OPERATING: "OB"}
Issuers = Collection[UUID] | None  # None: all of them
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True)
class OpenReceipt:
    """A receipt whose rest waits for a decision. `why` says what speaks against doing it by itself.

    `typed_by` is who typed it by hand: another person must decide.
    """

    receipt: BankReceipt
    rest_cents: int
    why: OpenReason
    expected: ExpectedTransfer | None = None
    payment: Payment | None = None
    missing_cents: int = 0
    typed_by: str | None = None

    @property
    def needs_care(self) -> bool:
        """Whether something is wrong with the amount or with the payer's words."""
        fine = (OpenReason.EXACT, OpenReason.LATE, OpenReason.AGAIN, OpenReason.OTHER_ACCOUNT, OpenReason.OPENING)
        return self.why not in fine

    @property
    def is_enough_though_late(self) -> bool:
        """Whether it would pay its payment in full, had that not ended."""
        return self.why == OpenReason.LATE and self.payment is not None and self.rest_cents >= self.payment.cents

    def is_barred_for(self, person_id: UUID) -> bool:
        """Whether this person typed it, and so decides nothing about it."""
        return allocation.is_typed_by(self.receipt, person_id)


def list_open_receipts(issuers: Issuers) -> list[OpenReceipt]:
    """List what waits for a decision, the oldest first."""
    put = (
        sa.select(
            sa.func.sum(sa.case((BankAllocation.undoes.is_(None), BankAllocation.cents), else_=-BankAllocation.cents))
        )
        .where(BankAllocation.receipt_id == BankReceipt.id)
        .scalar_subquery()
    )
    back = sa.select(sa.func.sum(BankReturn.cents)).where(BankReturn.receipt_id == BankReceipt.id).scalar_subquery()
    rest = BankReceipt.cents - sa.func.coalesce(put, 0) - sa.func.coalesce(back, 0)
    query = _of(sa.select(BankReceipt, rest), BankReceipt, issuers).where(rest > 0)
    rows = session.execute(query.order_by(BankReceipt.booked_on, BankReceipt.id).limit(MAX_ROWS)).all()
    names = _names({receipt.entered_by for receipt, _cents in rows if receipt.source == ReceiptSource.PERSON})
    by_receipt = {line.receipt_id: line for line in _list_lines({receipt.id for receipt, _cents in rows})}
    found = [_judge(receipt, int(cents), by_receipt.get(receipt.id)) for receipt, cents in rows]
    return [replace(one, typed_by=_typist(one.receipt, names)) for one in found]


def list_for_value(issuers: Issuers) -> list[OpenReceipt]:
    """List what vouchers can be issued against: open receipts on trust accounts, the oldest first."""
    return [one for one in list_open_receipts(issuers) if one.receipt.account.is_trust]


def find_for_value(named: str, issuer_id: UUID) -> BankReceipt:
    """Find an open receipt on the issuer's trust account by its id or its bank reference. Refuses none and several."""
    found = [
        one.receipt
        for one in list_for_value({issuer_id})
        if named.strip() in {str(one.receipt.id), one.receipt.bank_reference}
    ]
    if len(found) != 1:
        raise errors.receipt_ambiguous()
    return found[0]


def _list_lines(receipt_ids: set[UUID]) -> list[BankLine]:
    return list(session.scalars(sa.select(BankLine).where(BankLine.receipt_id.in_(receipt_ids))))


@dataclass(frozen=True)
class OpenDebit:
    """A debit of which people have to say what it was: what it may be, and what one person has proposed."""

    line: BankLine
    rest_cents: int
    owed: BankReturn | None = None
    original: BankReceipt | None = None
    proposal: DebitProposal | None = None
    proposer: str = ""

    @property
    def takes_back(self) -> bool:
        """Whether the bank says that it takes back a credit."""
        return self.line.is_reversal or bool(self.line.reason)


def list_open_debits(issuers: Issuers) -> list[OpenDebit]:
    """List the debits that nobody has explained whole, the oldest first, each with what it may be."""
    said = sa.select(sa.func.sum(BankAllocation.cents)).where(BankAllocation.line_id == BankLine.id).scalar_subquery()
    rest = BankLine.cents - sa.func.coalesce(said, 0)
    query = _of(sa.select(BankLine, rest), BankLine, issuers).where(
        BankLine.moves, BankLine.direction == Direction.DEBIT, rest > 0
    )
    rows = session.execute(query.order_by(BankLine.booked_on, BankLine.id).limit(MAX_ROWS)).all()
    waiting = sa.select(DebitProposal).where(
        DebitProposal.line_id.in_([line.id for line, _cents in rows]), DebitProposal.decided_at.is_(None)
    )
    proposals = {proposal.line_id: proposal for proposal in session.scalars(waiting)}
    names = _names({proposal.proposed_by for proposal in proposals.values()})
    return [_guess(line, int(cents), proposals.get(line.id), names) for line, cents in rows]


def _guess(line: BankLine, cents: int, proposal: DebitProposal | None, names: dict[UUID, str]) -> OpenDebit:
    who = names.get(proposal.proposed_by, _("unbekannt")) if proposal else ""
    return OpenDebit(
        line, cents, clearing.find_return(line), reversing.find_original_receipt(line), proposal=proposal, proposer=who
    )


def _typist(receipt: BankReceipt, names: dict[UUID, str]) -> str | None:
    if receipt.source != ReceiptSource.PERSON or receipt.entered_by is None:
        return None
    return names.get(receipt.entered_by) or _("unbekannt")


def _names(persons: Collection[UUID | None]) -> dict[UUID, str]:
    rows = session.execute(sa.select(Person.id, Person.name, Person.email).where(Person.id.in_(persons)))
    return {row.id: row.name or row.email for row in rows}


def _judge(receipt: BankReceipt, cents: int, line: BankLine | None) -> OpenReceipt:
    if line is not None and line.code == OPENING_CODE:
        return OpenReceipt(receipt, cents, OpenReason.OPENING)
    if line is not None and (line.is_reversal or line.reason):
        return OpenReceipt(receipt, cents, OpenReason.CAME_BACK)
    if line is not None and line.batch:
        return OpenReceipt(receipt, cents, OpenReason.COLLECTIVE)
    named = expected_transfers.find_named(receipt.remittance)
    if len(named) != 1:
        return OpenReceipt(receipt, cents, OpenReason.SEVERAL if named else OpenReason.UNKNOWN)
    payment = session.get_one(Payment, named[0].payment_id)
    if named[0].account.organisation_id != receipt.account.organisation_id:
        return OpenReceipt(receipt, cents, OpenReason.OTHER_ACCOUNT, named[0], payment)
    missing = allocation.count_missing_cents(payment)
    if payment.state == PaymentState.FAILED:
        return OpenReceipt(receipt, cents, OpenReason.LATE, named[0], payment)
    if not missing:
        return OpenReceipt(receipt, cents, OpenReason.AGAIN, named[0], payment)
    why = OpenReason.EXACT if cents == missing else OpenReason.LESS if cents < missing else OpenReason.MORE
    return OpenReceipt(receipt, cents, why, named[0], payment, missing)


def list_open_returns(issuers: Issuers) -> list[BankReturn]:
    """List what a person has to send back, the oldest first."""
    query = _of(sa.select(BankReturn), BankReturn, issuers).where(BankReturn.done_at.is_(None))
    return list(session.scalars(query.order_by(BankReturn.created_at).limit(MAX_ROWS)))


def list_latest_receipts(issuers: Issuers, maximum: int = 20) -> list[BankReceipt]:
    """List the newest receipts of these issuers, whatever became of them."""
    return list(
        session.scalars(
            _of(sa.select(BankReceipt), BankReceipt, issuers).order_by(BankReceipt.id.desc()).limit(maximum)
        )
    )


@dataclass(frozen=True)
class BankBalance:
    """What an issuer has at its bank, as the last statements say, and as the books do; in cents."""

    issuer: str
    purpose: AccountPurpose
    closing_on: date
    bank_cents: int
    books_cents: int

    @property
    def difference_cents(self) -> int:
        """What the bank has beyond the books: not 0 where a bank account was booked without a line of the bank."""
        return self.bank_cents - self.books_cents

    @property
    def is_trust(self) -> bool:
        """Whether it is the pool that vouchers are owed out of."""
        return self.purpose == AccountPurpose.TRUST


def list_balances(issuers: Issuers) -> list[BankBalance]:
    """List bank against books by issuer and kind of account, as far as daily statements came."""
    query = _of(sa.select(AccountStatement), AccountStatement, issuers).add_columns(BankAccount, Organisation.name)
    followed = sa.select(AccountStatement.follows).where(AccountStatement.follows.is_not(None))
    query = query.join(Organisation, Organisation.id == BankAccount.organisation_id).where(
        AccountStatement.moves, AccountStatement.closing_cents.is_not(None), AccountStatement.id.not_in(followed)
    )
    found: dict[tuple[UUID, str, str], list[AccountStatement]] = {}
    for statement, account, name in session.execute(query):
        found.setdefault((account.organisation_id, name, account.purpose), []).append(statement)
    return [
        BankBalance(
            issuer=name,
            purpose=AccountPurpose(purpose),
            closing_on=max(statement.closing_on for statement in latest if statement.closing_on),
            bank_cents=sum(statement.closing_cents or 0 for statement in latest),
            books_cents=balances.load_balance(ledger, LEDGER_ACCOUNTS[AccountPurpose(purpose)]),
        )
        for (ledger, name, purpose), latest in sorted(found.items(), key=lambda pair: (pair[0][1], pair[0][2]))
    ]


@dataclass(frozen=True)
class UnconfirmedReceipt:
    """What a person typed and no line of the bank has confirmed in time. `is_used`: something is decided about it."""

    receipt: BankReceipt
    typed_by: str
    is_used: bool


def list_unconfirmed(issuers: Issuers) -> list[UnconfirmedReceipt]:
    """List what was typed more than five days ago and stands in no statement, the oldest first."""
    query = _of(confirming.select_unconfirmed(), BankReceipt, issuers)
    rows = session.scalars(query.where(BankReceipt.booked_on < today() - confirming.MAX_WAIT).limit(MAX_ROWS)).all()
    names = _names({receipt.entered_by for receipt in rows})
    return [
        UnconfirmedReceipt(
            receipt,
            names.get(receipt.entered_by, _("unbekannt")) if receipt.entered_by else _("unbekannt"),
            allocation.count_unallocated_cents(receipt) < receipt.cents,
        )
        for receipt in rows
    ]


def load_receipt(receipt_id: UUID, issuers: Issuers) -> BankReceipt:
    """Load one receipt. Refuses with `NotFound` what is not theirs."""
    found: BankReceipt | None = session.get(BankReceipt, receipt_id)
    if found is None or (issuers is not None and found.account.organisation_id not in issuers):
        raise errors.receipt_unknown()
    return found


def load_return(return_id: UUID, issuers: Issuers) -> BankReturn:
    """Load one return. Refuses with `NotFound` what is not theirs."""
    found: BankReturn | None = session.get(BankReturn, return_id)
    if found is None or (issuers is not None and found.account.organisation_id not in issuers):
        raise errors.return_unknown()
    return found


def load_debit(line_id: UUID, issuers: Issuers) -> BankLine:
    """Load one line. Refuses with `NotFound` what is not theirs."""
    found: BankLine | None = session.get(BankLine, line_id)
    if found is None or (issuers is not None and found.account.organisation_id not in issuers):
        raise errors.line_unknown()
    return found


def load_debit_proposal(proposal_id: UUID, issuers: Issuers) -> DebitProposal:
    """Load one proposal. Refuses with `NotFound` what is not theirs."""
    found: DebitProposal | None = session.get(DebitProposal, proposal_id)
    if found is None or (issuers is not None and found.line.account.organisation_id not in issuers):
        raise errors.proposal_unknown()
    return found


def _of(query: sa.Select[*Ts], model: type, issuers: Issuers) -> sa.Select[*Ts]:
    query = query.join(BankAccount, BankAccount.id == model.account_id)  # type: ignore[attr-defined]
    return query if issuers is None else query.where(BankAccount.organisation_id.in_(issuers))
