"""Servers of shops, messages to them, and every try to deliver one. Decision 0314."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Id, Model
from people.models import Outlet
from vouchers.partners import states


class WebhookEndpoint(Model):
    """A server of a shop that gets messages of its tills. Secrets are encrypted; two are valid while one ends.

    `active`: messages are sent. `disabled_at`: too much failed; messages wait meanwhile. `removed_at`: gone.
    """

    __tablename__ = "webhook_endpoint"

    id: Mapped[Id]
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"), index=True)
    url: Mapped[str]
    secret: Mapped[bytes]
    old_secret: Mapped[bytes | None]
    old_until: Mapped[datetime | None]
    events: Mapped[list[str]] = mapped_column(ARRAY(sa.Text()))
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    rests_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None]

    outlet: Mapped[Outlet] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        sa.CheckConstraint("cardinality(events) > 0", name="events_some"),
        sa.CheckConstraint("(old_secret IS NULL) = (old_until IS NULL)", name="old_secret_ends"),
        sa.CheckConstraint("NOT active OR (disabled_at IS NULL AND removed_at IS NULL)", name="active_or_ended"),
    )


class WebhookMessage(Model):
    """A message about one operation at a shop, byte for byte. No personal data. Append-only."""

    __tablename__ = "webhook_message"

    id: Mapped[Id]
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"))
    event: Mapped[states.WebhookEventKind] = mapped_column(sa.Text())
    operation_id: Mapped[UUID | None]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (sa.UniqueConstraint("outlet_id", "operation_id"),)

    @property
    def public_id(self) -> str:
        """The id that the receiver knows; the same at every try."""
        return f"msg_{self.id.hex}"


class WebhookDelivery(Model):
    """One message on its way to one server."""

    __tablename__ = "webhook_delivery"

    id: Mapped[Id]
    message_id: Mapped[UUID] = mapped_column(sa.ForeignKey("webhook_message.id"))
    endpoint_id: Mapped[UUID] = mapped_column(sa.ForeignKey("webhook_endpoint.id"))
    state: Mapped[states.DeliveryState] = mapped_column(sa.Text(), default=states.DeliveryState.WAITING)
    tries: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    next_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)
    delivered_at: Mapped[datetime | None]

    message: Mapped[WebhookMessage] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        sa.UniqueConstraint("message_id", "endpoint_id"),
        sa.CheckConstraint(sa.column("state").in_(tuple(states.DeliveryState)), name="state_known"),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_has_time"),
        sa.Index("ix_webhook_delivery_due", "endpoint_id", "next_at", postgresql_where=sa.text("state = 'waiting'")),
        sa.Index("ix_webhook_delivery_log", "endpoint_id", "created_at"),
    )

    @property
    def is_retried(self) -> bool:
        """Whether a try failed and another one follows."""
        return states.is_retried(self.state, self.tries)


class WebhookAttempt(Model):
    """One try: the status of the answer, or the word for what went wrong before one. Append-only."""

    __tablename__ = "webhook_attempt"

    id: Mapped[Id]
    delivery_id: Mapped[UUID] = mapped_column(sa.ForeignKey("webhook_delivery.id"), index=True)
    began_at: Mapped[datetime]
    milliseconds: Mapped[int]
    status: Mapped[int | None] = mapped_column(sa.SmallInteger)
    error: Mapped[str | None]

    __table_args__ = (sa.CheckConstraint("status IS NOT NULL OR error IS NOT NULL", name="says_something"),)


class WebhookCursor(Model):
    """Up to which seal of a stream the messages are written."""

    __tablename__ = "webhook_cursor"

    stream: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    seal_no: Mapped[int] = mapped_column(sa.BigInteger)
