"""What was told to a shop's servers, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from vouchers.partners.models import WebhookAttempt, WebhookDelivery, WebhookMessage


@dataclass(frozen=True)
class WebhookLogLine:
    """A line of the log: one message to one server, with its last try."""

    id: UUID
    message_id: UUID
    event: str
    created_at: datetime
    state: str
    tries: int
    next_at: datetime
    last_at: datetime | None
    status: int | None
    error: str | None
    milliseconds: int | None


def list_log(endpoint_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[WebhookLogLine]:
    """The newest messages to a server; `before` continues after a page's last line."""
    attempt = (
        sa.select(WebhookAttempt)
        .where(WebhookAttempt.delivery_id == WebhookDelivery.id)
        .order_by(WebhookAttempt.id.desc())
        .limit(1)
        .lateral()
    )
    query = (
        sa.select(
            WebhookDelivery.id,
            WebhookMessage.id,
            WebhookMessage.event,
            WebhookMessage.created_at,
            WebhookDelivery.state,
            WebhookDelivery.tries,
            WebhookDelivery.next_at,
            attempt.c.began_at,
            attempt.c.status,
            attempt.c.error,
            attempt.c.milliseconds,
        )
        .join(WebhookMessage, WebhookMessage.id == WebhookDelivery.message_id)
        .outerjoin(attempt, sa.true())
        .where(WebhookDelivery.endpoint_id == endpoint_id)
        .order_by(WebhookDelivery.id.desc())
        .limit(limit)
    )
    if before:
        query = query.where(WebhookDelivery.id < before)
    return [WebhookLogLine(*row) for row in session.execute(query)]


def list_attempts(delivery_id: UUID) -> Sequence[WebhookAttempt]:
    """Every try of a delivery, the first first."""
    query = sa.select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id).order_by(WebhookAttempt.id)
    return session.scalars(query).all()


def find_delivery(delivery_id: UUID, endpoint_id: UUID) -> WebhookDelivery | None:
    """One delivery to a server."""
    found = session.get(WebhookDelivery, delivery_id)
    return found if found and found.endpoint_id == endpoint_id else None
