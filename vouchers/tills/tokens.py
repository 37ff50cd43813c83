"""Bearer tokens of tills: what each may do, when it ends. Known by their hashes; shown once. Decisions 0305, 0319."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import session
from foundation.security import keyed_hash
from vouchers.tills import errors
from vouchers.tills.models import TillToken
from vouchers.tills.names import cleaned_name
from vouchers.tills.states import TokenScope

MAX_TOKENS = 10
ROTATED_TOKEN_TTL = timedelta(hours=24)  # the old token lives on, so that no register stands still


def hash_bearer(bearer: str) -> bytes:
    """Make the hash by which the database knows a till's bearer token."""
    return keyed_hash("till", bearer)


def add_token(till_id: UUID, name: str, scopes: Iterable[str], expires_at: datetime | None = None) -> str:
    """Add a bearer token to a till and give it in plain, once. Refuses unknown scopes, none at all, more than ten."""
    chosen = sorted(set(scopes))
    if not chosen or not set(chosen) <= set(TokenScope):
        raise errors.scopes_not_valid()
    if len([token for token in list_tokens(till_id) if token.revoked_at is None]) >= MAX_TOKENS:
        raise errors.too_many_tokens()
    bearer = secrets.token_urlsafe(32)
    session.add(
        TillToken(
            hash=hash_bearer(bearer),
            till_id=till_id,
            name=cleaned_name(name, "name"),
            scopes=chosen,
            expires_at=expires_at,
        )
    )
    session.flush()
    audit.record("till_token.add", "till", till_id, name=name, scopes=chosen)
    return bearer


def rotate_token(token_hash: bytes, *, old_ttl: timedelta = ROTATED_TOKEN_TTL) -> str:
    """Add a token in place of an old one, which ends after `old_ttl`. Refuses revoked and ended ones (`NotFound`)."""
    old = session.get(TillToken, token_hash, with_for_update={"key_share": False})
    if old is None or old.revoked_at or (old.expires_at and old.expires_at <= now()):
        raise errors.token_not_here()
    bearer = add_token(old.till_id, old.name, old.scopes)
    old.expires_at = now() + old_ttl
    return bearer


def revoke_token(token_hash: bytes) -> None:
    """End a token at once. A second time changes nothing."""
    token = session.get(TillToken, token_hash)
    if token and token.revoked_at is None:
        token.revoked_at = now()
        audit.record("till_token.revoke", "till", token.till_id, name=token.name)


def list_tokens(till_id: UUID) -> Sequence[TillToken]:
    """List every token that a till ever had, the newest first."""
    query = sa.select(TillToken).where(TillToken.till_id == till_id)
    return session.scalars(query.order_by(TillToken.created_at.desc(), TillToken.hash)).all()
