"""What the seals seal, compared with what is there: every document, every single row, every version of a row.

Which tables are append-only is read off the catalog: those with the trigger that refuses changes. So a new table needs
nothing here, and a row of it that no seal knows is found.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from money.ledger.copying import read_copy
from money.ledger.marks import Mark

Found = dict[str, Any]

GONE = "seine Buchungen fehlen"
CHANGED = "passt nicht zu seinen Buchungen und Zeilen"
UNSEALED = "diese Zeile kennt kein Siegel"
MISSING = "die besiegelte Zeile fehlt oder ist geändert"
DOUBLED = "diese Zeile ist zweimal besiegelt"
VERSION = "die Zeile ist nicht, was ihre letzte Fassung sagt"

# The same text of the same row as in `row_digest`.
TEXT_SETTINGS = """
SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';
SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1
"""
# Mark, entries and other rows of each document in one go, in the order of indexes that are there.
PARTS = """
SELECT aggregate_id, journal_id, 0::smallint AS part, concat(stream, '|', seal_no, '|', encode(digest, 'hex')) AS line
  FROM seal
 UNION ALL SELECT aggregate_id, journal_id, 1::smallint, NULL FROM outbox
 UNION ALL SELECT aggregate_id, journal_id, 2::smallint, concat('entry', rtrim(e::text, ',)')) FROM entry e
 UNION ALL SELECT aggregate_id, journal_id, 3::smallint, line FROM document_row
"""
DOCUMENTS = f"""
SELECT aggregate_id::text, journal_id::text,
       string_agg(line, E'\\n') FILTER (WHERE part = 0), count(*) FILTER (WHERE part = 1),
       string_agg(line, E'\\n' ORDER BY part, line COLLATE "C") FILTER (WHERE part = 2),
       string_agg(line, E'\\n' ORDER BY part, line COLLATE "C") FILTER (WHERE part = 3)
  FROM (SELECT * FROM ({PARTS}) p ORDER BY aggregate_id, journal_id) ordered
 GROUP BY ordered.aggregate_id, ordered.journal_id
"""  # noqa: S608 a constant
FRESH = """
SELECT s.aggregate_id::text, s.journal_id::text, concat(s.stream, '|', s.seal_no, '|', encode(s.digest, 'hex')),
       0::bigint,
       (SELECT string_agg(concat('entry', rtrim(e::text, ',)')), E'\\n'
                          ORDER BY concat('entry', rtrim(e::text, ',)')) COLLATE "C")
          FROM entry e WHERE e.aggregate_id = s.aggregate_id AND e.journal_id = s.journal_id),
       (SELECT string_agg(r.line, E'\\n' ORDER BY r.line COLLATE "C")
          FROM document_row r WHERE r.aggregate_id = s.aggregate_id AND r.journal_id = s.journal_id)
  FROM seal s WHERE {where}
"""
TYPES = ("bytea", "bytea", "bytea", "int8", "bytea", "bytea")
APPEND_ONLY = """
SELECT c.relname::text FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND EXISTS (
       SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND p.proname = 'refuse_change' AND t.tgtype & 24 = 24)
 ORDER BY 1
"""
# The seals are the chain itself.
CHAIN = {"seal", "row_seal"}
# The tables whose rows are sealed with their document.
WITH_DOCUMENTS = """
SELECT DISTINCT d.refobjid::regclass::text FROM pg_rewrite r
  JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
 WHERE r.ev_class = 'document_row'::regclass AND d.refobjid <> r.ev_class
"""
KEYS = """
SELECT t.tgrelid::regclass::text AS name, encode(t.tgargs, 'escape') AS key FROM pg_trigger t
  JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'keep_version' AND NOT t.tgisinternal ORDER BY 1
"""
VERSIONS = """
SELECT coalesce(v.row_key, t.key) FROM (
       SELECT DISTINCT ON (row_key) row_key, content FROM row_version WHERE table_name = :name
        ORDER BY row_key, id DESC) v
  FULL JOIN (SELECT concat_ws('|', {key}) AS key, to_jsonb(x) AS row FROM {name} x) t ON t.key = v.row_key
 WHERE (v.content IS NULL) <> (t.row IS NULL)
    OR EXISTS (SELECT FROM jsonb_each(v.content) c WHERE t.row -> c.key IS DISTINCT FROM c.value)
"""


def compare_all(connection: Connection) -> list[Found]:
    """Compare everything that is sealed with everything that is there."""
    apart: dict[str, Counter[bytes]] = defaultdict(Counter)
    broken = list(_compare_documents(read_copy(connection, DOCUMENTS, TYPES), apart))
    rows = _RowSeals(connection)
    with_documents = {"entry", *connection.scalars(sa.text(WITH_DOCUMENTS))}
    for name in sorted({*connection.scalars(sa.text(APPEND_ONLY)), *rows.sealed} - CHAIN):
        broken += rows.compare(name, apart[name] if name in with_documents else None)
    return broken + compare_versions(connection)


def compare_fresh(connection: Connection, since: Mark) -> list[Found]:
    """Compare the documents that were sealed after a mark, and the versions. Single rows are compared every night."""
    where = " OR ".join(f"s.stream = {stream} AND s.seal_no > {head[0]}" for stream, head in since.streams.items())
    documents = read_copy(connection, FRESH.format(where=where), TYPES)
    return [*_compare_documents(documents, defaultdict(Counter)), *compare_versions(connection)]


def compare_versions(connection: Connection) -> list[Found]:
    """Compare every row of the tables that keep versions with its last version."""
    broken = []
    for table in connection.execute(sa.text(KEYS)).all():
        key = ", ".join(f"to_jsonb(x) ->> '{column}'" for column in table.key.split("\\000") if column)
        query = sa.text(VERSIONS.format(key=key, name=table.name))
        rows = connection.scalars(query, {"name": table.name})
        broken += [{"reason": VERSION, "table": table.name, "row": row} for row in rows]
    return broken


def digest_document(entries: bytes | None, rest: bytes | None) -> bytes:
    """The digest of a document from the lines of its entries and of its other rows, as `document_digest` makes it."""
    other = hashlib.sha256(rest or b"").hexdigest().encode()
    return hashlib.sha256((entries or b"") + b"\n" + other).digest()


def _compare_documents(documents: Iterator[tuple[Any, ...]], apart: dict[str, Counter[bytes]]) -> Iterator[Found]:
    for _aggregate, journal, seal, waiting, entries, rest in documents:
        if seal is None:
            if not waiting:
                for line in _split(entries, rest):
                    apart[line[: line.index(b"(")].decode()][line] += 1
            continue
        stream, number, digest = seal.decode().split("|")
        if digest_document(entries, rest).hex() != digest:
            reason = CHANGED if entries or rest else GONE
            place = {"stream": int(stream), "seal_no": int(number), "journal_id": UUID(journal.decode())}
            yield {"reason": reason} | place


def _split(*texts: bytes | None) -> list[bytes]:
    # A line may hold a line break inside of quotes: one begins where a row of a table does.
    lines: list[bytes] = []
    for part in b"\n".join(text for text in texts if text).split(b"\n"):
        if lines and lines[-1].count(b'"') % 2:
            lines[-1] += b"\n" + part
        elif part:
            lines.append(part)
    return lines


class _RowSeals:
    """The digests of single rows: sealed with their numbers, or waiting."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.sealed: dict[str, dict[bytes, int]] = defaultdict(dict)
        query = "SELECT table_name, digest, seal_no FROM row_seal UNION ALL SELECT table_name, digest, 0 FROM row_queue"
        self.doubled: list[Found] = []
        for table, digest, number in read_copy(connection, query, ("text", "bytea", "int8")):
            if digest in self.sealed[table]:
                self.doubled.append({"reason": DOUBLED, "table": table, "seal_no": number, "row": digest.hex()})
            self.sealed[table][digest] = number

    def compare(self, table: str, apart: Counter[bytes] | None) -> Iterator[Found]:
        """Compare one table: `apart` are its rows that no document took, where it has some that belong to documents."""
        sealed = dict(self.sealed.get(table, {}))
        for line in apart if apart is not None else self._read(table):
            if sealed.pop(hashlib.sha256(line).digest(), None) is None:
                yield {"reason": UNSEALED, "table": table, "row": _shorten(line, table)}
        for digest, number in sealed.items():
            yield {"reason": MISSING, "table": table, "seal_no": number, "row": digest.hex()}
        yield from (found for found in self.doubled if found["table"] == table)

    def _read(self, table: str) -> Iterator[bytes]:
        if self.connection.scalar(sa.text("SELECT to_regclass(:name)"), {"name": f"public.{table}"}) is None:
            return
        name = self.connection.dialect.identifier_preparer.quote(table)
        query = f"SELECT concat('{table}', rtrim(t::text, ',)')) FROM public.{name} t"  # noqa: S608 of the catalog
        yield from (row[0] for row in read_copy(self.connection, query, ("bytea",)))


def _shorten(line: bytes, table: str) -> str:
    return line[len(table) + 1 :].decode(errors="replace")[:80]
