"""A period of the books as a file that `verify_books.py` checks without us: for auditors, trustees, courts.

Every line is a JSON object with its `kind`. Entries are shown in full; the other rows of documents, and single rows, by
their digests alone, so that nothing personal leaves the house. The balances are those of accounts and parties by their
numbers; their secrets are shown, since the reader may see them.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from money.ledger import contents, walking
from money.ledger.copying import read_copy
from money.ledger.proof import open_snapshot
from money.roots import closing, errors

Line = dict[str, Any]

SEALS = """
SELECT s.stream, s.seal_no, concat('|', s.aggregate_id, '|', s.journal_id, '|', s.topic, '|'),
       (extract(epoch FROM s.sealed_at) * 1000000)::bigint, s.row_hash,
       (SELECT array_agg(concat('entry', rtrim(e::text, ',)'))
                         ORDER BY concat('entry', rtrim(e::text, ',)')) COLLATE "C")
          FROM entry e WHERE e.aggregate_id = s.aggregate_id AND e.journal_id = s.journal_id),
       (SELECT encode(sha256(convert_to(
                 coalesce(string_agg(r.line, E'\\n' ORDER BY r.line COLLATE "C"), ''), 'UTF8')), 'hex')
          FROM document_row r WHERE r.aggregate_id = s.aggregate_id AND r.journal_id = s.journal_id)
  FROM seal s WHERE {within} ORDER BY s.stream, s.seal_no
"""
ROWS = """
SELECT seal_no, table_name, encode(digest, 'hex'), (extract(epoch FROM sealed_at) * 1000000)::bigint, row_hash
  FROM row_seal WHERE {within} ORDER BY seal_no
"""
WITHIN = (
    "sealed_at >= timestamp '{since}' AT TIME ZONE 'Europe/Berlin'"
    " AND sealed_at < timestamp '{end}' AT TIME ZONE 'Europe/Berlin'"
)
DAYS = sa.text(
    "SELECT d.day, encode(d.root, 'hex') AS root, d.seals, encode(b.root, 'hex') AS balances"
    " FROM day_root d LEFT JOIN balance_root b ON b.day = d.day WHERE d.day BETWEEN :since AND :until ORDER BY d.day"
)


def write_period(since: date, until: date, path: Path) -> int:
    """Write the days from `since` to `until` to a file, packed when its name ends with .gz; gives the number of lines.

    Refuses days that have no root yet.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with open_snapshot() as connection, opened(path, "wt", encoding="utf-8") as file:
        connection.execute(sa.text(contents.TEXT_SETTINGS))
        days = connection.execute(DAYS, {"since": since, "until": until}).mappings().all()
        if len(days) != (until - since).days + 1 or any(day["balances"] is None for day in days):
            raise errors.days_not_finished()
        return sum(_write(file, line) for line in _list_lines(connection, since, until, [dict(day) for day in days]))


def _list_lines(connection: Connection, since: date, until: date, days: list[Line]) -> Iterator[Line]:
    yield {"kind": "period", "since": since, "until": until}
    heads = walking.load_heads(connection, since - timedelta(days=1))
    yield {"kind": "heads", "heads": {name: [number, value.hex()] for name, (number, value) in heads.items()}}
    yield from _balances(connection, "opening", since - timedelta(days=1))
    within = WITHIN.format(since=since, end=until + timedelta(days=1))
    types = ("int2", "int8", "text", "int8", "bytea", "text[]", "text")
    for stream, number, front, at, row_hash, entries, rest in read_copy(connection, SEALS.format(within=within), types):
        seal = {"kind": "seal", "stream": stream, "no": number, "front": front, "at": at, "hash": row_hash.hex()}
        yield seal | {"entries": entries or [], "rest": rest}
    for number, table, digest, at, row_hash in read_copy(connection, ROWS.format(within=within), ROW_TYPES):
        yield {"kind": "row", "no": number, "table": table, "digest": digest, "at": at, "hash": row_hash.hex()}
    for day in days:
        yield {"kind": "day"} | day
    yield from _balances(connection, "closing", until)


ROW_TYPES = ("int8", "text", "text", "int8", "bytea")


def _balances(connection: Connection, kind: str, day: date) -> Iterator[Line]:
    ordered = sa.text(f'{closing.CLOSING} ORDER BY ledger_id, account COLLATE "C", party')
    for row in connection.execute(ordered, {"end": day + timedelta(days=1)}):
        salt = closing.make_salt(day, row.ledger_id, row.account, row.party).hex()
        text = closing.write_leaf(row.ledger_id, row.account, row.party, row.cents)
        yield {"kind": kind, "text": text, "salt": salt}


def _write(file: IO[str], line: Line) -> int:
    file.write(json.dumps(line, default=str, ensure_ascii=False) + "\n")
    return 1
