"""The stage on which money paths are played: it notes what each step books and names everybody without an id."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from demo.stripe_standin.testing import Running
from foundation.database import session
from money.ledger.plan import ACCOUNTS
from scripts.account_drawings import Place
from scripts.account_pages import MoneyPath, PathBalance, PathLine, PathStep

NOUNS = {
    "payment": "payment",
    "voucher": "voucher",
    "outlet": "shop",
    "counter": "counter",
    "bank_receipt": "receipt",
    "bank_line": "bank line",
    "bank_return": "return",
    "provider_line": "provider line",
    "proposal": "proposal",
    "issuer_settlement": "settlement",
}
OFFICES = {"operator": "marketplace", "retailer": "seller"}
ENTRIES = sa.text("SELECT * FROM entry WHERE recorded_at > :since ORDER BY recorded_at, line_no")
WITH_ID = sa.text(
    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id'"
    " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.atttypid = 'uuid'::regtype"
    " ORDER BY c.relname"
)
BALANCE = sa.text(
    "SELECT coalesce(sum(CASE WHEN debit_account = :key AND debit_party IS NOT DISTINCT FROM :party THEN cents ELSE"
    " 0 END - CASE WHEN credit_account = :key AND credit_party IS NOT DISTINCT FROM :party THEN cents ELSE 0 END),"
    " 0)::bigint FROM entry WHERE ledger_id = :ledger"
).bindparams(sa.bindparam("party", type_=sa.Uuid()))


@dataclass
class Stage:
    """One path while it is played: its steps with the rows that they booked."""

    stripe: Running
    folder: Path
    other_house: Callable[[], Any]
    steps: list[tuple[str, list[Any], dict[UUID, str]]] = field(default_factory=list)
    shows_days: bool = False

    @contextmanager
    def step(self, words: str, *, in_new_house: bool = False) -> Iterator[None]:
        """Note what is booked inside. `words`: what happens, for readers of the page. A new house had nothing"
        " before."""
        session.commit()
        since: datetime = session.scalars(sa.text("SELECT clock_timestamp()")).one()
        since = datetime.min.replace(tzinfo=UTC) if in_new_house else since
        session.commit()
        yield
        session.commit()
        rows = list(session.execute(ENTRIES, {"since": since}))
        self.steps.append((words, rows, _find_papers(rows)))
        session.commit()


@dataclass(frozen=True)
class Play:
    """A path that can be played: `act` does it on a stage."""

    key: str
    group: str
    title: str
    words: str
    act: Callable[[Stage], None]


PLAYS: list[Play] = []


def money_path(
    key: str, group: str, title: str, words: str
) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    """Register the function below as a money path, in the order in which pages are listed."""

    def note(act: Callable[[Stage], None]) -> Callable[[Stage], None]:
        PLAYS.append(Play(key, group, title, words, act))
        return act

    return note


def perform(play: Play, stage: Stage) -> MoneyPath:
    """Play it, and give what is to be written about it."""
    play.act(stage)
    assert stage.steps, play.key
    names = _Names([row for _words, rows, _papers in stage.steps for row in rows])
    steps = tuple(
        PathStep(words, tuple(_order([_line(row, papers, names, stage) for row in rows])))
        for words, rows, papers in stage.steps
    )
    session.commit()
    return MoneyPath(play.key, play.group, play.title, play.words, steps, tuple(_read_balances(stage, names)))


def _line(row: Any, papers: dict[UUID, str], names: "_Names", stage: Stage) -> PathLine:
    debit, credit = (names.place(row.ledger_id, *side) for side in _sides(row))
    return PathLine(
        row.kind, debit, credit, row.cents, papers[row.journal_id], names.day(row) if stage.shows_days else ""
    )


def _sides(row: Any) -> tuple[tuple[str, UUID | None], tuple[str, UUID | None]]:
    return (row.debit_account, row.debit_party), (row.credit_account, row.credit_party)


def _order(lines: list[PathLine]) -> list[PathLine]:
    """Keep the order of the kinds; lines of one kind that follow each other stand by their names."""
    found: list[PathLine] = []
    for kind in dict.fromkeys(line.kind for line in lines):
        same = [line for line in lines if line.kind == kind]
        found += sorted(
            same, key=lambda line: (line.debit.books, line.debit.party, line.credit.party, line.debit.key, line.cents)
        )
    return found


class _Names:
    """What parties and issuers are called: a noun, with a number where there are several, by their age."""

    def __init__(self, rows: list[Any]) -> None:
        parties = {(key, party) for row in rows for key, party in _sides(row) if party}
        ledgers = {row.ledger_id for row in rows}
        nouns = {party: _find_noun(party, key) for key, party in sorted(parties, key=str)}
        nouns |= {ledger: _find_noun(ledger, "") for ledger in ledgers}
        mates = defaultdict(list)
        for id, noun in sorted(nouns.items()):
            mates[noun].append(id)
        self._names = {
            id: noun if len(mates[noun]) == 1 else f"{noun} {mates[noun].index(id) + 1}" for id, noun in nouns.items()
        }
        self._days = sorted({row.booked_on for row in rows})

    def place(self, ledger: UUID, key: str, party: UUID | None) -> Place:
        """Name an account of a party in somebody's books."""
        account = ACCOUNTS[key]
        return Place(self._names[ledger], key, str(account.name), self._names[party] if party else "", account.sign)

    def day(self, row: Any) -> str:
        """Name the day of booking by its place in the month."""
        return "last of the month before" if row.booked_on.day > 20 else "first of the open month"


def _find_noun(id: UUID, key: str) -> str:
    for table, noun in NOUNS.items():
        if session.scalar(sa.text(f"SELECT 1 FROM {table} WHERE id = :id"), {"id": id}):
            return noun
    kind = session.scalar(sa.text("SELECT kind FROM organisation WHERE id = :id"), {"id": id})
    return OFFICES.get(kind, kind) if kind else ACCOUNTS[key].party or "party"


def _find_papers(rows: list[Any]) -> dict[UUID, str]:
    """Find the table in which the paper of each document lies."""
    rules = {row.kind: row for row in session.execute(sa.text("SELECT * FROM posting_rule"))}
    found = {}
    for journal, kind, aggregate in {(row.journal_id, row.kind, row.aggregate_id) for row in rows}:
        rule = rules[kind]
        assert rule.source != "lines of tests", f"{kind} is no kind of the product"
        found[journal] = _find_table(rule.source, journal, aggregate) if rule.is_posted_by_paper else rule.source
    return found


def _find_table(source: str, journal: UUID, aggregate: UUID) -> str:
    query = f"SELECT paper_id FROM {source}() WHERE journal_id = :journal AND aggregate_id = :aggregate LIMIT 1"
    paper = session.scalar(sa.text(query), {"journal": journal, "aggregate": aggregate})
    said = session.scalar(sa.text("SELECT prosrc FROM pg_proc WHERE proname = :name LIMIT 1"), {"name": source})
    if source == "moved_posting":
        return "moved_sum"
    tables = session.scalars(WITH_ID).all()
    having = [t for t in tables if session.scalar(sa.text(f'SELECT 1 FROM "{t}" WHERE id = :id'), {"id": paper})]
    return sorted(having, key=lambda table: (table not in str(said), table))[0]


def _read_balances(stage: Stage, names: _Names) -> Iterator[PathBalance]:
    rows = [row for _words, rows, _papers in stage.steps for row in rows]
    moved: dict[tuple[UUID, str, UUID | None], int] = defaultdict(int)
    for row in rows:
        for sign, side in zip((1, -1), _sides(row), strict=True):
            moved[(row.ledger_id, *side)] += sign * row.cents
    ordered: dict[Place, tuple[int, int]] = {}
    for (ledger, key, party), cents in moved.items():
        after = session.scalars(BALANCE, {"ledger": ledger, "key": key, "party": party}).one()
        sign = ACCOUNTS[key].sign
        ordered[names.place(ledger, key, party)] = (sign * (after - cents), sign * after)
    keys = list(ACCOUNTS)
    for place in sorted(ordered, key=lambda place: (place.books, keys.index(place.key), place.party)):
        yield PathBalance(place, *ordered[place])
