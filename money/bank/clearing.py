"""What a line is without asking anybody: fees and interest by rule, payouts, own transfers, money sent or lost again.

Each function handles one line in the caller's transaction and locks its accounts; a second call finds it decided.
What none of them knows waits for people.
"""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
import sqlalchemy.orm

from foundation.database import lock, session
from money.bank import allocation, returning, reversing, rules, settling
from money.bank.models import BankAccount, BankAllocation, BankLine, BankReceipt, BankReturn
from money.bank.references import find_in, squeeze
from money.bank.states import AllocationPlace, Direction

MAX_DAYS_BETWEEN = timedelta(days=5)  # between the two sides of a transfer from one bank to another
BY_RULE, BY_TWIN, BY_RETURN, BY_PAYOUT = "rule", "own transfer", "return", "payout"


def clear(line_id: UUID) -> bool:
    """Decide about a line as far as that leaves no doubt. Whether all of it is decided."""
    line = session.get_one(BankLine, line_id)
    own = _list_own_accounts(line)
    lock(BankAccount, [line.account_id, *(account.id for account in own)])
    receipt = session.get(BankReceipt, line.receipt_id) if line.receipt_id else None
    left = allocation.count_unallocated_cents(receipt) if receipt else allocation.count_unexplained_cents(line)
    if not line.moves or not left:
        return left == 0
    if left < line.cents:
        return False
    if line.is_reversal or line.reason:
        return reversing.undo(line, receipt)
    place = rules.find_rule(line)
    if place and not (receipt and find_in(line.remittance)):
        row = BankAllocation(place=place, cents=left, note=BY_RULE)
        allocation.add(row, receipt=receipt, line=_debit(line))
        return True
    if receipt and _clear_payout(line, receipt):
        return True
    return _clear_transfer(line, own) or (settling.clear(line, receipt) if receipt else _clear_return(line))


def _debit(line: BankLine) -> BankLine | None:
    return line if line.direction == Direction.DEBIT else None


def _list_own_accounts(line: BankLine) -> list[BankAccount]:
    """List the issuer's other accounts if one of them is the other side of the line."""
    iban = (line.party_iban or "").replace(" ", "").upper()
    if not iban:
        return []
    query = sa.select(BankAccount).where(
        BankAccount.organisation_id == line.account.organisation_id,
        BankAccount.iban == iban,
        BankAccount.id != line.account_id,
    )
    return list(session.scalars(query))


def _clear_transfer(line: BankLine, own: list[BankAccount]) -> bool:
    """A transfer between two accounts of one issuer: the two lines stand against each other once both are there."""
    if not own:
        return False
    other_way = Direction.DEBIT if line.direction == Direction.CREDIT else Direction.CREDIT
    query = sa.select(BankLine).where(
        BankLine.account_id.in_([account.id for account in own]),
        BankLine.direction == other_way,
        BankLine.cents == line.cents,
        BankLine.moves,
        BankLine.party_iban == line.account.iban,
        BankLine.booked_on.between(line.booked_on - MAX_DAYS_BETWEEN, line.booked_on + MAX_DAYS_BETWEEN),
    )
    for twin in session.scalars(query.order_by(BankLine.booked_on, BankLine.id)):
        credit, debit = (line, twin) if line.direction == Direction.CREDIT else (twin, line)
        receipt = session.get_one(BankReceipt, credit.receipt_id)
        free = allocation.count_unallocated_cents(receipt), allocation.count_unexplained_cents(debit)
        if free == (line.cents, line.cents):
            row = BankAllocation(place=AllocationPlace.TRANSFER, cents=line.cents, note=BY_TWIN)
            allocation.add(row, receipt=receipt, line=debit)
            return True
    return False


def _clear_payout(line: BankLine, receipt: BankReceipt) -> bool:
    """A payout of the provider that arrived, if its statement shows exactly one of these cents under way.

    A credit that names a payment of ours is never taken for one: that is for people.
    """
    if not rules.is_from_provider(line) or find_in(line.remittance):
        return False
    payout_id = allocation.find_only_payout(allocation.find_ledger(receipt), line.cents, line.booked_on)
    if payout_id is None:
        return False
    row = BankAllocation(place=AllocationPlace.PROVIDER, cents=line.cents, note=BY_PAYOUT, payout_id=payout_id)
    allocation.add(row, receipt=receipt)
    return True


def _clear_return(line: BankLine) -> bool:
    """A debit by which money went back that we owed: recorded as sent if no person has said so before."""
    owed = find_return(line)
    if owed is None:
        return False
    explain_return(line, owed.id, note=BY_RETURN)
    return True


def explain_return(
    line: BankLine, return_id: UUID, *, note: str, placed_by: UUID | None = None, approved_by: UUID | None = None
) -> None:
    """Say that a debit carried out a return: it is sent, and the bank has taken it. The account is locked."""
    returning.record_sent(return_id, done_on=line.booked_on, bank_reference=line.bank_reference)
    row = BankAllocation(
        place=AllocationPlace.RETURN,
        return_id=return_id,
        cents=line.cents,
        note=note,
        placed_by=placed_by,
        approved_by=approved_by,
    )
    allocation.add(row, line=line)


def find_return(line: BankLine) -> BankReturn | None:
    """Find the return that a debit carried out: same account and sum, and the receiver's IBAN or our words.

    None where several are as good, unless they owe the same sum to the same account.
    """
    taken = sa.select(BankAllocation.return_id).where(BankAllocation.return_id.is_not(None))
    query = sa.select(BankReturn).where(
        BankReturn.account_id == line.account_id, BankReturn.cents == line.cents, BankReturn.id.not_in(taken)
    )
    found = list(session.scalars(query.order_by(BankReturn.created_at, BankReturn.id)))
    iban, words = (line.party_iban or "").replace(" ", ""), squeeze(line.remittance)
    named = [owed for owed in found if words and squeeze(owed.remittance) in words]
    paid = [owed for owed in found if iban and owed.payer_iban == iban]
    both = [owed for owed in named if owed in paid]
    for candidates in (both, named, paid):
        if len({owed.payer_iban for owed in candidates}) == 1:
            return candidates[0]
    return None


def list_clearable(account_id: UUID) -> list[UUID]:
    """List the lines of an account that nothing is decided about and of which `clear` may know something.

    Looked through without locks: a statement has thousands of lines that only people know.
    """
    by_receipt = sa.exists().where(BankAllocation.receipt_id == BankLine.receipt_id)
    by_line = sa.exists().where(BankAllocation.line_id == BankLine.id)
    back = sa.exists().where(BankReturn.receipt_id == BankLine.receipt_id)
    query = sa.select(BankLine).where(BankLine.account_id == account_id, BankLine.moves, ~by_receipt, ~by_line, ~back)
    columns = sa.orm.load_only(
        BankLine.direction, BankLine.cents, BankLine.is_reversal, BankLine.party_iban, BankLine.remittance,
        BankLine.party_name,
        BankLine.code, BankLine.reason,
    )  # fmt: skip
    account = session.get_one(BankAccount, account_id)
    mine = sa.select(BankAccount.iban).where(BankAccount.organisation_id == account.organisation_id)
    ibans = set(session.scalars(mine))
    sums = set(session.scalars(sa.select(BankReturn.cents).where(BankReturn.account_id == account_id)))
    coming = settling.list_sums(account_id)
    found = session.scalars(query.options(columns).order_by(BankLine.booked_on, BankLine.id))
    return [
        line.id
        for line in found
        if line.is_reversal
        or line.reason
        or line.party_iban in ibans
        or line.cents in (sums if line.direction == Direction.DEBIT else coming)
        or rules.find_rule(line)
        or rules.is_from_provider(line)
    ]
