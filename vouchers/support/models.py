"""Who looked at which voucher, and why. Decision 0309."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Id, Model
from vouchers.support.states import LookupOutcome


class SupportLookup(Model):
    """One lookup, also one that found nothing or something of another issuer. Append-only.

    `asked`: what was looked for, a mail address only with most of it hidden. `issuer_id`: whose voucher it is.
    """

    __tablename__ = "support_lookup"

    id: Mapped[Id]
    person_id: Mapped[UUID]
    voucher_id: Mapped[UUID | None]
    issuer_id: Mapped[UUID | None]
    asked: Mapped[str]
    purpose: Mapped[str]
    outcome: Mapped[LookupOutcome] = mapped_column(sa.Text())
    looked_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        sa.CheckConstraint(sa.column("outcome").in_(sorted(LookupOutcome)), name="outcome_known"),
        sa.CheckConstraint("length(purpose) >= 3", name="purpose_given"),
        sa.Index("ix_support_lookup_time", "looked_at"),
        sa.Index("ix_support_lookup_person", "person_id", "looked_at"),
    )
