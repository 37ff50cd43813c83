"""Tables without a word of the trade: mails on their way out, and who did what."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Id, Model


class OutgoingMail(Model):
    """One mail. `message` is encrypted and emptied once it is sent; what stays is that and when it was sent."""

    __tablename__ = "outgoing_mail"

    id: Mapped[Id]
    recipient_hash: Mapped[bytes]
    template: Mapped[str]
    message: Mapped[bytes | None]
    send_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    failed: Mapped[str | None]


class AuditRecord(Model):
    """Who did what to what, when. Append-only."""

    __tablename__ = "audit_record"

    id: Mapped[Id]
    recorded_at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str]
    verb: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    request_id: Mapped[str | None]

    __table_args__ = (sa.Index("ix_audit_record_subject", "subject_kind", "subject_id"),)
