"""What a collective credit is made of: CAMT.054 explains the entry that CAMT.053 booked, whichever comes first.

The details move no account. Each becomes a receipt of its own out of the collective one (Dr KZ / Cr KZ), with a payer.
"""

from collections import defaultdict
from uuid import UUID

import sqlalchemy as sa

from foundation.database import lock_one, session, uuid7
from money.bank import allocation, lines
from money.bank.models import AccountStatement, BankAccount, BankAllocation, BankLine, BankReceipt
from money.bank.postings import BankPosting
from money.bank.states import AllocationPlace, Direction, ReceiptSource, StatementKind
from money.ledger import journal

Group = list[BankLine]


def explain_all(account_id: UUID) -> list[UUID]:
    """Explain every collective credit of an account whose details are here; gives the receipts that came of it."""
    lock_one(BankAccount, account_id)
    explained = sa.exists().where(BankAllocation.receipt_id == BankLine.receipt_id)
    query = sa.select(BankLine).where(
        BankLine.account_id == account_id,
        BankLine.moves,
        BankLine.batch > 0,
        BankLine.direction == Direction.CREDIT,
        ~explained,
    )
    whole_lines = list(session.scalars(query.order_by(BankLine.id)))
    groups = _list_groups(account_id) if whole_lines else []
    made: list[UUID] = []
    for whole in whole_lines:
        group = _find_group(whole, groups)
        if group is not None:
            groups.remove(group)
            made += _split(whole, group)
    return made


def _list_groups(account_id: UUID) -> list[Group]:
    """List the details that explain nothing yet, by the entry of the notice that they stand in."""
    used = sa.exists().where(BankReceipt.detail_id == BankLine.id)
    query = (
        sa.select(BankLine)
        .join(AccountStatement, AccountStatement.id == BankLine.statement_id)
        .where(
            BankLine.account_id == account_id,
            AccountStatement.kind == StatementKind.CAMT_054,
            BankLine.part > 0,
            BankLine.direction == Direction.CREDIT,
            ~used,
        )
    )
    found: dict[tuple[UUID, int], Group] = defaultdict(list)
    for line in session.scalars(query.order_by(BankLine.statement_id, BankLine.position, BankLine.part)):
        found[line.statement_id, line.position].append(line)
    return list(found.values())


def _find_group(whole: BankLine, groups: list[Group]) -> Group | None:
    """The details of an entry: of its sum and reference, without one the only of this sum, day and number."""
    same = [group for group in groups if sum(line.cents for line in group) == whole.cents]
    named = [group for group in same if whole.bank_reference and group[0].batch_reference == whole.bank_reference]
    if named:
        return named[0]
    alike = [group for group in same if group[0].booked_on == whole.booked_on and len(group) == whole.batch]
    return alike[0] if len(alike) == 1 else None


def _split(whole: BankLine, group: Group) -> list[UUID]:
    parent = session.get_one(BankReceipt, whole.receipt_id)
    if allocation.count_unallocated_cents(parent) != parent.cents:
        return []
    made = []
    for line in group:
        receipt = BankReceipt(
            id=uuid7(),
            account_id=parent.account_id,
            account=parent.account,
            parent_id=parent.id,
            detail_id=line.id,
            bank_reference=line.bank_reference,
            cents=line.cents,
            booked_on=parent.booked_on,
            payer_name=line.party_name,
            payer_iban=lines.read_iban(line),
            remittance=line.remittance,
            source=ReceiptSource.FILE,
            entered_by=parent.entered_by,
        )
        session.add(receipt)
        session.flush()
        made.append(receipt.id)
        journal.post(BankPosting.DETAIL, receipt.id)
        session.add(
            BankAllocation(
                place=AllocationPlace.DETAIL,
                receipt_id=parent.id,
                cents=line.cents,
                journal_id=receipt.id,
                note=StatementKind.CAMT_054,
            )
        )
    session.flush()
    return made
