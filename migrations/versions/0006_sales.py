"""Sales of vouchers to shoppers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def text(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "voucher_sale",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.Text(), nullable=False, unique=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        text("state"),
        text("buyer_email"),
        text("buyer_name"),
        text("language"),
        sa.Column("gift", sa.Boolean(), nullable=False),
        text("recipient_email", nullable=True),
        text("recipient_name", nullable=True),
        text("recipient_language"),
        text("message"),
        text("design"),
        time("deliver_at", nullable=True),
        sa.Column("postcode", sa.CHAR(5)),
        sa.Column("terms_hash", sa.LargeBinary()),
        sa.Column("payment_id", sa.Uuid()),
        sa.Column("voucher_id", sa.Uuid(), unique=True),
        time("created_at"),
        time("ordered_at", nullable=True),
        time("paid_at", nullable=True),
        time("delivered_at", nullable=True),
        sa.CheckConstraint("state IN ('draft', 'ordered', 'paid', 'delivered')", name="state_known"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("NOT gift OR recipient_email IS NOT NULL", name="gift_has_recipient"),
        sa.CheckConstraint("(state IN ('paid', 'delivered')) = (voucher_id IS NOT NULL)", name="voucher_when_paid"),
    )
    op.create_index("ix_voucher_sale_buyer", "voucher_sale", [sa.text("lower(buyer_email)")])


def downgrade() -> None:
    op.drop_table("voucher_sale")
