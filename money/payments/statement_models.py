"""The provider's own statement: its lines, how far they were fetched, what people said that they were, and reports."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Id, Model
from money.payments import states
from money.payments.models import one_of
from money.payments.proposal_models import Proposed, decision_checks


class ProviderLine(Model):
    """One movement of our balance at the provider, as it states it: cents are signed, net = cents - fee. Append-only.

    `kind` and `category`: the provider's words. `source_ref`: what it was for; `intent_ref`: the payment of that.
    """

    __tablename__ = "provider_line"

    id: Mapped[Id]
    provider_ref: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    category: Mapped[str]
    source_ref: Mapped[str | None] = mapped_column(index=True)
    intent_ref: Mapped[str | None] = mapped_column(index=True)
    cents: Mapped[int] = mapped_column(sa.BigInteger())
    fee_cents: Mapped[int] = mapped_column(sa.BigInteger())
    net_cents: Mapped[int] = mapped_column(sa.BigInteger())
    currency: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)
    available_at: Mapped[datetime]
    description: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (sa.CheckConstraint("net_cents = cents - fee_cents", name="net_adds_up"),)


class ProviderFeed(Model):
    """How far the statement was fetched: all up to `complete_until`; what runs now, from `since` on, after a line."""

    __tablename__ = "provider_feed"

    name: Mapped[str] = mapped_column(primary_key=True)
    complete_until: Mapped[datetime | None]
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    page_after: Mapped[str | None]


class LineBooking(Model):
    """What a line was that no payment explains: the paper of its entries, once for a line. Append-only.

    `party_id`: whose money it is, where an account needs one: the payout's, or the unknown payment's, first line.
    """

    __tablename__ = "provider_line_booking"

    id: Mapped[Id]
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("provider_line.id"), unique=True)
    kind: Mapped[str]
    ledger_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    party_id: Mapped[UUID] = mapped_column(sa.ForeignKey("provider_line.id"))
    proposal_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("provider_line_proposal.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (one_of("kind", states.LineKind),)


class LineProposal(Proposed, Model):
    """What one person says that a line was; another one agrees or declines. What was proposed never changes."""

    __tablename__ = "provider_line_proposal"

    id: Mapped[Id]
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("provider_line.id"))
    kind: Mapped[str]
    ledger_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))

    __table_args__ = (
        one_of("kind", states.LineKind),
        *decision_checks(),
        sa.Index(
            "uq_provider_line_proposal_open", "line_id", unique=True, postgresql_where=sa.text("decided_at IS NULL")
        ),
    )


class ProviderReport(Model):
    """Books and provider's balance beside each other, written when a figure has changed. Append-only; in cents.

    `stated_cents`: the balance as the provider says it, unless it moved meanwhile; `theirs_cents`: its lines' sum;
    `ours_cents`: the books up to these lines; `under_way_cents`: what is not decided yet beside its lines. The
    difference is what is stated, else theirs, less what is under way, less ours.
    """

    __tablename__ = "provider_report"

    id: Mapped[Id]
    stated_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    theirs_cents: Mapped[int] = mapped_column(sa.BigInteger())
    ours_cents: Mapped[int] = mapped_column(sa.BigInteger())
    under_way_cents: Mapped[int] = mapped_column(sa.BigInteger())
    difference_cents: Mapped[int] = mapped_column(sa.BigInteger())
    recorded_at: Mapped[datetime] = mapped_column(default=now)
