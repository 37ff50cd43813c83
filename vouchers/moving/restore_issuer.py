"""Restore the issuer of an archive into an empty database: all or nothing, compared with the manifest's sums.

Decision 0317.
"""

import zipfile
from pathlib import Path

import psycopg

from foundation.database import owner_connection
from vouchers.moving import archive, errors, export_issuer, foreign_codes
from vouchers.moving.archive import ArchiveManifest, TableProgress
from vouchers.moving.parts import PARTS, VOUCHER_DOCUMENTS

# What is no voucher's document becomes one document a day, with the same accounts, parties and sums.
INSERT_DAILY_SUMS = f"""
INSERT INTO moved_sum (journal_id, line_no, ledger_id, booked_on, debit_account, debit_party, credit_account,
                       credit_party, cents, programme_id)
SELECT md5(concat('moved|', booked_on))::uuid, row_number() OVER (PARTITION BY booked_on
         ORDER BY debit_account, debit_party, credit_account, credit_party, programme_id), %(issuer)s::uuid,
       booked_on, debit_account, debit_party, credit_account, credit_party, sum(cents), programme_id
  FROM arrived e WHERE NOT ({VOUCHER_DOCUMENTS}) AND ledger_id = %(issuer)s
 GROUP BY booked_on, debit_account, debit_party, credit_account, credit_party, programme_id
"""
INSERT_DOCUMENTS = f"""
INSERT INTO entry (aggregate_id, journal_id, line_no, ledger_id, kind, booked_on, recorded_at, debit_account,
                   debit_party, credit_account, credit_party, cents, currency, programme_id, reverses)
SELECT aggregate_id, journal_id, line_no, ledger_id, kind, booked_on, recorded_at, debit_account, debit_party,
       credit_account, credit_party, cents, currency, programme_id, reverses FROM arrived e WHERE {VOUCHER_DOCUMENTS}
"""
INSERT_OUTBOX = """
INSERT INTO outbox (aggregate_id, journal_id, stream, topic, created_at)
SELECT aggregate_id, journal_id, ledger_stream(aggregate_id), min(kind), min(recorded_at) FROM entry
 GROUP BY aggregate_id, journal_id
UNION ALL
SELECT voucher_id, id, ledger_stream(voucher_id), 'voucher.merge_in', recorded_at FROM voucher_operation
 WHERE kind = 'merge_in' AND outcome = 'done'
"""
POST_DAILY_SUMS = "SELECT ledger_post_paper('moved_in', %(issuer)s) WHERE EXISTS (SELECT FROM moved_sum)"


def preview(path: Path) -> ArchiveManifest:
    """Say what would come in. Refuses damaged archives, another schema or pepper, and a database that is not empty."""
    _opened, manifest = archive.open_archive(path)
    with owner_connection() as connection:
        _require_fit(connection, manifest)
    return manifest


def restore(path: Path, progress: TableProgress) -> ArchiveManifest:
    """Write everything in one transaction. Refuses as `look` does, and when the sums differ from the manifest's."""
    opened, manifest = archive.open_archive(path)
    with owner_connection() as connection:
        _require_fit(connection, manifest)
        for number, part in enumerate(PARTS):
            progress(part.table, _copy(connection, opened, f"{number:02}-{part.table}.csv", part.table))
            if part.table == "gate_record":
                for programme, began in manifest.launched.items():
                    connection.execute("UPDATE programme SET launched_at = %s WHERE id = %s", [began, programme])
        progress("entry", _entries(connection, opened, manifest))
        found = (
            export_issuer.load_account_sums(connection, manifest.issuer_id),
            *export_issuer.load_voucher_value(connection, manifest.issuer_id),
        )
        if found != (manifest.sums, manifest.vouchers, manifest.voucher_cents):
            raise errors.sums_differ()
    foreign_codes.forget_lists()
    return manifest


def _require_fit(connection: psycopg.Connection, manifest: ArchiveManifest) -> None:
    if export_issuer.load_revision(connection) != manifest.revision:
        raise errors.revision_differs(manifest.revision)
    if export_issuer.fingerprint_pepper(manifest.issuer_id) != manifest.pepper:
        raise errors.pepper_differs()
    for table in ("voucher", "entry", "organisation"):
        if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
            raise errors.database_not_empty()


def _copy(connection: psycopg.Connection, opened: zipfile.ZipFile, name: str, table: str) -> int:
    with opened.open(name) as file:
        columns = file.readline().decode().strip()
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as copied:
                for block in archive.read_blocks(file):
                    copied.write(block)
            return cursor.rowcount


def _entries(connection: psycopg.Connection, opened: zipfile.ZipFile, manifest: ArchiveManifest) -> int:
    connection.execute(
        "CREATE TEMPORARY TABLE arrived (LIKE entry, sealed_stream int, sealed_no bigint, sealed_hash text)"
        " ON COMMIT DROP"
    )
    count = _copy(connection, opened, archive.BOOKS, "arrived")
    connection.execute(INSERT_DOCUMENTS.replace("%%", "%"))
    connection.execute(INSERT_DAILY_SUMS, {"issuer": manifest.issuer_id})
    connection.execute(INSERT_OUTBOX)
    connection.execute(POST_DAILY_SUMS, {"issuer": manifest.issuer_id})
    return count
