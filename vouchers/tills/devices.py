"""Tills: enrolling a device by a one-time link, finding it by its token, revoking it. Decision 0305.

A till is a device, not a person: it carries a bearer token. Somebody at the till needs no account of their own.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session, uuid7
from foundation.security import keyed_hash
from vouchers.tills import errors
from vouchers.tills.models import Till, TillEnrolment, TillToken
from vouchers.tills.names import cleaned_name
from vouchers.tills.states import TokenScope
from vouchers.tills.tokens import add_token, hash_bearer

INVITATION_TTL = timedelta(minutes=10)
MAX_TILLS = 50


def invite_device(outlet_id: UUID, *, name: str, person_id: UUID | None) -> str:
    """Make a secret with which one device can enrol once, within ten minutes, as a till of the shop."""
    _check_room(outlet_id)
    secret = secrets.token_urlsafe(24)
    session.add(
        TillEnrolment(
            outlet_id=outlet_id,
            name=cleaned_name(name, "name"),
            secret_hash=_hash_secret(secret),
            created_by=person_id,
            expires_at=now() + INVITATION_TTL,
        )
    )
    audit.record("till.invite", "outlet", outlet_id, name=name)
    return secret


def load_invitation(secret: str) -> TillEnrolment:
    """Load the open invitation of a secret. Refuses used, old and unknown ones in one sentence (`NotFound`)."""
    query = sa.select(TillEnrolment).where(TillEnrolment.secret_hash == _hash_secret(secret))
    found = session.scalars(query).one_or_none()
    if found is None or found.used_at or found.expires_at <= now():
        raise errors.invitation_not_valid()
    return found


def enrol_device(secret: str) -> tuple[UUID, str]:
    """Make a device a till: its id and its bearer token in plain, once. Refuses as `load_invitation` does."""
    found = lock_one(TillEnrolment, load_invitation(secret).id)
    if found.used_at:
        raise errors.invitation_used()
    till_id, bearer = add_till(found.outlet_id, name=found.name, person_id=found.created_by)
    found.used_at, found.till_id = now(), till_id
    return till_id, bearer


def add_till(outlet_id: UUID, *, name: str, person_id: UUID | None) -> tuple[UUID, str]:
    """Add a till with a token of all scopes in plain, once: for `enrol_device`, and for cash systems that use the API.

    Refuses more than 50 tills of one shop.
    """
    _check_room(outlet_id)
    till = Till(id=uuid7(), outlet_id=outlet_id, name=cleaned_name(name, "name"), enrolled_by=person_id)
    session.add(till)
    session.flush()
    audit.record("till.enrol", "till", till.id, outlet=str(outlet_id))
    return till.id, add_token(till.id, till.name, TokenScope)


def load_till(till_id: UUID, outlet_ids: Collection[UUID]) -> Till:
    """Load a till of one of these shops. Refuses (`NotFound`) revoked ones and those of other shops."""
    till = session.get(Till, till_id)
    if till is None or till.revoked_at or till.outlet_id not in outlet_ids:
        raise errors.till_not_here()
    return till


def revoke_till(till_id: UUID, outlet_ids: Iterable[UUID]) -> None:
    """Let the device be no till any more, from this second. Refuses tills of other shops (`NotFound`)."""
    till = session.get(Till, till_id)
    if till is None or till.outlet_id not in set(outlet_ids):
        raise errors.till_not_here()
    if till.revoked_at is None:
        till.revoked_at = now()
        audit.record("till.revoke", "till", till.id, outlet=str(till.outlet_id))


def find_till(bearer: str) -> Till | None:
    """Find the till of a bearer token, if neither is revoked and the token has not ended."""
    query = (
        sa.select(Till)
        .join(TillToken, TillToken.till_id == Till.id)
        .where(
            TillToken.hash == hash_bearer(bearer),
            TillToken.revoked_at.is_(None),
            sa.or_(TillToken.expires_at.is_(None), TillToken.expires_at > now()),
            Till.revoked_at.is_(None),
        )
    )
    return session.scalars(query).unique().one_or_none()


def list_tills(outlet_id: UUID) -> Sequence[Till]:
    """List the tills of a shop that are not revoked, by name."""
    query = sa.select(Till).where(Till.outlet_id == outlet_id, Till.revoked_at.is_(None)).order_by(Till.name, Till.id)
    return session.scalars(query).unique().all()


def _check_room(outlet_id: UUID) -> None:
    if len(list_tills(outlet_id)) >= MAX_TILLS:
        raise errors.too_many_tills()


def _hash_secret(secret: str) -> bytes:
    return keyed_hash("till enrolment", secret[:200])
