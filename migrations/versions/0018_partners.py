"""Messages to cash registers and partners: addresses, what is told, deliveries with every try, and how far we read.

`webhook_cursor` starts at the newest seal of each stream: what was sealed before is told to nobody.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATES = "state IN ('waiting', 'delivered', 'given_up')"


def time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _endpoints()
    _messages()
    op.create_table(
        "webhook_cursor",
        sa.Column("stream", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("seal_no", sa.BigInteger(), nullable=False),
    )
    op.execute("INSERT INTO webhook_cursor (stream, seal_no) SELECT stream, last_seal FROM stream_head")
    for table in ("webhook_message", "webhook_attempt"):
        op.execute(f"SELECT make_append_only('{table}')")


def _endpoints() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary()),
        time("old_until", nullable=True),
        sa.Column("events", ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        time("rests_until", nullable=True),
        time("disabled_at", nullable=True),
        sa.Column("created_by", sa.Uuid()),
        time("created_at"),
        time("removed_at", nullable=True),
        sa.CheckConstraint("cardinality(events) > 0", name="events_some"),
        sa.CheckConstraint("(old_secret IS NULL) = (old_until IS NULL)", name="old_secret_ends"),
        sa.CheckConstraint("NOT active OR (disabled_at IS NULL AND removed_at IS NULL)", name="active_or_ended"),
    )
    op.create_index("ix_webhook_endpoint_outlet_id", "webhook_endpoint", ["outlet_id"])


def _messages() -> None:
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Uuid()),
        sa.Column("body", sa.Text(), nullable=False),
        time("created_at"),
        sa.UniqueConstraint("outlet_id", "operation_id"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("message_id", sa.Uuid(), sa.ForeignKey("webhook_message.id"), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), sa.ForeignKey("webhook_endpoint.id"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        time("next_at"),
        time("created_at"),
        time("delivered_at", nullable=True),
        sa.UniqueConstraint("message_id", "endpoint_id"),
        sa.CheckConstraint(STATES, name="state_known"),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_has_time"),
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["endpoint_id", "next_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_webhook_delivery_log", "webhook_delivery", ["endpoint_id", "created_at"])
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("delivery_id", sa.Uuid(), sa.ForeignKey("webhook_delivery.id"), nullable=False),
        time("began_at"),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.SmallInteger()),
        sa.Column("error", sa.Text()),
        sa.CheckConstraint("status IS NOT NULL OR error IS NOT NULL", name="says_something"),
    )
    op.create_index("ix_webhook_attempt_delivery_id", "webhook_attempt", ["delivery_id"])


def downgrade() -> None:
    for table in ("webhook_attempt", "webhook_delivery", "webhook_message", "webhook_cursor", "webhook_endpoint"):
        op.drop_table(table)
