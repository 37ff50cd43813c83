"""A difference that stays: one person says why, another one accepts it. Decision 0213."""

from datetime import date
from uuid import UUID

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session
from money.day_end import errors, owners
from money.day_end.models import DayDifference

MIN_REASON_CHARS, MAX_REASON_CHARS = 10, 500


def assign(difference_id: UUID, owner_id: UUID) -> None:
    """Give a difference to another person. Refuses one that has ended, and who does not handle this bank."""
    owners.assign(_lock(difference_id), owner_id)


def propose(difference_id: UUID, reason: str, *, person_id: UUID) -> None:
    """Say why a difference stays. Refuses a reason that says nothing, and a second one while the first waits."""
    text = " ".join(reason.split())
    if not MIN_REASON_CHARS <= len(text) <= MAX_REASON_CHARS:
        raise errors.reason_missing(MIN_REASON_CHARS, MAX_REASON_CHARS)
    row = _lock(difference_id)
    if row.proposed_by is not None:
        raise errors.already_proposed()
    row.reason, row.proposed_by = text, person_id
    audit.record("day_end.proposed", "day_difference", row.id, cents=row.cents, reason=text)


def decide(difference_id: UUID, *, person_id: UUID, agreed: bool, cents: int, until: date) -> None:
    """Accept what a colleague proposed, or decline it, which who proposed may do as well.

    `cents` and `until`: what differs and its last day as the person saw it; more days of what is stated as the same
    are the same decision, further days without a statement are not. Refuses what was not proposed for just that, and
    one's own reason.
    """
    row = _lock(difference_id)
    if row.proposed_by is None or row.cents != cents or (row.until_day != until and not row.is_stated):
        raise errors.not_proposed()
    if agreed and row.proposed_by == person_id:
        raise errors.own_reason()
    if agreed:
        row.accepted_by, row.accepted_at = person_id, now()
    else:
        row.reason = row.proposed_by = None
    audit.record("day_end.decided", "day_difference", row.id, cents=row.cents, agreed=agreed)


def _lock(difference_id: UUID) -> DayDifference:
    found = session.get(DayDifference, difference_id)
    if found is None:
        raise errors.difference_unknown()
    row = lock_one(DayDifference, difference_id)
    if not row.is_open:
        raise errors.difference_unknown()
    return row
