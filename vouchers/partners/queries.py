"""What a shop's cash systems are, what its servers were sent, and what became of it. Decisions 0306, 0314."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from people.models import Outlet
from vouchers.partners import errors, states
from vouchers.partners.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookMessage
from vouchers.partners.states import DeliveryState
from vouchers.practice.models import PracticeToken
from vouchers.tills import devices, redemption_log
from vouchers.tills.models import Till, TillToken

MAX_LINES_SHOWN = 50


@dataclass(frozen=True)
class WebhookLogLine:
    """A line of the log: one message to one server, with its last try."""

    id: UUID
    message_id: UUID
    event: str
    created_at: datetime
    state: DeliveryState
    tries: int
    next_at: datetime
    last_at: datetime | None
    status: int | None
    error: str | None
    milliseconds: int | None

    @property
    def is_delivered(self) -> bool:
        """Whether the server took the message."""
        return self.state == DeliveryState.DELIVERED

    @property
    def is_given_up(self) -> bool:
        """Whether it is not tried any more."""
        return self.state == DeliveryState.GIVEN_UP

    @property
    def is_retried(self) -> bool:
        """Whether a try failed and another one follows."""
        return states.is_retried(self.state, self.tries)


def list_log(endpoint_id: UUID, *, before: UUID | None = None, limit: int = MAX_LINES_SHOWN) -> list[WebhookLogLine]:
    """List the newest messages to a server; `before` continues after a page's last line."""
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
    """List every try of a delivery, the first first."""
    query = sa.select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id).order_by(WebhookAttempt.id)
    return session.scalars(query).all()


def load_delivery(delivery_id: UUID, endpoint_id: UUID) -> WebhookDelivery:
    """Load one delivery to a server. Refuses (`NotFound`) those to others."""
    found = session.get(WebhookDelivery, delivery_id)
    if found is None or found.endpoint_id != endpoint_id:
        raise errors.message_unknown()
    return found


@dataclass(frozen=True)
class CashSystems:
    """What a shop's cash systems are, with their valid tokens, their last use, and the servers that get messages."""

    outlet: Outlet
    tills: Sequence[Till]
    tokens: dict[UUID, list[TillToken]]
    used: dict[UUID, datetime]
    practice_keys: Sequence[PracticeToken]
    endpoints: Sequence[WebhookEndpoint]


def load_cash_systems(outlet: Outlet) -> CashSystems:
    """Load what a shop has given its cash systems, and its servers."""
    tills = devices.list_tills(outlet.id)
    return CashSystems(
        outlet,
        tills,
        _list_valid_tokens(till.id for till in tills),
        redemption_log.last_used(outlet.id),
        list_practice_keys(outlet.id),
        list_endpoints(outlet.id),
    )


def list_practice_keys(outlet_id: UUID) -> Sequence[PracticeToken]:
    """List the keys of a shop with which cash systems practise, the newest first."""
    query = sa.select(PracticeToken).where(PracticeToken.outlet_id == outlet_id, PracticeToken.revoked_at.is_(None))
    return session.scalars(query.order_by(PracticeToken.created_at.desc())).all()


def list_endpoints(outlet_id: UUID) -> Sequence[WebhookEndpoint]:
    """List the servers of a shop, the oldest first."""
    query = sa.select(WebhookEndpoint).where(
        WebhookEndpoint.outlet_id == outlet_id, WebhookEndpoint.removed_at.is_(None)
    )
    return session.scalars(query.order_by(WebhookEndpoint.id)).unique().all()


def _list_valid_tokens(till_ids: Iterable[UUID]) -> dict[UUID, list[TillToken]]:
    valid = sa.and_(
        TillToken.revoked_at.is_(None), sa.or_(TillToken.expires_at.is_(None), TillToken.expires_at > now())
    )
    query = sa.select(TillToken).where(TillToken.till_id.in_(list(till_ids)), valid)
    tokens: dict[UUID, list[TillToken]] = {}
    for token in session.scalars(query.order_by(TillToken.created_at.desc())):
        tokens.setdefault(token.till_id, []).append(token)
    return tokens
