"""What one person proposes and another one decides: the columns and the rule that such tables of this room share."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from money.payments import errors


class Proposed:
    """A proposal waits until another person approves or declines it. Who made it may take it back, not approve it."""

    reason: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=now)
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]

    def decide(self, person_id: UUID, *, approved: bool) -> None:
        """Write the decision down. Refuses the approval of whoever proposed it."""
        if approved and self.proposed_by == person_id:
            raise errors.proposer_alone()
        self.decided_by, self.decided_at, self.approved = person_id, now(), approved


def decision_checks() -> tuple[sa.CheckConstraint, ...]:
    """Make the checks of such a table: two people approve, and a decision is whole."""
    whole = "(decided_at IS NULL) = (approved IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)"
    return (
        sa.CheckConstraint("NOT coalesce(approved, false) OR decided_by <> proposed_by", name="two_people"),
        sa.CheckConstraint(whole, name="decided_whole"),
    )
