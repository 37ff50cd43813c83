"""Holds on payouts: which shops are not paid for now. Decision 0309. The payouts ask `held`."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session, uuid7
from foundation.errors import gone
from vouchers.approvals.errors import already_decided
from vouchers.stored_value.models import Acceptance
from vouchers.watch import errors, queries
from vouchers.watch.models import PayoutHold
from vouchers.watch.rules import load_rule, read_window
from vouchers.watch.states import RuleKey

MIN_NOTE_LENGTH, MAX_NOTE_LENGTH = 3, 500


def place_hold(
    outlet_id: UUID,
    reason_code: str,
    evidence: dict[str, Any],
    *,
    case_id: UUID | None = None,
    ends_at: datetime | None = None,
) -> None:
    """Hold a shop's payout. The same reason again, while it is open, changes nothing."""
    values = {"id": uuid7(), "outlet_id": outlet_id, "reason_code": reason_code, "evidence": evidence}
    values |= {"case_id": case_id, "ends_at": ends_at, "placed_at": now(), "note": ""}
    hold_id = session.execute(
        insert(PayoutHold).values(values).on_conflict_do_nothing().returning(PayoutHold.id)
    ).scalar_one_or_none()
    if hold_id:
        audit.record("payout.held", "outlet", outlet_id, reason=reason_code)


def list_hold_reasons(outlet_id: UUID) -> list[str]:
    """List why a shop's payout waits, as reason codes; empty when it does not."""
    instant = now()
    query = sa.select(PayoutHold.reason_code, PayoutHold.released_at, PayoutHold.ends_at).where(
        PayoutHold.outlet_id == outlet_id
    )
    rows = session.execute(query).all()
    found = {row.reason_code for row in rows if not row.released_at and (not row.ends_at or row.ends_at > instant)}
    released = {row.reason_code for row in rows if row.released_at}
    if RuleKey.NEW_SHOP not in found | released and (end := find_end_of_newness(outlet_id)) and end > instant:
        found.add(RuleKey.NEW_SHOP)  # the job that writes the hold has not run yet
    return sorted(found)


def is_held(outlet_id: UUID) -> bool:
    """Whether a shop must not be paid out now."""
    return bool(list_hold_reasons(outlet_id))


def find_end_of_newness(outlet_id: UUID) -> datetime | None:
    """Find until when a shop counts as new: some days after it first accepted a voucher. None: it accepts none."""
    first = session.scalar(sa.select(sa.func.min(Acceptance.valid_from)).where(Acceptance.outlet_id == outlet_id))
    return first + read_window(load_rule(RuleKey.NEW_SHOP)) if first else None


def release_hold(hold_id: UUID, person_id: UUID, *, note: str) -> None:
    """Let a shop be paid again, with a reason. Refuses its own people (`NotAllowed`) and a second time (`Refused`)."""
    reason = check_note(note)
    hold = lock_one(PayoutHold, hold_id)
    if not queries.can_see(person_id, hold.outlet_id, None):
        raise gone()
    queries.require_other_shop(person_id, hold.outlet_id)
    if hold.released_at:
        raise already_decided()
    hold.released_by, hold.released_at, hold.note = person_id, now(), reason
    audit.record("payout.released", "outlet", hold.outlet_id, reason=hold.reason_code)


def check_note(note: str) -> str:
    """Strip the note of a decision. Refuses (`Invalid`) fewer than 3 and more than 500 characters."""
    reason = note.strip()
    if not MIN_NOTE_LENGTH <= len(reason) <= MAX_NOTE_LENGTH:
        raise errors.finding_missing()
    return reason


def list_holds_of_case(case_id: UUID) -> list[PayoutHold]:
    """List the open holds that a case brought about."""
    query = sa.select(PayoutHold).where(PayoutHold.case_id == case_id, PayoutHold.released_at.is_(None))
    return list(session.scalars(query))
