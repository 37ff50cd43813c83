"""Export an issuer with its vouchers, agreements, tills and books into one file, as of one moment. Decision 0317."""

import hashlib
import os
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from foundation import clock
from foundation.database import owner_connection
from foundation.security import keyed_hash
from vouchers.moving.archive import BOOKS, MANIFEST, ArchiveManifest, TableProgress
from vouchers.moving.parts import ENTRIES, PARTS, ExportPart

ACCOUNT_SUMS = """
SELECT account, sum(cents)::bigint FROM (
  SELECT credit_account AS account, cents FROM entry WHERE ledger_id = %(issuer)s
  UNION ALL SELECT debit_account, -cents FROM entry WHERE ledger_id = %(issuer)s) moved
 GROUP BY account ORDER BY account
"""
LAUNCHED = "SELECT id, launched_at FROM programme WHERE issuer_id = %(issuer)s AND launched_at IS NOT NULL"
VALUE = """
SELECT count(DISTINCT v.id), coalesce(sum(l.balance), 0)::bigint FROM voucher v LEFT JOIN lot l ON l.voucher_id = v.id
 WHERE v.ledger_id = %(issuer)s
"""
SEALED = (
    "SELECT e.*, s.stream AS sealed_stream, s.seal_no AS sealed_no, encode(s.row_hash, 'hex') AS sealed_hash FROM"
    f" (SELECT * FROM entry WHERE {ENTRIES}) e LEFT JOIN seal s ON s.aggregate_id = e.aggregate_id"
    " AND s.journal_id = e.journal_id ORDER BY e.recorded_at, e.aggregate_id, e.journal_id, e.line_no"
)


def export(issuer_id: UUID, path: Path, progress: TableProgress) -> ArchiveManifest:
    """Write the archive; refuses to overwrite a file. Readable by its owner only: it holds addresses and hashes.

    One snapshot of the database, while the shop goes on. Plain codes are nowhere in it; with the same CODE_PEPPER all
    of them work where the archive is restored.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(handle, "wb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        owner_connection() as connection,
    ):
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        manifest = _manifest(connection, issuer_id)
        for number, part in enumerate(PARTS):
            name = f"{number:02}-{part.table}.csv"
            manifest.files[name] = _write_table(archive, name, connection, _select(connection, part), issuer_id)
            progress(part.table, manifest.files[name]["rows"])
        manifest.files[BOOKS] = _write_table(archive, BOOKS, connection, SEALED, issuer_id)
        progress("entry", manifest.files[BOOKS]["rows"])
        archive.writestr(MANIFEST, manifest.text())
    return manifest


def fingerprint_pepper(issuer_id: str) -> str:
    """Make a fingerprint by which another installation sees whether it has the same pepper, without revealing it."""
    return keyed_hash("moving", issuer_id).hex()


def load_revision(connection: psycopg.Connection) -> str:
    """Load the revision of the database's schema."""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def load_account_sums(connection: psycopg.Connection, issuer_id: UUID | str) -> dict[str, int]:
    """Load credit minus debit of every account of a ledger that is not zero, in cents."""
    rows = connection.execute(ACCOUNT_SUMS, {"issuer": issuer_id}).fetchall()
    return {account: int(cents) for account, cents in rows if cents}


def load_voucher_value(connection: psycopg.Connection, issuer_id: UUID | str) -> tuple[int, int]:
    """Count the vouchers, and sum up what lies on them in cents."""
    row = connection.execute(VALUE, {"issuer": issuer_id}).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _manifest(connection: psycopg.Connection, issuer_id: UUID) -> ArchiveManifest:
    name = connection.execute("SELECT legal_name FROM organisation WHERE id = %s", [issuer_id]).fetchone()
    count, cents = load_voucher_value(connection, issuer_id)
    return ArchiveManifest(
        issuer_id=str(issuer_id),
        issuer=str(name[0]) if name else "",
        revision=load_revision(connection),
        made_at=clock.now().isoformat(),
        pepper=fingerprint_pepper(str(issuer_id)),
        sums=load_account_sums(connection, issuer_id),
        vouchers=count,
        voucher_cents=cents,
        launched={str(row[0]): row[1].isoformat() for row in connection.execute(LAUNCHED, {"issuer": issuer_id})},
    )


def _select(connection: psycopg.Connection, part: ExportPart) -> str:
    query = (
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND is_generated = 'NEVER' ORDER BY ordinal_position"
    )
    names = [row[0] for row in connection.execute(query, [part.table])]
    shown = ", ".join(f"{part.instead[name]} AS {name}" if name in part.instead else name for name in names)
    return f"SELECT {shown} FROM {part.table} WHERE {part.rows}"


def _write_table(
    archive: zipfile.ZipFile, name: str, connection: psycopg.Connection, query: str, issuer_id: UUID
) -> dict[str, Any]:
    statement = psycopg.ClientCursor(connection).mogrify(query, {"issuer": issuer_id})
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as file, connection.cursor() as cursor:
        with cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv, HEADER)") as copied:
            for block in copied:
                digest.update(block)
                file.write(block)
        return {"rows": cursor.rowcount, "sha256": digest.hexdigest()}
