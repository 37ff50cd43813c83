"""Deliveries: claimed in one transaction, sent outside of any, recorded in a second one. Decision 0314.

A worker that dies in between leaves a claim that runs out; the message then goes again, under the same id. Receivers
therefore see every message at least once and know a repetition by its `webhook-id`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock, lock_one, session, transact
from foundation.jobs import enqueue, job
from vouchers.partners import client, endpoints, errors, mail, signing
from vouchers.partners.client import RequestOutcome
from vouchers.partners.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from vouchers.partners.states import REST_DELAYS, RETRY_DELAYS, DeliveryState

BATCH_SIZE = 50
CLAIM_TTL = timedelta(minutes=1)  # longer than a try may take
D = WebhookDelivery


@dataclass(frozen=True)
class DeliveryOrder:
    """All that one try needs, without a row of the database."""

    delivery_id: UUID
    url: str
    headers: dict[str, str]
    body: str
    began_at: datetime


@job("vouchers.send_messages", transaction=False)
def send(endpoint_id: str) -> None:
    """Send what is due at one server until something fails: a server that is down costs one waiting, not fifty."""
    for _turn in range(BATCH_SIZE):
        order = transact(_claim, UUID(endpoint_id))
        if order is None:
            return
        outcome = client.post(order.url, order.headers, order.body)
        transact(_note, UUID(endpoint_id), order, outcome)
        if not outcome.good:
            return
    transact(send_soon, UUID(endpoint_id))


@job("vouchers.send_due_messages", every="* * * * *")
def send_due() -> None:
    """Queue the servers for which something is due: nothing waits for ever when a job was lost."""
    query = (
        sa.select(D.endpoint_id)
        .join(WebhookEndpoint, WebhookEndpoint.id == D.endpoint_id)
        .where(D.state == DeliveryState.WAITING, D.next_at <= now(), WebhookEndpoint.active)
        .distinct()
    )
    for endpoint_id in session.scalars(query).all():
        send_soon(endpoint_id)


def send_soon(endpoint_id: UUID) -> None:
    """Queue what is due at a server, in the present transaction."""
    enqueue(send, lock=f"vouchers.send_messages:{endpoint_id}", endpoint_id=str(endpoint_id))


def _claim(endpoint_id: UUID) -> DeliveryOrder | None:
    found = lock(WebhookEndpoint, [endpoint_id])
    at = now()
    if not found or not found[0].active or (found[0].rests_until and found[0].rests_until > at):
        return None
    endpoint = found[0]
    query = sa.select(D).where(D.endpoint_id == endpoint.id, D.state == DeliveryState.WAITING, D.next_at <= at)
    delivery = session.scalars(query.order_by(D.next_at, D.id).limit(1).with_for_update(of=D)).unique().one_or_none()
    if delivery is None:
        return None
    delivery.next_at = at + CLAIM_TTL
    message = delivery.message
    headers = signing.sign_headers(endpoints.load_valid_secrets(endpoint), message.public_id, at, message.body)
    return DeliveryOrder(delivery.id, endpoint.url, headers, message.body, at)


def _note(endpoint_id: UUID, order: DeliveryOrder, outcome: RequestOutcome) -> None:
    endpoint, delivery = lock_one(WebhookEndpoint, endpoint_id), lock_one(WebhookDelivery, order.delivery_id)
    session.add(
        WebhookAttempt(
            delivery_id=delivery.id,
            began_at=order.began_at,
            milliseconds=outcome.milliseconds,
            status=outcome.status,
            error=outcome.error,
        )
    )
    delivery.tries += 1
    if outcome.good:
        delivery.state, delivery.delivered_at = DeliveryState.DELIVERED, now()
        endpoint.failures, endpoint.rests_until = 0, None
        return
    endpoint.failures += 1
    endpoint.rests_until = now() + REST_DELAYS[min(endpoint.failures, len(REST_DELAYS)) - 1]
    if outcome.gone or delivery.tries > len(RETRY_DELAYS):
        delivery.state = DeliveryState.GIVEN_UP
        _disable(endpoint)
        return
    delivery.next_at = now() + RETRY_DELAYS[delivery.tries - 1]
    enqueue(send, at=max(delivery.next_at, endpoint.rests_until), endpoint_id=str(endpoint.id))


def _disable(endpoint: WebhookEndpoint) -> None:
    if endpoint.active:
        endpoint.active, endpoint.disabled_at = False, now()
        mail.send_disabled(endpoint)


def send_again(delivery_id: UUID, endpoint: WebhookEndpoint) -> None:
    """Send a message once more, whatever became of it, because a person wants it. Refuses (`NotFound`) other servers'.

    The endpoint is locked already. The count of tries begins again.
    """
    found = [d for d in lock(WebhookDelivery, [delivery_id]) if d.endpoint_id == endpoint.id]
    for delivery in found:
        delivery.state, delivery.tries = DeliveryState.WAITING, 0
        delivery.next_at, delivery.delivered_at = now(), None
        endpoint.rests_until = None
        send_soon(endpoint.id)
    if not found:
        raise errors.message_unknown()
