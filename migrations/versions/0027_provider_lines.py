"""The provider's statement as a source of its own. Decision 0212."""

import sqlalchemy as sa
from alembic import op

from foundation.config import settings
from foundation.schema import make_append_only, run_file

revision = "0027_provider_lines"
down_revision = "0026_crossed_out"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)
APPEND_ONLY = ("provider_line", "provider_line_booking", "provider_report")
KINDS_POSTED = ("provider_line_fee", "provider_line_payer", "provider_line_payout")
FUNCTIONS = ("provider_line_posting", "provider_expected", "provider_match")
KINDS = "kind IN ('fee', 'payer', 'payout')"
CASES = "kind IN ('foreign_payment', {missing}'missing_there', {unbooked}'unknown_payment', 'unmatched_line')"
# Money between provider and bank: SKR03 1360, SKR04 1460. The tax adviser confirms the numbers.
TRANSIT = ("GT", "Geldtransit Auszahlungen", "1360", "1460", "asset", "payout", True, 14)


def upgrade() -> None:
    names = ("key", "name", "skr03", "skr04", "kind", "party", "clears", "clears_days")
    account = sa.table("account", *(sa.column(name) for name in names))
    op.bulk_insert(account, [dict(zip(names, TRANSIT, strict=True))])
    run_file(op.get_bind(), "money/ledger", "ledger_post")
    rule = sa.table("posting_rule", sa.column("kind"), sa.column("source"), sa.column("is_posted_by_paper"))
    rows = [{"kind": kind, "source": "provider_line_posting", "is_posted_by_paper": True} for kind in KINDS_POSTED]
    op.bulk_insert(rule, rows)
    _lines()
    _decisions()
    _cases(CASES.format(missing="'missing_line', ", unbooked="'unbooked_line', "))
    for name in FUNCTIONS:
        run_file(op.get_bind(), "money/payments", name)
        op.execute(f"REVOKE ALL ON FUNCTION {name}() FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {name}() TO "{settings().database_role}"')
    op.add_column("bank_placement", sa.Column("payout_id", sa.Uuid(), sa.ForeignKey("provider_line.id")))
    run_file(op.get_bind(), "money/bank", "bank_posting")
    _rights()


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
    op.drop_column("bank_placement", "payout_id")
    for table in ("provider_report", "provider_line_booking", "provider_line_proposal", "provider_feed"):
        op.drop_table(table)
    op.drop_table("provider_line")
    op.execute("DELETE FROM provider_case WHERE kind IN ('missing_line', 'unbooked_line')")
    _cases(CASES.format(missing="", unbooked=""))
    kinds = ", ".join(f"'{kind}'" for kind in KINDS_POSTED)
    op.execute(f"DELETE FROM posting_rule WHERE kind IN ({kinds})")
    op.execute("DELETE FROM account WHERE key = 'GT'")


def _lines() -> None:
    op.create_table(
        "provider_line",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("provider_ref", sa.Text(), nullable=False, unique=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), index=True),
        sa.Column("intent_ref", sa.Text(), index=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("net_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("created_at", Time, nullable=False, index=True),
        sa.Column("available_at", Time, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint("net_cents = cents - fee_cents", name="net_adds_up"),
    )
    op.create_table(
        "provider_feed",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("complete_until", Time),
        sa.Column("since", Time),
        sa.Column("until", Time),
        sa.Column("page_after", sa.Text()),
    )
    figures = ("theirs_cents", "ours_cents", "under_way_cents", "difference_cents")
    op.create_table(
        "provider_report",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("stated_cents", sa.BigInteger()),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in figures),
        sa.Column("recorded_at", Time, nullable=False),
    )


def _decisions() -> None:
    op.create_table(
        "provider_line_proposal",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("line_id", sa.Uuid(), sa.ForeignKey("provider_line.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ledger_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("proposed_at", Time, nullable=False),
        sa.Column("decided_by", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("decided_at", Time),
        sa.Column("approved", sa.Boolean()),
        sa.CheckConstraint(KINDS, name="kind_known"),
        sa.CheckConstraint("NOT coalesce(approved, false) OR decided_by <> proposed_by", name="two_people"),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (approved IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="decided_whole",
        ),
    )
    name, where = "uq_provider_line_proposal_open", sa.text("decided_at IS NULL")
    op.create_index(name, "provider_line_proposal", ["line_id"], unique=True, postgresql_where=where)
    op.create_table(
        "provider_line_booking",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("line_id", sa.Uuid(), sa.ForeignKey("provider_line.id"), nullable=False, unique=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ledger_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("party_id", sa.Uuid(), sa.ForeignKey("provider_line.id"), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), sa.ForeignKey("provider_line_proposal.id")),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint(KINDS, name="kind_known"),
    )


def _cases(text: str) -> None:
    op.drop_constraint(op.f("ck_provider_case_kind_known"), "provider_case", type_="check")
    op.create_check_constraint("kind_known", "provider_case", text)


def _rights() -> None:
    role = settings().database_role
    make_append_only(op.get_bind(), *APPEND_ONLY, role=role)
    op.execute(
        "CREATE TRIGGER keep_version AFTER INSERT OR UPDATE OR DELETE ON provider_line_proposal FOR EACH ROW"
        " EXECUTE FUNCTION keep_version('id')"
    )
    op.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON provider_line_proposal FROM "{role}"')
    op.execute(f'GRANT UPDATE (decided_by, decided_at, approved) ON provider_line_proposal TO "{role}"')
    op.execute(f'REVOKE DELETE, TRUNCATE ON provider_feed FROM "{role}"')
