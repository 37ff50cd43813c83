"""What one issuer pays another for its vouchers: decided by two people, sent by one bank, credited by another.

The debtor's side is a return like any other: a person sends it, and the debit carries it out. The creditor's credit is
placed on the settlement, by itself where sum and words (or the sender's account) say so. Decision 0214.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from foundation.database import lock_one, session
from money.bank import accounts, allocation, errors
from money.bank.models import BankAccount, BankAllocation, BankLine, BankReceipt, BankReturn
from money.bank.references import squeeze
from money.bank.states import AllocationPlace

BY_SETTLEMENT = "settlement"


@dataclass(frozen=True)
class SettlementTransfer:
    """Where a settlement's money is: sent on a day, and what of it the other bank has credited, in cents."""

    sent_on: date | None
    arrived_cents: int
    cents: int

    @property
    def has_arrived(self) -> bool:
        return self.arrived_cents == self.cents


def check_accounts(debtor_id: UUID, creditor_id: UUID) -> tuple[BankAccount, BankAccount]:
    """Find the trust accounts that a settlement goes from and to. Refuses where one of them is not recorded."""
    payer, payee = accounts.find_open_account(debtor_id), accounts.find_open_account(creditor_id)
    if payer is None or payee is None:
        raise errors.no_trust_account()
    return payer, payee


def plan(
    settlement_id: UUID, cents: int, *, between: tuple[BankAccount, BankAccount], reference: str, asked_by: UUID
) -> None:
    """Note that this sum shall be sent from the one account to the other. `asked_by` does not send it."""
    payer, payee = between
    owed = BankReturn(
        account_id=payer.id,
        account=payer,
        settlement_id=settlement_id,
        payee_id=payee.id,
        payee=payee,
        cents=cents,
        payer_name=payee.holder,
        payer_iban=payee.iban,
        remittance=reference,
        asked_by=asked_by,
    )
    session.add(owed)
    session.flush()


def clear(line: BankLine, receipt: BankReceipt) -> bool:
    """Place a credit on the settlement that it carries out, if that leaves no doubt. The account is locked."""
    found = [owed for owed in _list_coming(line.account_id) if owed.cents == line.cents]
    words, iban = squeeze(line.remittance), (line.party_iban or "").replace(" ", "")
    named = [owed for owed in found if words and squeeze(owed.remittance) in words]
    sent = [owed for owed in found if iban and owed.account.iban == iban]
    both = [owed for owed in named if owed in sent]
    owed = next((one[0] for one in (both, named, sent) if len(one) == 1), None)
    if owed is None:
        return False
    lock_one(BankReturn, owed.id)
    if count_missing_cents(owed) != line.cents:
        return False
    _place(receipt, owed, line.cents)
    return True


def allocate(receipt_id: UUID, settlement_id: UUID, *, person_id: UUID) -> int:
    """Use a receipt for the settlement that a person names: gives back the cents, at most what has not arrived.

    Refuses another issuer's settlement, a receipt that is not on the trust account, and who typed the receipt.
    """
    receipt = allocation.lock_receipt(receipt_id, person_id)
    found = session.scalar(sa.select(BankReturn).where(BankReturn.settlement_id == settlement_id))
    if found is None or found.payee.organisation_id != allocation.find_ledger(receipt):
        raise errors.settlement_unknown()
    owed = lock_one(BankReturn, found.id)
    cents = min(allocation.count_unallocated_cents(receipt), count_missing_cents(owed))
    if cents <= 0:
        raise errors.nothing_missing()
    allocation.check_free_for_value(receipt.id, cents, allocation.find_ledger(receipt))
    _place(receipt, owed, cents, person_id)
    return cents


def _place(receipt: BankReceipt, owed: BankReturn, cents: int, person_id: UUID | None = None) -> None:
    row = BankAllocation(
        place=AllocationPlace.SETTLEMENT,
        paper_id=owed.settlement_id,
        cents=cents,
        note="" if person_id else BY_SETTLEMENT,
        placed_by=person_id,
    )
    allocation.add(row, receipt=receipt)


def count_missing_cents(owed: BankReturn) -> int:
    """Count the cents of a settlement that the other bank has not credited."""
    return owed.cents - _load_arrived([owed.settlement_id]).get(owed.settlement_id, 0)


def list_coming(issuers: Collection[UUID] | None) -> list[BankReturn]:
    """List the settlements whose money has not arrived whole at these issuers (None: at all), the oldest first."""
    query = _select_coming()
    if issuers is not None:
        query = query.where(BankAccount.organisation_id.in_(issuers))
    return list(session.scalars(query))


def list_sums(account_id: UUID) -> set[int]:
    """List the sums that are on their way to an account: of other credits nothing need be asked."""
    return {owed.cents for owed in _list_coming(account_id)}


def load_transfers(settlement_ids: Collection[UUID]) -> dict[UUID, SettlementTransfer]:
    """Load where the money of these settlements is."""
    arrived = _load_arrived(settlement_ids)
    query = sa.select(BankReturn).where(BankReturn.settlement_id.in_(settlement_ids))
    return {
        owed.settlement_id: SettlementTransfer(owed.done_on, arrived.get(owed.settlement_id, 0), owed.cents)
        for owed in session.scalars(query)
        if owed.settlement_id
    }


def _list_coming(account_id: UUID) -> list[BankReturn]:
    return list(session.scalars(_select_coming().where(BankReturn.payee_id == account_id)))


def _select_coming() -> sa.Select[BankReturn]:
    arrived = (
        sa.select(sa.func.coalesce(sa.func.sum(_sign_cents()), 0))
        .where(BankAllocation.paper_id == BankReturn.settlement_id, BankAllocation.place == AllocationPlace.SETTLEMENT)
        .scalar_subquery()
    )
    query = sa.select(BankReturn).join(BankAccount, BankAccount.id == BankReturn.payee_id)
    return query.where(BankReturn.cents > arrived).order_by(BankReturn.created_at, BankReturn.id)


def _load_arrived(settlement_ids: Collection[UUID | None]) -> dict[UUID | None, int]:
    query = (
        sa.select(BankAllocation.paper_id, sa.func.sum(_sign_cents()))
        .where(BankAllocation.paper_id.in_(settlement_ids), BankAllocation.place == AllocationPlace.SETTLEMENT)
        .group_by(BankAllocation.paper_id)
    )
    return {settlement_id: int(cents) for settlement_id, cents in session.execute(query)}


def _sign_cents() -> sa.ColumnElement[int]:
    return sa.case((BankAllocation.undoes.is_(None), BankAllocation.cents), else_=-BankAllocation.cents)
