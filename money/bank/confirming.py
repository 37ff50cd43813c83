"""Which line of a statement confirms which credit that a person had typed: one line, one credit, never counted twice.

A clerk types what an online account shows: often without the bank's reference, sometimes with another day. So the same
sum within five days is the same credit if its sender or its words say so, and neither says the contrary. Decision 0211.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from money.bank.models import BankAllocation, BankLine, BankReceipt
from money.bank.references import find_in
from money.bank.stated import StatedLine
from money.bank.states import AllocationPlace, Direction, ReceiptSource

MAX_DAYS_APART = timedelta(days=5)  # between the day that a person typed and the bank's
MAX_WAIT = timedelta(days=5)  # for the line of what was typed: then it stands on the worklist
Place = tuple[int, int]  # position and part of a line


def list_unconfirmed(account_id: UUID) -> list[BankReceipt]:
    """List what persons typed of an account and no line has confirmed yet, the oldest first."""
    return list(session.scalars(select_unconfirmed().where(BankReceipt.account_id == account_id)))


def select_unconfirmed() -> sa.Select[BankReceipt]:
    """Select what persons typed and no line has confirmed, nor another person crossed out."""
    confirmed = sa.exists().where(BankLine.receipt_id == BankReceipt.id)
    crossed_out = sa.exists().where(
        BankAllocation.receipt_id == BankReceipt.id, BankAllocation.place == AllocationPlace.CROSSED_OUT
    )
    query = sa.select(BankReceipt).where(BankReceipt.source == ReceiptSource.PERSON, ~confirmed, ~crossed_out)
    return query.order_by(BankReceipt.booked_on, BankReceipt.id)


def pair(lines: Iterable[StatedLine], typed: Iterable[BankReceipt]) -> dict[Place, UUID]:
    """Pair lines with typed credits: first those of the same sum, day and reference, then the likeliest, then nearest.

    No line stands for two credits, and no credit for two lines.
    """
    waiting: dict[int, list[BankReceipt]] = defaultdict(list)
    for receipt in typed:
        waiting[receipt.cents].append(receipt)
    open_lines = [line for line in lines if line.cents in waiting and _is_plain_credit(line)]
    found = [
        (-likeness, abs(line.booked_on - receipt.booked_on), line.position, line.part, receipt.booked_on, receipt.id)
        for line in open_lines
        for receipt in waiting[line.cents]
        if (likeness := _likeness(line, receipt)) > 0
    ]
    pairs: dict[Place, UUID] = {}
    used: set[UUID] = set()
    for _rank, _days, position, part, _day, receipt_id in sorted(found):
        if (position, part) not in pairs and receipt_id not in used:
            pairs[position, part] = receipt_id
            used.add(receipt_id)
    return pairs


def _is_plain_credit(line: StatedLine) -> bool:
    return line.direction == Direction.CREDIT and not line.is_reversal and not line.reason


def _likeness(line: StatedLine, receipt: BankReceipt) -> int:
    """How sure it is that both are one credit of the same sum: 0 where nothing says so, or something contradicts."""
    if abs(line.booked_on - receipt.booked_on) > MAX_DAYS_APART:
        return 0
    same_reference = bool(receipt.bank_reference) and receipt.bank_reference == line.bank_reference
    if same_reference and line.booked_on == receipt.booked_on:
        return 16
    names = set(find_in(line.remittance)), set(find_in(receipt.remittance))
    ibans = _squeeze(line.party_iban or ""), _squeeze(receipt.payer_iban or "")
    if (all(names) and not names[0] & names[1]) or (all(ibans) and ibans[0] != ibans[1]):
        return 0
    same_words = all(names) or _same(line.remittance, receipt.remittance)
    same_name = _same(line.party_name, receipt.payer_name)
    return 8 * same_reference + 4 * (all(ibans) and ibans[0] == ibans[1]) + 2 * same_words + same_name


def _same(one: str, other: str) -> bool:
    return bool(_squeeze(one)) and _squeeze(one) == _squeeze(other)


def _squeeze(text: str) -> str:
    return "".join(symbol for symbol in text.casefold() if symbol.isalnum())
