"""Taking a statement into the books: checked whole, stored whole, every line booked at once, or nothing at all.

The identity of a line is account, statement, position and what it says. A statement is known by what it says; one that
moves the account begins where the last one ended. Decision 0209.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import schwifty
import sqlalchemy as sa
from schwifty.exceptions import SchwiftyException

from foundation.clock import now, today
from foundation.database import lock_one, session, uuid7
from money.bank import confirming, errors
from money.bank.models import AccountStatement, BankAccount, BankLine
from money.bank.postings import BankPosting
from money.bank.stated import BankStatement, StatedLine
from money.bank.states import FEEDS, HARMLESS, Direction, Feed, ReceiptSource
from money.ledger import journal

MAX_LINE_AGE = timedelta(days=400)
OPENING_WORDS, OPENING_CODE = "Anfangssaldo", "OPENING"
RECEIPT_COLUMNS = (
    "id, account_id, bank_reference, cents, booked_on, payer_name, payer_iban, remittance, source, entered_by,"
    " recorded_at"
)
LINE_COLUMNS = (
    "id, account_id, statement_id, position, part, direction, cents, is_reversal, booked_on, value_on, bank_reference,"
    " end_to_end_id, party_name, party_iban, remittance, code, reason, batch, batch_reference, moves, receipt_id,"
    " recorded_at"
)


@dataclass(frozen=True)
class TakenStatement:
    """What became of a statement. `known`: it was taken before. `moves`: it moves its account in the books."""

    statement_id: UUID
    known: bool
    moves: bool


def check_statement(stated: BankStatement) -> None:
    """Refuse (`Invalid`) what cannot be right in itself, with the line or the difference."""
    unreadable = next((reference for reason, reference in stated.left_out if reason not in HARMLESS), None)
    if unreadable is not None:
        raise errors.line_unreadable(unreadable)
    if stated.kind in FEEDS[Feed.DAILY] and (stated.opening is None or stated.closing is None):
        raise errors.balances_missing(stated.number)
    if stated.difference_cents:
        raise errors.balances_differ(stated.number, stated.difference_cents)
    for line in stated.lines:
        if not today() - MAX_LINE_AGE <= line.booked_on <= today():
            raise errors.line_day_wrong(line.position)


def take_statement(account_id: UUID, stated: BankStatement, entered_by: UUID | None = None) -> TakenStatement:
    """Store a statement, and book its lines if it moves the account; the same one again changes nothing.

    Refuses one that does not begin where the last ended, and another content under the same number (`Refused`).
    """
    check_statement(stated)
    account = lock_one(BankAccount, account_id)  # statements of one account one after the other
    known = session.scalar(
        sa.select(AccountStatement.id).where(
            AccountStatement.account_id == account_id, AccountStatement.digest == stated.digest
        )
    )
    if known:
        return TakenStatement(known, True, False)
    if account.feed is None and stated.kind in FEEDS[Feed.DAILY]:
        account.feed = Feed.DAILY
    moves = account.feed is not None and stated.kind in FEEDS[Feed(account.feed)]
    last = _find_last(account, stated) if stated.kind in FEEDS[Feed.DAILY] and moves else None
    row = AccountStatement(
        account_id=account.id,
        kind=stated.kind,
        number=stated.number,
        moves=moves,
        follows=last.id if last else None,
        opening_cents=stated.opening.cents if stated.opening else None,
        closing_cents=stated.closing.cents if stated.closing else None,
        closing_on=stated.closing.day if stated.closing else None,
        digest=stated.digest,
        content=stated.content,
        entered_by=entered_by,
    )
    session.add(row)
    session.flush()
    _store(account, row, stated, begins=moves and last is None and stated.kind in FEEDS[Feed.DAILY])
    if moves:
        _post(row)
    return TakenStatement(row.id, False, moves)


def find_latest(account_id: UUID) -> AccountStatement | None:
    """Find the statement that the account's next one has to follow; None before the first."""
    followed = sa.select(AccountStatement.follows).where(AccountStatement.follows.is_not(None))
    query = sa.select(AccountStatement).where(
        AccountStatement.account_id == account_id,
        AccountStatement.moves,
        AccountStatement.kind.in_(FEEDS[Feed.DAILY]),
        AccountStatement.id.not_in(followed),
    )
    return session.scalars(query).one_or_none()


def _post(row: AccountStatement) -> None:
    """Book every line of a statement that moves its account, at its business day."""
    mine = (BankLine.statement_id == row.id, BankLine.moves)
    credits = session.scalars(sa.select(BankLine.receipt_id).where(*mine, BankLine.direction == Direction.CREDIT)).all()
    debits = session.scalars(sa.select(BankLine.id).where(*mine, BankLine.direction == Direction.DEBIT)).all()
    journal.post_all(BankPosting.RECEIVED, [receipt_id for receipt_id in credits if receipt_id])
    journal.post_all(BankPosting.DEBITED, debits)


def choose_feed(account_id: UUID, feed: Feed) -> None:
    """Say which kind of file moves an account. Refuses once a statement has moved it."""
    account = lock_one(BankAccount, account_id)
    moved = sa.select(AccountStatement.id).where(AccountStatement.account_id == account_id, AccountStatement.moves)
    if account.feed != feed and session.scalar(moved.limit(1)):
        raise errors.feed_in_use()
    account.feed = feed


def _find_last(account: BankAccount, stated: BankStatement) -> AccountStatement | None:
    """Find the statement that this one follows; None for the first."""
    assert stated.opening is not None
    assert stated.closing is not None
    mine = sa.select(AccountStatement).where(AccountStatement.account_id == account.id, AccountStatement.moves)
    same = mine.where(AccountStatement.kind == stated.kind, AccountStatement.number == stated.number)
    if session.scalar(same.where(AccountStatement.closing_on == stated.closing.day).limit(1)):
        raise errors.statement_differs(stated.number)
    if session.scalar(mine.where(AccountStatement.content == stated.content).limit(1)):
        raise errors.statement_repeated(stated.number)
    last = find_latest(account.id)
    if last is not None and last.closing_cents != stated.opening.cents:
        raise errors.statement_not_next(last.closing_cents or 0, stated.opening.cents)
    if last is not None and last.kind != stated.kind and (last.closing_on or today()) >= stated.closing.day:
        raise errors.statement_repeated(stated.number)  # the same day in another form
    return last


def _opening_line(stated: BankStatement, typed_cents: int) -> StatedLine | None:
    """What lay on the account before its first statement, as a line of its own: a person says whose it is.

    `typed_cents`: what of it people had typed before.
    """
    assert stated.opening is not None
    cents = stated.opening.cents - typed_cents
    side = Direction.CREDIT if cents > 0 else Direction.DEBIT
    day = min(stated.opening.day, today())
    return StatedLine(0, side, abs(cents), day, remittance=OPENING_WORDS, code=OPENING_CODE) if cents else None


def _store(account: BankAccount, row: AccountStatement, stated: BankStatement, *, begins: bool) -> None:
    """Store the lines, each credit with its receipt. What a person typed before is confirmed, not booked again."""
    typed = confirming.list_unconfirmed(account.id) if row.moves else []
    pairs = confirming.pair(stated.lines, typed)
    receipts: list[tuple[Any, ...]] = []
    rows: list[tuple[Any, ...]] = []
    at = now()

    def add(line: StatedLine) -> None:
        moves, receipt_id = row.moves, None
        if moves and line.direction == Direction.CREDIT:
            receipt_id = pairs.get((line.position, line.part))
            moves = receipt_id is None
            if moves:
                receipt_id = uuid7()
                receipts.append((receipt_id, *_receipt(account, line), row.entered_by, at))
        rows.append((uuid7(), account.id, row.id, *_columns(line), moves, receipt_id, at))

    for line in stated.lines:
        add(line)
    if begins and stated.opening is not None:
        told, day = set(pairs.values()), stated.opening.day
        before = sum(each.cents for each in typed if each.id not in told and each.booked_on <= day)
        opening = _opening_line(stated, before)
        if opening is not None:
            add(opening)
    _copy(f"COPY bank_receipt ({RECEIPT_COLUMNS}) FROM STDIN", receipts)
    _copy(f"COPY bank_line ({LINE_COLUMNS}) FROM STDIN", rows)


def _columns(line: StatedLine) -> tuple[Any, ...]:
    """The columns of a line, in the order of `LINE_COLUMNS`."""
    return (
        line.position,
        line.part,
        line.direction.value,
        line.cents,
        line.is_reversal,
        line.booked_on,
        line.value_on,
        _clean(line.bank_reference),
        _clean(line.end_to_end_id),
        _clean(line.party_name),
        line.party_iban,
        _clean(line.remittance),
        _clean(line.code),
        _clean(line.reason),
        line.batch,
        _clean(line.batch_reference),
    )


def _receipt(account: BankAccount, line: StatedLine) -> tuple[Any, ...]:
    name, words = _clean(line.party_name), _clean(line.remittance)
    source = ReceiptSource.FILE.value
    return account.id, _clean(line.bank_reference), line.cents, line.booked_on, name, read_iban(line), words, source


def read_iban(line: StatedLine | BankLine) -> str | None:
    """Read where money could be sent back; None where the bank states no IBAN: the money has come anyway."""
    try:
        return schwifty.IBAN(line.party_iban).compact if line.party_iban else None
    except SchwiftyException:
        return None


def _clean(text: str) -> str:
    return text.replace("\x00", "")


def _copy(statement: str, rows: list[tuple[Any, ...]]) -> None:
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
