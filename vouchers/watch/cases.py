"""Cases: opened by a rule, decided by a person. One open case for the same rule and subject. Decision 0309."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session, uuid7
from foundation.errors import gone
from vouchers.approvals.errors import already_decided
from vouchers.tills import pausing
from vouchers.watch import errors, holds, queries
from vouchers.watch.holds import check_note
from vouchers.watch.models import WatchCase, WatchRule
from vouchers.watch.rules import read_window
from vouchers.watch.states import CaseState, CaseSubject


@dataclass(frozen=True)
class Suspicion:
    """What a rule found: about whom, and the numbers of it."""

    subject_kind: CaseSubject
    subject: str
    evidence: dict[str, Any] = field(default_factory=dict)
    outlet_id: UUID | None = None
    programme_id: UUID | None = None


def open_case(rule: WatchRule, suspicion: Suspicion) -> UUID | None:
    """Open a case, or write the newest numbers into the open one; return its id.

    None when a person has decided about the same already: about these sales, or within the rule's window.
    """
    if _was_decided(rule, suspicion):
        return None
    values = vars(suspicion) | {"id": uuid7(), "rule": rule.key, "opened_at": now(), "seen_at": now(), "note": ""}
    statement = insert(WatchCase).values(values | {"state": CaseState.OPEN})
    case_id: UUID = session.execute(
        statement.on_conflict_do_update(
            index_elements=[WatchCase.rule, WatchCase.subject],
            index_where=sa.text("state = 'open'"),
            set_={"evidence": statement.excluded.evidence, "seen_at": statement.excluded.seen_at},
        ).returning(WatchCase.id)
    ).scalar_one()
    return case_id


def _was_decided(rule: WatchRule, suspicion: Suspicion) -> bool:
    query = sa.select(WatchCase).where(
        WatchCase.rule == rule.key, WatchCase.subject == suspicion.subject, WatchCase.state != CaseState.OPEN
    )
    last = session.scalars(query.order_by(WatchCase.decided_at.desc()).limit(1)).one_or_none()
    if last is None or last.decided_at is None:
        return False
    if "sales" in suspicion.evidence:
        return set(suspicion.evidence["sales"]) <= set(last.evidence.get("sales", []))
    return last.decided_at > now() - read_window(rule)


def decide(case_id: UUID, person_id: UUID, *, state: CaseState, note: str) -> None:
    """Decide: `harmless` lets the till go on and the shop be paid, `confirmed` leaves the hold where it is.

    Refuses what the person cannot see (`NotFound`), cases about a shop where they work themselves (`NotAllowed`),
    and what is decided already. The note has 3 to 500 characters.
    """
    reason = check_note(note)
    if state == CaseState.OPEN:
        raise errors.finding_missing()
    case = lock_one(WatchCase, case_id)
    if not queries.can_see(person_id, case.outlet_id, case.programme_id):
        raise gone()
    queries.require_other_shop(person_id, case.outlet_id)
    if case.state != CaseState.OPEN:
        raise already_decided()
    case.state, case.note, case.decided_by, case.decided_at = state, reason, person_id, now()
    session.flush()
    if state == CaseState.HARMLESS:
        _let_go(case, person_id, reason)
    audit.record("watch.decided", "watch_case", case.id, rule=case.rule, state=state)


def _let_go(case: WatchCase, person_id: UUID, note: str) -> None:
    if case.subject_kind == CaseSubject.TILL:
        pausing.resume(UUID(case.subject))
    for hold in holds.list_holds_of_case(case.id):
        holds.release_hold(hold.id, person_id, note=note)
