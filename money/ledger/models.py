"""The tables of the ledger. The application may only read them; the functions in `money/ledger/sql/` write.

No foreign keys: a hot row must not lock a row that many share. The proof checks what they would have checked.
Where a roll-up has no party, programme or outlet it carries `NOBODY`, since a primary key takes no NULL.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Cents, Id, Model
from money.ledger.plan import AccountKind

NOBODY = UUID(int=0)
Small = sa.SmallInteger


class AccountRow(Model):
    """One account, as reports in SQL need it. `money.ledger.plan` holds the same for Python."""

    __tablename__ = "account"

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    skr03: Mapped[str | None]
    skr04: Mapped[str | None]
    kind: Mapped[str]
    party: Mapped[str | None]
    clears: Mapped[bool]
    clears_days: Mapped[int | None] = mapped_column(Small)

    __table_args__ = (
        sa.CheckConstraint(sa.column("kind").in_(sorted(AccountKind)), name="kind_known"),
        sa.CheckConstraint("clears = (clears_days IS NOT NULL)", name="clears_in_days"),
    )


class Entry(Model):
    """One booking sentence: debit, credit, amount. All sentences of one document share a journal id. Append-only."""

    __tablename__ = "entry"

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    journal_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(Small, primary_key=True)
    ledger_id: Mapped[UUID]
    kind: Mapped[str]
    booked_on: Mapped[date]
    recorded_at: Mapped[datetime]
    debit_account: Mapped[str]
    debit_party: Mapped[UUID | None]
    credit_account: Mapped[str]
    credit_party: Mapped[UUID | None]
    cents: Mapped[Cents]
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    programme_id: Mapped[UUID | None]
    reverses: Mapped[UUID | None]

    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint(
            "debit_account <> credit_account OR debit_party IS DISTINCT FROM credit_party", name="sides_differ"
        ),
        sa.Index("ix_entry_listing", "ledger_id", "booked_on", "journal_id", "line_no"),
        sa.Index(
            "ix_entry_debit_party",
            "debit_party",
            "booked_on",
            postgresql_where=sa.text("debit_party <> aggregate_id"),
        ),
        sa.Index(
            "ix_entry_credit_party",
            "credit_party",
            "booked_on",
            postgresql_where=sa.text("credit_party <> aggregate_id"),
        ),
    )


class WaitingDocument(Model):
    """A document that waits for its seal. The row goes when the seal comes."""

    __tablename__ = "outbox"

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    journal_id: Mapped[UUID] = mapped_column(primary_key=True)
    stream: Mapped[int] = mapped_column(Small)
    topic: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (sa.Index("ix_outbox_stream", "stream", "created_at"),)


class StreamHead(Model):
    """The newest seal of a stream; its lock makes one sealer at a time work on the stream."""

    __tablename__ = "stream_head"

    stream: Mapped[int] = mapped_column(Small, primary_key=True, autoincrement=False)
    last_seal: Mapped[int] = mapped_column(sa.BigInteger)
    head_hash: Mapped[bytes]


class Seal(Model):
    """A document's place in its stream and the hash that chains it to the one before. Append-only."""

    __tablename__ = "seal"

    stream: Mapped[int] = mapped_column(Small, primary_key=True, autoincrement=False)
    seal_no: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    aggregate_id: Mapped[UUID]
    journal_id: Mapped[UUID]
    topic: Mapped[str]
    row_hash: Mapped[bytes]
    sealed_at: Mapped[datetime]
    digest: Mapped[bytes]

    __table_args__ = (sa.UniqueConstraint("aggregate_id", "journal_id"),)


class WaitingRow(Model):
    """A row of an append-only table that waits for its seal: the digest of its content, taken as it was written."""

    __tablename__ = "row_queue"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    table_name: Mapped[str]
    digest: Mapped[bytes]
    created_at: Mapped[datetime]


class RowHead(Model):
    """The newest seal of single rows: one row, whose lock makes one sealer at a time work on them."""

    __tablename__ = "row_head"

    id: Mapped[int] = mapped_column(Small, primary_key=True, autoincrement=False)
    last_seal: Mapped[int] = mapped_column(sa.BigInteger)
    head_hash: Mapped[bytes]

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)


class RowSeal(Model):
    """The place of a single row in the chain of rows; its table and its digest say which. Append-only."""

    __tablename__ = "row_seal"

    seal_no: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    table_name: Mapped[str]
    digest: Mapped[bytes]
    row_hash: Mapped[bytes]
    sealed_at: Mapped[datetime]


class RowVersion(Model):
    """What a row that may change said from an instant on; `content` is empty when it was deleted. Append-only.

    `row_key`: the values of its primary key, with bars between them.
    """

    __tablename__ = "row_version"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    table_name: Mapped[str]
    row_key: Mapped[str]
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    recorded_at: Mapped[datetime]

    __table_args__ = (sa.Index("ix_row_version_row", "table_name", "row_key", "id"),)


class DayRoot(Model):
    """The heads of all streams at the end of a day, as one hash to publish. Append-only."""

    __tablename__ = "day_root"

    day: Mapped[date] = mapped_column(primary_key=True)
    root: Mapped[bytes]
    seals: Mapped[int] = mapped_column(sa.BigInteger)
    closed_at: Mapped[datetime]


class BalanceRollup(Model):
    """Sums of everything sealed, by account and party. Written by the sealer alone."""

    __tablename__ = "balance_rollup"

    stream: Mapped[int] = mapped_column(Small, primary_key=True, autoincrement=False)
    ledger_id: Mapped[UUID] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    party: Mapped[UUID] = mapped_column(primary_key=True)
    programme_id: Mapped[UUID] = mapped_column(primary_key=True)
    debit_cents: Mapped[Cents]
    credit_cents: Mapped[Cents]

    __table_args__ = (sa.Index("ix_balance_rollup_account", "ledger_id", "account", "party"),)


class DailyRollup(Model):
    """What was booked on a business day, by programme, place of business, kind and pair of accounts.

    Statistics read this and never the entries. Written by the sealer alone; sum over `stream`.
    """

    __tablename__ = "daily_rollup"

    stream: Mapped[int] = mapped_column(Small, primary_key=True, autoincrement=False)
    booked_on: Mapped[date] = mapped_column(primary_key=True)
    ledger_id: Mapped[UUID] = mapped_column(primary_key=True)
    programme_id: Mapped[UUID] = mapped_column(primary_key=True)
    outlet_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    debit_account: Mapped[str] = mapped_column(primary_key=True)
    credit_account: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[Cents]
    entries: Mapped[int] = mapped_column(sa.BigInteger)

    __table_args__ = (sa.Index("ix_daily_rollup_day", "ledger_id", "booked_on"),)


class PostingRule(Model):
    """What a kind of document rests on. `source` is the function that reads its lines from its paper; for what stored
    value posts within its own functions it is the table of the papers. Written by migrations alone.
    """

    __tablename__ = "posting_rule"

    kind: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    is_posted_by_paper: Mapped[bool]


class PeriodClosing(Model):
    """That an issuer's books are closed up to the last day of a month. Append-only; written by a function."""

    __tablename__ = "period_closing"

    ledger_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_day: Mapped[date] = mapped_column(primary_key=True)
    proposed_by: Mapped[UUID]
    approved_by: Mapped[UUID]
    closed_at: Mapped[datetime]

    __table_args__ = (sa.CheckConstraint("proposed_by <> approved_by", name="by_two"),)


class CheckRun(Model):
    """That proof, chain or cover were checked, up to which number of seals, and what was found. Append-only."""

    __tablename__ = "check_run"

    id: Mapped[Id]
    check: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    ok: Mapped[bool]
    seals: Mapped[int] = mapped_column(sa.BigInteger)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        sa.Index("ix_check_run_latest", "check", "finished_at"),
        sa.CheckConstraint("\"check\" IN ('proof', 'chain', 'cover')", name="check_known"),
    )
