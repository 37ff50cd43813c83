"""Statements of banks with lines of both signs, and what debits were. Decision 0209."""

import sqlalchemy as sa
from alembic import op

from foundation.config import settings
from foundation.schema import make_append_only, run_file

revision = "0018_bank_lines"
down_revision = "0017_disputes"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)
KINDS_POSTED = (
    "bank_debited",
    "bank_detail",
    "bank_fee",
    "bank_interest",
    "bank_own_transfer",
    "bank_return_sent",
    "bank_reversal",
    "bank_taken_back",
)
APPEND_ONLY = ("bank_statement", "bank_line")
KINDS = "'camt.052', 'camt.053', 'camt.054', 'mt940'"
PLACES = (
    "'claim', 'detail', 'fee', 'interest', 'own', 'own_transfer', 'payment', 'provider', 'return', 'reversal',"
    " 'taken_back'"
)


# Interest received: SKR03 2650, SKR04 7100. The tax adviser confirms the numbers.
INTEREST = ("ZE", "Zinserträge", "2650", "7100", "revenue", False)


def upgrade() -> None:
    names = ("key", "name", "skr03", "skr04", "kind", "clears")
    account = sa.table("account", *(sa.column(name) for name in names))
    op.bulk_insert(account, [dict(zip(names, INTEREST, strict=True))])
    run_file(op.get_bind(), "money/ledger", "ledger_post")
    _rules()
    _account()
    _statement()
    _receipt()
    _line()
    _placement()
    _proposal()
    op.add_column("bank_return", sa.Column("reopens", sa.Uuid(), sa.ForeignKey("bank_return.id"), unique=True))
    op.add_column("bank_return", sa.Column("came_back", sa.Text()))
    run_file(op.get_bind(), "money/bank", "bank_posting")
    role = settings().database_role
    make_append_only(op.get_bind(), *APPEND_ONLY, role=role)
    op.execute(
        "CREATE TRIGGER keep_version AFTER INSERT OR UPDATE OR DELETE ON bank_debit_proposal FOR EACH ROW"
        " EXECUTE FUNCTION keep_version('id')"
    )
    op.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON bank_debit_proposal FROM "{role}"')
    op.execute(f'GRANT UPDATE (decided_by, decided_at, agreed) ON bank_debit_proposal TO "{role}"')


def downgrade() -> None:
    op.execute("DELETE FROM account WHERE key = 'ZE'")
    rows = ", ".join(f"'{kind}'" for kind in KINDS_POSTED)
    op.execute(f"DELETE FROM posting_rule WHERE kind IN ({rows})")
    op.drop_column("bank_return", "came_back")
    op.drop_column("bank_return", "reopens")
    op.drop_table("bank_debit_proposal")
    for name in ("something_allocated", "return_named", "two_sides", "by_two", "payment_named", "place_known"):
        op.drop_constraint(op.f(f"ck_bank_placement_{name}"), "bank_placement")
    for name in ("line_id", "return_id", "approved_by"):
        op.drop_column("bank_placement", name)
    op.alter_column("bank_placement", "receipt_id", nullable=False)
    _check("bank_placement", "place_known", "place IN ('claim', 'own', 'payment', 'provider')")
    _check("bank_placement", "payment_named", "(place = 'payment') = (payment_id IS NOT NULL)")
    op.drop_table("bank_line")
    op.drop_index("uq_bank_receipt_typed", "bank_receipt")
    op.drop_column("bank_receipt", "parent_id")
    op.drop_column("bank_receipt", "detail_id")
    op.create_unique_constraint("uq_bank_receipt_reference", "bank_receipt", ["account_id", "bank_reference"])
    op.drop_table("bank_statement")
    op.drop_column("bank_account", "feed")
    op.drop_constraint(op.f("ck_bank_account_purpose_known"), "bank_account")
    _check("bank_account", "purpose_known", "purpose IN ('trust')")


def _rules() -> None:
    """What bank lines are posted as."""
    rule = sa.table("posting_rule", sa.column("kind"), sa.column("source"), sa.column("is_posted_by_paper"))
    rows = [{"kind": kind, "source": "bank_posting", "is_posted_by_paper": True} for kind in KINDS_POSTED]
    op.bulk_insert(rule, rows)


def _account() -> None:
    op.add_column("bank_account", sa.Column("feed", sa.Text()))
    op.drop_constraint(op.f("ck_bank_account_purpose_known"), "bank_account")
    _check("bank_account", "purpose_known", "purpose IN ('operating', 'trust')")
    _check("bank_account", "feed_known", "feed IN ('daily', 'intraday')")


def _statement() -> None:
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("bank_account.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("moves", sa.Boolean(), nullable=False),
        sa.Column("follows", sa.Uuid(), sa.ForeignKey("bank_statement.id"), unique=True),
        sa.Column("opening_cents", sa.BigInteger()),
        sa.Column("closing_cents", sa.BigInteger()),
        sa.Column("closing_on", sa.Date()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("entered_by", sa.Uuid()),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name="kind_known"),
        sa.CheckConstraint("(closing_cents IS NULL) = (closing_on IS NULL)", name="closing_dated"),
        sa.UniqueConstraint("account_id", "digest", name="uq_bank_statement_digest"),
    )
    first = sa.text("moves AND follows IS NULL AND closing_cents IS NOT NULL")
    op.create_index("uq_bank_statement_first", "bank_statement", ["account_id"], unique=True, postgresql_where=first)


def _receipt() -> None:
    op.drop_constraint("uq_bank_receipt_reference", "bank_receipt")
    op.add_column("bank_receipt", sa.Column("parent_id", sa.Uuid(), sa.ForeignKey("bank_receipt.id")))
    op.add_column("bank_receipt", sa.Column("detail_id", sa.Uuid(), unique=True))
    op.create_index("ix_bank_receipt_parent_id", "bank_receipt", ["parent_id"])
    _check("bank_receipt", "part_is_a_detail", "(parent_id IS NULL) = (detail_id IS NULL)")
    op.create_index(
        "uq_bank_receipt_typed",
        "bank_receipt",
        ["account_id", "bank_reference"],
        unique=True,
        postgresql_where=sa.text("source = 'person'"),
    )


def _line() -> None:
    op.create_table(
        "bank_line",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("bank_account.id"), nullable=False),
        sa.Column("statement_id", sa.Uuid(), sa.ForeignKey("bank_statement.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date()),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=False),
        sa.Column("party_name", sa.Text(), nullable=False),
        sa.Column("party_iban", sa.Text()),
        sa.Column("remittance", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("batch_reference", sa.Text(), nullable=False),
        sa.Column("moves", sa.Boolean(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), sa.ForeignKey("bank_receipt.id"), unique=True),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("direction IN ('credit', 'debit')", name="direction_known"),
        sa.CheckConstraint("NOT moves OR (direction = 'credit') = (receipt_id IS NOT NULL)", name="credit_has_receipt"),
        sa.CheckConstraint("receipt_id IS NULL OR direction = 'credit'", name="debit_has_none"),
        sa.UniqueConstraint("statement_id", "position", "part", name="uq_bank_line_place"),
    )
    op.create_index("ix_bank_line_account", "bank_line", ["account_id", "booked_on", "cents"])


def _placement() -> None:
    op.alter_column("bank_placement", "receipt_id", nullable=True)
    op.add_column("bank_placement", sa.Column("line_id", sa.Uuid(), sa.ForeignKey("bank_line.id")))
    op.add_column("bank_placement", sa.Column("return_id", sa.Uuid(), sa.ForeignKey("bank_return.id")))
    op.add_column("bank_placement", sa.Column("approved_by", sa.Uuid()))
    op.create_index("ix_bank_placement_line_id", "bank_placement", ["line_id"])
    op.create_index("ix_bank_placement_return_id", "bank_placement", ["return_id"])
    op.drop_constraint(op.f("ck_bank_placement_place_known"), "bank_placement")
    op.drop_constraint(op.f("ck_bank_placement_payment_named"), "bank_placement")
    _check("bank_placement", "place_known", f"place IN ({PLACES})")
    _check("bank_placement", "something_allocated", "receipt_id IS NOT NULL OR line_id IS NOT NULL")
    named = "(place IN ('payment', 'taken_back')) = (payment_id IS NOT NULL)"
    _check("bank_placement", "payment_named", named)
    _check("bank_placement", "return_named", "(place = 'return') = (return_id IS NOT NULL)")
    both = "place <> 'own_transfer' OR (receipt_id IS NOT NULL AND line_id IS NOT NULL)"
    _check("bank_placement", "two_sides", both)
    _check("bank_placement", "by_two", "approved_by <> placed_by")


def _proposal() -> None:
    op.create_table(
        "bank_debit_proposal",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("line_id", sa.Uuid(), sa.ForeignKey("bank_line.id"), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), sa.ForeignKey("bank_receipt.id")),
        sa.Column("return_id", sa.Uuid(), sa.ForeignKey("bank_return.id")),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", Time, nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", Time),
        sa.Column("agreed", sa.Boolean()),
        sa.CheckConstraint(f"place IN ({PLACES})", name="place_known"),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_by_somebody"),
        sa.CheckConstraint("(decided_by IS NULL) = (agreed IS NULL)", name="decided_somehow"),
        sa.CheckConstraint("decided_by <> proposed_by OR NOT agreed", name="by_two"),
    )
    waiting = sa.text("decided_at IS NULL")
    op.create_index(
        "uq_bank_debit_proposal_open", "bank_debit_proposal", ["line_id"], unique=True, postgresql_where=waiting
    )


def _check(table: str, name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
