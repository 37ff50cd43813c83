"""Bookings for tests: an issuer's books with a covered pool, and a hand that damages them past every guard.

The application books papers alone. What the ledger does with any lines is shown with lines that the owner of the
database writes through the same function, under kinds of their own.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa

from foundation.database import session, transact, uuid7
from foundation.roles import APP
from money.ledger import proof
from tests.builders.waiting import until

RULE = "INSERT INTO posting_rule VALUES (%s, 'lines of tests', false) ON CONFLICT DO NOTHING"
LINE = sa.text(
    "SELECT ledger_post(:aggregate, :journal, :number, :ledger, :kind, :debit, :debit_party, :credit, :credit_party,"
    " :cents, :programme, :reverses, :booked_on)"
).bindparams(
    *(sa.bindparam(name, type_=sa.Uuid()) for name in ("debit_party", "credit_party", "programme", "reverses")),
    sa.bindparam("booked_on", type_=sa.Date()),
    sa.bindparam("cents", type_=sa.BigInteger()),
)
QUEUE = sa.text("SELECT ledger_queue(:aggregate, :journal, :kind)")


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
    """What a document says of all its lines. `kind` gets a rule of the tests, so that the proof knows it."""

    journal_id: UUID
    aggregate_id: UUID
    ledger_id: UUID
    kind: str
    reverses: UUID | None = None
    booked_on: date | None = None


def write(document: JournalDocument, lines: Sequence[JournalLine]) -> UUID:
    """Write a document's lines as the owner of the database, in the present transaction; gives its journal."""
    common = {
        "aggregate": document.aggregate_id,
        "journal": document.journal_id,
        "ledger": document.ledger_id,
        "kind": document.kind,
        "reverses": document.reverses,
        "booked_on": document.booked_on,
    }
    there = session.get_bind().engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(there, autocommit=True) as owner:
        owner.execute(RULE, [document.kind])
    with owning():
        for number, line in enumerate(lines, 1):
            own = {name: getattr(line, name) for name in ("debit", "debit_party", "credit", "credit_party", "cents")}
            session.execute(LINE, common | own | {"number": number, "programme": line.programme_id})
        session.execute(QUEUE, {name: common[name] for name in ("aggregate", "journal", "kind")})
    return document.journal_id


@contextmanager
def owning() -> Iterator[None]:
    """Let the session's next statements be those of the database's owner."""
    session.flush()
    session.execute(sa.text("SET LOCAL ROLE NONE"))
    yield
    session.execute(sa.text(f"SET LOCAL ROLE {APP}"))


def reverse_lines(lines: Sequence[JournalLine]) -> list[JournalLine]:
    """Swap the sides of every line."""
    return [
        JournalLine(line.credit, line.debit, line.cents, line.credit_party, line.debit_party, line.programme_id)
        for line in lines
    ]


def database_now() -> datetime:
    """Read the database's clock, which runs on: it gives entries and seals their instants."""
    found: datetime = session.scalars(sa.text("SELECT clock_timestamp()")).one()
    return found


@dataclass
class Books:
    """The books of one invented issuer. Every deed is committed."""

    ledger_id: UUID = field(default_factory=uuid7)
    programme_id: UUID = field(default_factory=uuid7)

    def book(self, kind: str, aggregate_id: UUID, *lines: JournalLine, reverses: UUID | None = None) -> UUID:
        """One document with these lines."""
        return transact(write, JournalDocument(uuid7(), aggregate_id, self.ledger_id, kind, reverses=reverses), lines)

    def sell(self, cents: int, voucher_id: UUID | None = None) -> UUID:
        """A voucher sold against money on the trust account. Gives back the voucher."""
        voucher = voucher_id or uuid7()
        self.book("sale", voucher, self._line("TB", "VL", cents, credit_party=voucher))
        return voucher

    def redeem(self, voucher_id: UUID, outlet_id: UUID, cents: int) -> UUID:
        """A redemption. Gives back its journal."""
        line = self._line("VL", "KR", cents, debit_party=voucher_id, credit_party=outlet_id)
        return self.book("redemption", voucher_id, line)

    def void(self, journal_id: UUID, voucher_id: UUID, outlet_id: UUID, cents: int) -> UUID:
        """The reversal of a redemption."""
        line = self._line("KR", "VL", cents, debit_party=outlet_id, credit_party=voucher_id)
        return self.book("void", voucher_id, line, reverses=journal_id)

    def _line(self, debit: str, credit: str, cents: int, **parties: UUID) -> JournalLine:
        return JournalLine(debit, credit, cents, programme_id=self.programme_id, **parties)


def add_float(ledger_id: UUID, cents: int = 1_000_00) -> UUID:
    """Own funds in an issuer's pool, so that fees leave the debts covered, as if they had lain there; its journal."""
    journal = uuid7()
    return write(JournalDocument(journal, journal, ledger_id, "test.float"), [JournalLine("TB", "OB", cents)])


def float_for(ledger_id: UUID, cents: int = 1_000_00) -> UUID:
    """The same, committed."""
    return transact(add_float, ledger_id, cents)


def settle() -> None:
    """Wait until every transaction on this server is over that is open now, those of other databases too: until then
    whatever a proof has seen counts as new to the next one.
    """
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        mine = int(owner.execute("SELECT pg_current_xact_id()::text").fetchone()[0])  # type: ignore[index]
        oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
        assert until(lambda: int(owner.execute(oldest).fetchone()[0]) > mine)  # type: ignore[index]


def findings() -> list[proof.Finding]:
    """What the ledger's own queries find. Those of other packages know nothing of invented vouchers."""
    return [finding for finding in proof.prove() if finding.code.startswith("L-")]


@contextmanager
def tampering() -> Iterator[psycopg.Connection[Any]]:
    """A superuser's connection that no trigger stops. Only on a database of one's own."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def reseal(owner: psycopg.Connection[Any]) -> None:
    """Recompute the whole chain over whatever the entries say now, as a patient forger would."""
    for (stream,) in owner.execute("SELECT stream FROM stream_head WHERE last_seal > 0").fetchall():
        seals = owner.execute("SELECT seal_no FROM seal WHERE stream = %s ORDER BY seal_no", [stream]).fetchall()
        owner.execute(
            "UPDATE stream_head SET head_hash = sha256(%s) WHERE stream = %s", [f"stream:{stream}".encode(), stream]
        )
        for (number,) in seals:
            owner.execute(RESEAL, {"stream": stream, "number": number})
    owner.execute("UPDATE row_head SET last_seal = 0, head_hash = sha256('rows')")
    for (number,) in owner.execute("SELECT seal_no FROM row_seal ORDER BY seal_no").fetchall():
        owner.execute(RESEAL_ROW, {"number": number})


RESEAL = r"""
WITH made AS (
  SELECT document_digest(s.aggregate_id, s.journal_id) AS digest, sha256(h.head_hash || convert_to(concat(
           s.stream, '|', s.seal_no, '|', s.aggregate_id, '|', s.journal_id, '|', s.topic, '|',
           (extract(epoch FROM s.sealed_at) * 1000000)::bigint, '|',
           encode(document_digest(s.aggregate_id, s.journal_id), 'hex')), 'UTF8')) AS hash
    FROM seal s JOIN stream_head h USING (stream) WHERE s.stream = %(stream)s AND s.seal_no = %(number)s),
  head AS (UPDATE stream_head SET head_hash = made.hash FROM made WHERE stream = %(stream)s)
UPDATE seal SET digest = made.digest, row_hash = made.hash FROM made
 WHERE stream = %(stream)s AND seal_no = %(number)s
"""
RESEAL_ROW = """
WITH made AS (
  SELECT sha256(h.head_hash || convert_to(concat(s.seal_no, '|', s.table_name, '|', encode(s.digest, 'hex'), '|',
           (extract(epoch FROM s.sealed_at) * 1000000)::bigint), 'UTF8')) AS hash
    FROM row_seal s CROSS JOIN row_head h WHERE s.seal_no = %(number)s),
  head AS (UPDATE row_head SET last_seal = %(number)s, head_hash = made.hash FROM made)
UPDATE row_seal SET row_hash = made.hash FROM made WHERE seal_no = %(number)s
"""
