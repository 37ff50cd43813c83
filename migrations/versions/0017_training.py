"""Vouchers and tills to practise with, apart from the books."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = ("training_operation", "training_voucher", "training_till", "training_token")


def uuid(name: str, target: str | None = None, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), *([sa.ForeignKey(target)] if target else []), nullable=nullable)


def text(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def data(name: str, unique: bool = True) -> sa.Column:
    return sa.Column(name, sa.LargeBinary(), nullable=False, unique=unique)


def upgrade() -> None:
    op.create_table(
        "training_token",
        sa.Column("id", sa.Uuid(), primary_key=True),
        data("hash"),
        uuid("outlet_id", "outlet.id"),
        text("name"),
        uuid("created_by", nullable=True),
        time("created_at"),
        time("expires_at", nullable=True),
        time("revoked_at", nullable=True),
        sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),
    )
    op.create_index("ix_training_token_outlet_id", "training_token", ["outlet_id"])
    op.create_table(
        "training_till",
        sa.Column("till_id", sa.Uuid(), sa.ForeignKey("till.id"), primary_key=True),
        uuid("staff_id", nullable=True),
        time("since"),
    )
    op.create_table(
        "training_voucher",
        sa.Column("id", sa.Uuid(), primary_key=True),
        uuid("organisation_id", "organisation.id"),
        data("token_hash"),
        data("code_hash"),
        sa.Column("last4", sa.CHAR(4), nullable=False),
        text("state"),
        sa.Column("lots", JSONB(), nullable=False),
        time("made_at"),
        sa.CheckConstraint("state IN ('active', 'blocked')", name="state_known"),
        sa.CheckConstraint("octet_length(token_hash) = 32 AND octet_length(code_hash) = 32", name="hashes_whole"),
    )
    op.create_index("ix_training_voucher_organisation_id", "training_voucher", ["organisation_id"])
    _operations()


def _operations() -> None:
    op.create_table(
        "training_operation",
        sa.Column("id", sa.Uuid(), primary_key=True),
        uuid("voucher_id", "training_voucher.id", nullable=True),
        text("kind"),
        text("outcome"),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        uuid("actor_id"),
        text("key"),
        data("fingerprint", unique=False),
        uuid("ref_id", nullable=True),
        uuid("outlet_id"),
        uuid("staff_id", nullable=True),
        text("receipt_no", nullable=True),
        text("reason", nullable=True),
        time("expires_at", nullable=True),
        sa.Column("parts", JSONB(), nullable=False),
        sa.Column("answer", JSONB()),
        time("recorded_at"),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('capture', 'hold', 'redeem', 'refund', 'release', 'void')",
            name="kind_known",
        ),
        sa.CheckConstraint("cents >= 0", name="cents_not_negative"),
        sa.UniqueConstraint("actor_id", "key", name="uq_training_operation_key"),
    )
    op.create_index("ix_training_operation_day", "training_operation", ["outlet_id", "booked_on"])
    op.create_index("ix_training_operation_ref", "training_operation", ["voucher_id", "ref_id"])


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)
