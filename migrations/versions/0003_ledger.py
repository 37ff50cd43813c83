"""The ledger: accounts, entries, their queue, seals, roll-ups, roots of days, documents of people, checks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from foundation.schema import create_functions, drop_functions, run_file

revision = "0003_ledger"
down_revision = "0002_people"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)

STREAMS = 16  # fixed for life: every seal's place depends on it

# key, name, SKR03, SKR04, kind, kind of party, clears within days
ACCOUNTS = (
    ("TB", "Bank, Treuhandkonto", "1210", "1810", "asset", None, None),
    ("OB", "Bank, Betriebskonto", "1200", "1800", "asset", None, None),
    ("PSP", "Geldtransit Zahlungsdienst", "1361", "1461", "asset", None, None),
    ("KZ", "Kundenzahlungen in Klärung", "1610", "3310", "liability", "payment", 14),
    ("VL", "Gutscheine, bezahlt", "1604", "3304", "liability", "voucher", None),
    ("VB", "Gutscheine, Bonus", "1605", "3305", "liability", "voucher", None),
    ("VE", "Gutscheine, Arbeitgeberguthaben", "1606", "3306", "liability", "voucher", None),
    ("VH", "Gutscheine, reserviert", "1607", "3307", "liability", "voucher", None),
    (
        "EP",
        "Arbeitgeber-Vorauszahlung, noch nicht aufgeladen",
        "1608",
        "3308",
        "liability",
        "organisation",
        None,
    ),
    ("CB", "Kampagnenbudget", "1609", "3309", "liability", "campaign", None),
    ("KR", "Verbindlichkeiten gegenüber Läden", "1600", "3300", "liability", "outlet", None),
    ("DB", "Forderungen gegenüber Kunden", "1400", "1200", "asset", "organisation", None),
    ("SF", "Sonstige Forderungen an Läden und Käufer", "1500", "1300", "asset", "claim", None),
    ("CL", "Verrechnung zwischen Gutscheinprogrammen", "1723", "3320", "liability", "organisation", None),
    ("RS", "Rücklage für Offline- und Ausfallrisiken", "0970", "3070", "liability", None, None),
    ("PR", "Provisionsumsätze 19 %", "8519", "4569", "revenue", None, None),
    ("SE", "Erlöse 19 %, Servicegebühr", "8400", "4400", "revenue", None, None),
    ("UST", "Umsatzsteuer 19 %", "1776", "3806", "liability", None, None),
    ("VST", "Abziehbare Vorsteuer 19 %", "1576", "1406", "asset", None, None),
    ("GK", "Nebenkosten des Geldverkehrs", "4970", "6855", "expense", None, None),
    ("WK", "Werbekosten, eigene Kampagnen", "4600", "6600", "expense", None, None),
    ("FV", "Forderungsverluste", "2400", "6930", "expense", None, None),
    ("BE", "Sonstige betriebliche Erträge, verfallene Gutscheine", "2700", "4830", "revenue", None, None),
    ("MP", "Merkposten: Kartengeld der Läden beim Zahlungsdienst", None, None, "memo", None, None),
    (
        "MV",
        "Merkposten: vom Zahlungsdienst an Läden zu zahlen",
        None,
        None,
        "memo",
        "organisation",
        None,
    ),
)
TABLES = (
    "account",
    "entry",
    "outbox",
    "stream_head",
    "seal",
    "day_root",
    "balance_rollup",
    "daily_rollup",
    "ledger_document",
    "check_run",
)


def upgrade() -> None:
    _entries()
    _seals()
    _notes()
    _fill()
    op.execute(
        "CREATE TYPE posting_line AS (paper_id uuid, kind text, aggregate_id uuid, journal_id uuid, line_no int,"
        " ledger_id uuid, booked_on date, debit_account text, debit_party uuid, credit_account text,"
        " credit_party uuid, cents bigint, programme_id uuid, reverses uuid)"
    )
    create_functions(op.get_bind(), "money/ledger")
    run_file(op.get_bind(), "money/ledger", "balance_part")


def downgrade() -> None:
    op.execute("DROP VIEW balance_part")
    drop_functions(op.get_bind(), "money/ledger")
    op.execute("DROP FUNCTION IF EXISTS ledger_post_document")  # without a file since 0015
    op.execute("DROP TYPE IF EXISTS posting_line CASCADE")  # dropped by 0015 where that was undone
    for table in reversed(TABLES):
        op.drop_table(table)


def _entries() -> None:
    op.create_table(
        "account",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("skr03", sa.Text()),
        sa.Column("skr04", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("party", sa.Text()),
        sa.Column("clears", sa.Boolean(), nullable=False),
        sa.Column("clears_days", sa.SmallInteger()),
        sa.CheckConstraint("kind IN ('asset', 'liability', 'revenue', 'expense', 'memo')", name="kind_known"),
        sa.CheckConstraint("clears = (clears_days IS NOT NULL)", name="clears_in_days"),
    )
    op.create_table(
        "entry",
        sa.Column("aggregate_id", sa.Uuid(), primary_key=True),
        sa.Column("journal_id", sa.Uuid(), primary_key=True),
        sa.Column("line_no", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
        sa.Column("debit_account", sa.Text(), nullable=False),
        sa.Column("debit_party", sa.Uuid()),
        sa.Column("credit_account", sa.Text(), nullable=False),
        sa.Column("credit_party", sa.Uuid()),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("programme_id", sa.Uuid()),
        sa.Column("reverses", sa.Uuid()),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint(
            "debit_account <> credit_account OR debit_party IS DISTINCT FROM credit_party", name="sides_differ"
        ),
    )
    # The party is often the aggregate itself (a voucher): the primary key finds those, these find the others.
    op.create_index(
        "ix_entry_credit_party",
        "entry",
        ["credit_party", "booked_on"],
        postgresql_where=sa.text("credit_party <> aggregate_id"),
    )
    op.create_index(
        "ix_entry_debit_party",
        "entry",
        ["debit_party", "booked_on"],
        postgresql_where=sa.text("debit_party <> aggregate_id"),
    )
    op.create_index("ix_entry_listing", "entry", ["ledger_id", "booked_on", "journal_id", "line_no"])
    op.create_table(
        "outbox",
        sa.Column("aggregate_id", sa.Uuid(), primary_key=True),
        sa.Column("journal_id", sa.Uuid(), primary_key=True),
        sa.Column("stream", sa.SmallInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
    )
    op.create_index("ix_outbox_stream", "outbox", ["stream", "created_at"])
    # The queue is emptied all the time: without this its dead rows would be read again and again.
    op.execute("ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)")


def _seals() -> None:
    op.create_table(
        "stream_head",
        sa.Column("stream", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("last_seal", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "seal",
        sa.Column("stream", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("seal_no", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("row_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", Time, nullable=False),
        sa.UniqueConstraint("aggregate_id", "journal_id"),
    )
    op.create_table(
        "day_root",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("seals", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", Time, nullable=False),
    )
    op.create_table(
        "balance_rollup",
        sa.Column("stream", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("ledger_id", sa.Uuid(), primary_key=True),
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("party", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), primary_key=True),
        sa.Column("debit_cents", sa.BigInteger(), nullable=False),
        sa.Column("credit_cents", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_balance_rollup_account", "balance_rollup", ["ledger_id", "account", "party"])
    op.create_table(
        "daily_rollup",
        sa.Column("stream", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("booked_on", sa.Date(), primary_key=True),
        sa.Column("ledger_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("debit_account", sa.Text(), primary_key=True),
        sa.Column("credit_account", sa.Text(), primary_key=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_daily_rollup_day", "daily_rollup", ["ledger_id", "booked_on"])


def _notes() -> None:
    op.create_table(
        "ledger_document",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.UniqueConstraint("ledger_id", "kind", "reference"),
    )
    op.create_table(
        "check_run",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("started_at", Time, nullable=False),
        sa.Column("finished_at", Time, nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("seals", sa.BigInteger(), nullable=False),
        sa.Column("detail", JSONB(), nullable=False),
        sa.CheckConstraint("\"check\" IN ('proof', 'chain', 'cover')", name="check_known"),
    )
    op.create_index("ix_check_run_latest", "check_run", ["check", "finished_at"])


def _fill() -> None:
    names = ("key", "name", "skr03", "skr04", "kind", "party", "clears_days")
    account = sa.table("account", *(sa.column(name) for name in (*names, "clears")))
    rows = [dict(zip(names, row, strict=True)) | {"clears": row[6] is not None} for row in ACCOUNTS]
    op.bulk_insert(account, rows)
    for stream in range(STREAMS):
        op.execute(
            f"INSERT INTO stream_head (stream, last_seal, head_hash) VALUES ({stream}, 0, sha256('stream:{stream}'))"
        )
