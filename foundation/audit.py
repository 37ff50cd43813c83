"""Who did what. Written in the same transaction as the act."""

from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa
from flask import g, has_request_context

from foundation.database import session
from foundation.models import AuditRecord

name_of_actor: list[Callable[[], str | None]] = []


def current_actor() -> str:
    """Say who acts now, as the packages above know it; `system` for jobs and commands."""
    for name in name_of_actor:
        found = name()
        if found:
            return found
    return "guest" if has_request_context() else "system"


def record(verb: str, subject_kind: str, subject_id: UUID | None = None, **detail: object) -> None:
    """Note a deed. `detail` takes plain values only and never codes, tokens or contents of mails."""
    request_id = g.get("request_id") if has_request_context() else None
    session.add(
        AuditRecord(
            actor=current_actor(),
            verb=verb,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail,
            request_id=request_id,
        )
    )


def list_latest(limit: int = 30) -> list[AuditRecord]:
    """List the latest deeds, the newest first."""
    return list(session.scalars(sa.select(AuditRecord).order_by(AuditRecord.recorded_at.desc()).limit(limit)))
