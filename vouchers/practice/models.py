"""Who may practise: practice keys, and tills that are switched over.

Vouchers and operations of practice have the tables of the real ones, in the schema `practice`. Decision 0313.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Id, Model


class PracticeToken(Model):
    """A practice key: what holds it acts as a till of the shop that practises. Known by its hash."""

    __tablename__ = "practice_token"

    id: Mapped[Id]
    hash: Mapped[bytes] = mapped_column(unique=True)
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"), index=True)
    name: Mapped[str]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),)


class PracticeTill(Model):
    """A real till that practises now. The row goes when practice ends."""

    __tablename__ = "practice_till"

    till_id: Mapped[UUID] = mapped_column(sa.ForeignKey("till.id"), primary_key=True)
    staff_id: Mapped[UUID | None]
    since: Mapped[datetime] = mapped_column(default=now)
