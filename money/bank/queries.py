"""Questions about the bank: what a person has to decide, what has to be sent back, what was done lately."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TypeVarTuple
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.languages import _
from money.bank import allocation, errors, expected_transfers
from money.bank.models import BankAccount, BankAllocation, BankReceipt, BankReturn, ExpectedTransfer
from money.bank.states import OpenReason, ReceiptSource
from money.payments.models import Payment
from money.payments.states import PaymentState
from people.models import Person

MAX_ROWS = 100
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
        return self.why in (OpenReason.LESS, OpenReason.MORE, OpenReason.UNKNOWN, OpenReason.SEVERAL)

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
    at_once = sa.exists().where(
        BankAllocation.journal_id == BankReceipt.id, BankAllocation.receipt_id == BankReceipt.id
    )
    query = _of(sa.select(BankReceipt, rest), BankReceipt, issuers).where(~at_once, rest > 0)
    rows = session.execute(query.order_by(BankReceipt.booked_on, BankReceipt.id).limit(MAX_ROWS)).all()
    names = _names({receipt.entered_by for receipt, _cents in rows if receipt.source == ReceiptSource.PERSON})
    found = [_judge(receipt, int(cents)) for receipt, cents in rows]
    return [replace(one, typed_by=_typist(one.receipt, names)) for one in found]


def _typist(receipt: BankReceipt, names: dict[UUID, str]) -> str | None:
    if receipt.source != ReceiptSource.PERSON or receipt.entered_by is None:
        return None
    return names.get(receipt.entered_by) or _("unbekannt")


def _names(persons: Collection[UUID | None]) -> dict[UUID, str]:
    rows = session.execute(sa.select(Person.id, Person.name, Person.email).where(Person.id.in_(persons)))
    return {row.id: row.name or row.email for row in rows}


def _judge(receipt: BankReceipt, cents: int) -> OpenReceipt:
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


def _of(query: sa.Select[*Ts], model: type, issuers: Issuers) -> sa.Select[*Ts]:
    query = query.join(BankAccount, BankAccount.id == model.account_id)  # type: ignore[attr-defined]
    return query if issuers is None else query.where(BankAccount.organisation_id.in_(issuers))
