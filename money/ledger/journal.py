"""The only writer of postings in Python. Everything goes through the functions in `money/ledger/sql/`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.database import session
from money.ledger import errors
from money.ledger.models import Entry
from money.ledger.plan import ACCOUNTS

MAX_LINES = 1000
MAX_POSTING_CENTS = 10**12

POST = sa.text(
    "SELECT ledger_post_document(p_aggregate => :aggregate, p_journal => :journal, p_ledger => :ledger,"
    " p_kind => :kind, p_topic => :topic, p_debits => :debits, p_debit_parties => :debit_parties,"
    " p_credits => :credits, p_credit_parties => :credit_parties, p_cents => :cents, p_programmes => :programmes,"
    " p_reverses => :reverses, p_booked_on => :booked_on)"
).bindparams(
    sa.bindparam("aggregate", type_=sa.Uuid()),
    sa.bindparam("journal", type_=sa.Uuid()),
    sa.bindparam("ledger", type_=sa.Uuid()),
    sa.bindparam("debits", type_=ARRAY(sa.Text())),
    sa.bindparam("debit_parties", type_=ARRAY(sa.Uuid())),
    sa.bindparam("credits", type_=ARRAY(sa.Text())),
    sa.bindparam("credit_parties", type_=ARRAY(sa.Uuid())),
    sa.bindparam("cents", type_=ARRAY(sa.BigInteger())),
    sa.bindparam("programmes", type_=ARRAY(sa.Uuid())),
    sa.bindparam("reverses", type_=sa.Uuid()),
    sa.bindparam("booked_on", type_=sa.Date()),
)


@dataclass(frozen=True)
class JournalLine:
    """One booking sentence: `cents` of EUR from the credit side to the debit side."""

    debit: str
    credit: str
    cents: int
    debit_party: UUID | None = None
    credit_party: UUID | None = None
    programme_id: UUID | None = None


@dataclass(frozen=True)
class JournalDocument:
    """What a document says of all its lines: its id, the thing it belongs to (voucher, payment), the issuer's books.

    `topic` tells what reads seals apart (the kind, when not given), `reverses` is the document that it corrects,
    `booked_on` its business day (today, when not given).
    """

    journal_id: UUID
    aggregate_id: UUID
    ledger_id: UUID
    kind: str
    topic: str | None = None
    reverses: UUID | None = None
    booked_on: date | None = None


def post(document: JournalDocument, lines: Sequence[JournalLine], *, once: bool = False) -> UUID:
    """Book one document in the present transaction and give back its journal id.

    Refuses lines without an amount, unknown accounts, a missing party, and a document that was posted before; with
    `once` posting the same document again changes nothing; other lines under its id are refused all the same.
    """
    _check(document.kind, lines)
    if not _write(document, lines):
        _compare_with_posted(document, lines, once)
    return document.journal_id


def reverse_lines(lines: Sequence[JournalLine]) -> list[JournalLine]:
    """Swap the sides of every line, for a whole reversal (Generalumkehr)."""
    return [
        JournalLine(line.credit, line.debit, line.cents, line.credit_party, line.debit_party, line.programme_id)
        for line in lines
    ]


def _write(document: JournalDocument, lines: Sequence[JournalLine]) -> bool:
    values = {
        "aggregate": document.aggregate_id,
        "journal": document.journal_id,
        "ledger": document.ledger_id,
        "kind": document.kind,
        "topic": document.topic or document.kind,
        "debits": [line.debit for line in lines],
        "debit_parties": [line.debit_party for line in lines],
        "credits": [line.credit for line in lines],
        "credit_parties": [line.credit_party for line in lines],
        "cents": [line.cents for line in lines],
        "programmes": [line.programme_id for line in lines],
        "reverses": document.reverses,
        "booked_on": document.booked_on,
    }
    return bool(session.execute(POST, values).scalar_one())


def _check(kind: str, lines: Sequence[JournalLine]) -> None:
    if not 1 <= len(kind) <= 60 or "|" in kind:
        raise errors.kind_unknown()
    if not 1 <= len(lines) <= MAX_LINES:
        raise errors.lines_count()
    for line in lines:
        _check_line(line)


def _check_line(line: JournalLine) -> None:
    if isinstance(line.cents, bool) or not isinstance(line.cents, int) or not 0 < line.cents <= MAX_POSTING_CENTS:
        raise errors.cents_wrong()
    for key, party in ((line.debit, line.debit_party), (line.credit, line.credit_party)):
        account = ACCOUNTS.get(key)
        if account is None:
            raise errors.account_unknown(key)
        if account.party and party is None:
            raise errors.party_missing(key)
    if (line.debit, line.debit_party) == (line.credit, line.credit_party):
        raise errors.sides_equal()


def _compare_with_posted(document: JournalDocument, lines: Sequence[JournalLine], once: bool) -> None:
    found = session.scalars(
        sa.select(Entry)
        .where(Entry.aggregate_id == document.aggregate_id, Entry.journal_id == document.journal_id)
        .order_by(Entry.line_no)
    ).all()
    stored = [
        JournalLine(e.debit_account, e.credit_account, e.cents, e.debit_party, e.credit_party, e.programme_id)
        for e in found
    ]
    heads = {(e.ledger_id, e.kind) for e in found}
    if stored != list(lines) or heads != {(document.ledger_id, document.kind)}:
        raise errors.posted_differently()
    if not once:
        raise errors.already_posted()
