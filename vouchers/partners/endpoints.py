"""The servers of a shop that get messages: add one, change it, renew its secret, pause it, remove it. Decision 0314."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from foundation import audit
from foundation.clock import now
from foundation.database import lock, session, uuid7
from foundation.security import decrypt, encrypt
from vouchers.partners import addresses, errors, queries, signing
from vouchers.partners.models import WebhookEndpoint
from vouchers.partners.states import EVENTS

MAX_ENDPOINTS = 5
OLD_SECRET_TTL = timedelta(hours=24)
CHOSEN_EVENTS = tuple(EVENTS.values())


def add(outlet_id: UUID, *, url: str, events: Iterable[str], person_id: UUID | None) -> tuple[UUID, str]:
    """Add a server; return its id and its secret in plain, once. Refuses other than public addresses, and a sixth."""
    addresses.parse_url(url)
    chosen = _check_endpoint(events)
    if len(queries.list_endpoints(outlet_id)) >= MAX_ENDPOINTS:
        raise errors.too_many_endpoints()
    secret = signing.generate_secret()
    endpoint = WebhookEndpoint(
        id=uuid7(),
        outlet_id=outlet_id,
        url=url.strip(),
        secret=encrypt(secret.encode()),
        events=chosen,
        created_by=person_id,
    )
    session.add(endpoint)
    session.flush()
    audit.record("webhook.add", "webhook_endpoint", endpoint.id, outlet=str(outlet_id), events=chosen)
    return endpoint.id, secret


def change(endpoint_id: UUID, outlet_ids: Iterable[UUID], *, url: str, events: Iterable[str]) -> None:
    """Change address or events; the secret stays. What waits goes to the new address. Refuses as `add` does."""
    endpoint = lock_endpoint(endpoint_id, outlet_ids)
    addresses.parse_url(url)
    endpoint.url, endpoint.events = url.strip(), _check_endpoint(events)
    audit.record("webhook.change", "webhook_endpoint", endpoint.id, events=endpoint.events)


def rotate(endpoint_id: UUID, outlet_ids: Iterable[UUID]) -> str:
    """Make a new secret; return it in plain, once. For 24 hours messages carry a signature of each."""
    endpoint = lock_endpoint(endpoint_id, outlet_ids)
    secret = signing.generate_secret()
    endpoint.old_secret, endpoint.old_until = endpoint.secret, now() + OLD_SECRET_TTL
    endpoint.secret = encrypt(secret.encode())
    audit.record("webhook.rotate", "webhook_endpoint", endpoint.id)
    return secret


def pause(endpoint_id: UUID, outlet_ids: Iterable[UUID]) -> None:
    """Send nothing until it is resumed; messages wait meanwhile."""
    endpoint = lock_endpoint(endpoint_id, outlet_ids)
    endpoint.active = False
    audit.record("webhook.pause", "webhook_endpoint", endpoint.id)


def resume(endpoint_id: UUID, outlet_ids: Iterable[UUID]) -> None:
    """Send again, beginning with what waits."""
    endpoint = lock_endpoint(endpoint_id, outlet_ids)
    endpoint.active, endpoint.disabled_at, endpoint.failures, endpoint.rests_until = True, None, 0, None
    audit.record("webhook.resume", "webhook_endpoint", endpoint.id)


def remove(endpoint_id: UUID, outlet_ids: Iterable[UUID]) -> None:
    """Send it nothing more; its log stays."""
    endpoint = lock_endpoint(endpoint_id, outlet_ids)
    endpoint.active, endpoint.removed_at = False, now()
    audit.record("webhook.remove", "webhook_endpoint", endpoint.id)


def lock_endpoint(endpoint_id: UUID, outlet_ids: Iterable[UUID]) -> WebhookEndpoint:
    """Lock an endpoint of one of these shops. Refuses foreign and removed ones (`NotFound`)."""
    found = lock(WebhookEndpoint, [endpoint_id])
    if not found or found[0].removed_at or found[0].outlet_id not in set(outlet_ids):
        raise errors.endpoint_unknown()
    return found[0]


def load_valid_secrets(endpoint: WebhookEndpoint) -> list[str]:
    """Load the secrets to sign with now, the newest first."""
    found = [decrypt(endpoint.secret).decode()]
    if endpoint.old_secret and endpoint.old_until and endpoint.old_until > now():
        found.append(decrypt(endpoint.old_secret).decode())
    return found


def _check_endpoint(events: Iterable[str]) -> list[str]:
    chosen = set(events)
    if not chosen or not chosen <= set(CHOSEN_EVENTS):
        raise errors.events_not_valid()
    return [event for event in CHOSEN_EVENTS if event in chosen]
