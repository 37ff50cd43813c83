"""Limits and periods of law as dated rows."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OLD = date(2002, 1, 1)
ROWS = [
    ("voucher.limitation_years", OLD, 3, "years", "§§ 195, 199 Abs. 1 BGB", "vom Ende des Ausgabejahres an"),
    ("voucher.withdrawal_days", date(2014, 6, 13), 14, "days", "§§ 312g, 355 BGB", "Widerruf beim Kauf im Netz"),
    ("voucher.most_cents", OLD, 25000, "cents", "Selbstbegrenzung nach § 2 Abs. 1 Nr. 10 ZAG", "je Gutschein"),
    ("voucher.least_cents", OLD, 1000, "cents", "Selbstbegrenzung", "je Gutschein"),
    ("voucher.payer_30_days_cents", OLD, 100000, "cents", "Selbstbegrenzung nach GwG", "je Käufer in 30 Tagen"),
]


def upgrade() -> None:
    table = op.create_table(
        "legal_value",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("valid_from", sa.Date(), primary_key=True),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("norm", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
    names = ("key", "valid_from", "value", "unit", "norm", "note")
    op.bulk_insert(table, [dict(zip(names, row, strict=True)) for row in ROWS])


def downgrade() -> None:
    op.drop_table("legal_value")
