"""The holder's wallet: items with rotating codes, addresses of holders, reminders, and a look-up that tells nothing."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from foundation.config import settings

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).resolve().parent.parent / "sql"
DECOYS = 64


def upgrade() -> None:
    _items()
    op.create_table(
        "voucher_contact",
        sa.Column("voucher_id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_voucher_contact_email", "voucher_contact", [sa.text("lower(email)")])
    op.create_table(
        "wallet_reminder",
        sa.Column("item_id", sa.Uuid(), sa.ForeignKey("wallet_item.id"), primary_key=True),
        sa.Column("lot_id", sa.Uuid(), primary_key=True),
        sa.Column("days", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "lapse_letter",
        sa.Column("operation_id", sa.Uuid(), primary_key=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
    )
    lapsed = sa.text("lapsed_cents > 0")
    op.create_index("ix_voucher_operation_lapsed", "voucher_operation", ["id"], postgresql_where=lapsed)
    op.create_table(
        "pin_decoy",
        sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("wrong_pins", sa.SmallInteger(), nullable=False),
    )
    op.execute(f"INSERT INTO pin_decoy (id, wrong_pins) SELECT n, 0 FROM generate_series(0, {DECOYS - 1}) n")
    op.get_bind().exec_driver_sql((FOLDER / "0016_wallet.sql").read_text("utf-8").replace("%", "%%"))
    op.execute("REVOKE ALL ON FUNCTION voucher_still FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION voucher_still TO "{settings().database_role}"')


def downgrade() -> None:
    before = (FOLDER / "0005_vouchers.sql").read_text("utf-8")
    function = before[before.index("CREATE FUNCTION voucher_by_pin") :].replace("CREATE", "CREATE OR REPLACE", 1)
    op.get_bind().exec_driver_sql(function.replace("%", "%%"))
    op.execute("DROP FUNCTION voucher_still")
    op.drop_index("ix_voucher_operation_lapsed", "voucher_operation")
    for table in ("pin_decoy", "lapse_letter", "wallet_reminder", "voucher_contact", "wallet_item"):
        op.drop_table(table)


def _items() -> None:
    op.create_table(
        "wallet_item",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False, unique=True),
        sa.Column("token", sa.LargeBinary()),
        sa.Column("totp", sa.LargeBinary()),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("remind", sa.Boolean(), nullable=False),
        sa.Column("wrong_codes", sa.SmallInteger(), nullable=False),
        sa.Column("wrong_since", sa.DateTime(timezone=True)),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (token IS NOT NULL) AND (removed_at IS NULL) = (totp IS NOT NULL)",
            name="secrets_while_held",
        ),
    )
    op.create_index("ix_wallet_item_person_id", "wallet_item", ["person_id"])
    op.create_index(
        "uq_wallet_item_voucher",
        "wallet_item",
        ["voucher_id"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
