"""Cases: opened by a rule, decided by a person. One open case for the same rule and subject."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session, uuid7
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from vouchers.tills.models import Till
from vouchers.watch import holds, queries
from vouchers.watch.models import WatchCase, WatchRule
from vouchers.watch.rules import read_window

MIN_NOTE_LENGTH, MAX_NOTE_LENGTH = 3, 500


@dataclass(frozen=True)
class Suspicion:
    """What a rule found: about whom, and the numbers."""

    subject_kind: str
    subject: str
    evidence: dict[str, Any] = field(default_factory=dict)
    outlet_id: UUID | None = None
    programme_id: UUID | None = None


def open_case(rule: WatchRule, found: Suspicion) -> UUID | None:
    """Open a case, or add the newest numbers to the open one; gives its id.

    Nothing when a person has decided about the same already: about these sales, or within the rule's window.
    """
    if _seen(rule, found):
        return None
    values = vars(found) | {"id": uuid7(), "rule": rule.key, "state": "open", "opened_at": now(), "seen_at": now()}
    statement = insert(WatchCase).values(values | {"note": ""})
    made: UUID = session.execute(
        statement.on_conflict_do_update(
            index_elements=[WatchCase.rule, WatchCase.subject],
            index_where=sa.text("state = 'open'"),
            set_={"evidence": statement.excluded.evidence, "seen_at": statement.excluded.seen_at},
        ).returning(WatchCase.id)
    ).scalar_one()
    return made


def _seen(rule: WatchRule, found: Suspicion) -> bool:
    query = sa.select(WatchCase).where(
        WatchCase.rule == rule.key, WatchCase.subject == found.subject, WatchCase.state != "open"
    )
    last = session.scalars(query.order_by(WatchCase.decided_at.desc()).limit(1)).one_or_none()
    if last is None or last.decided_at is None:
        return False
    if "sales" in found.evidence:
        return set(found.evidence["sales"]) <= set(last.evidence.get("sales", []))
    return last.decided_at > now() - read_window(rule)


def decide(case_id: UUID, person_id: UUID, *, state: str, note: str) -> None:
    """Decide: `harmless` lets the till go on and the shop be paid, `confirmed` leaves the hold where it is.

    Refuses what the person cannot see (`NotFound`), cases about a shop where they work themselves (`NotAllowed`),
    and what is decided already.
    """
    told = note.strip()
    if state not in {"harmless", "confirmed"} or not MIN_NOTE_LENGTH <= len(told) <= MAX_NOTE_LENGTH:
        raise Invalid(_("Bitte schreiben Sie dazu, was Sie festgestellt haben (3 bis 500 Zeichen)."), field="note")
    case = lock_one(WatchCase, case_id)
    if not queries.can_see(person_id, case.outlet_id, case.programme_id):
        raise NotFound(_("Das gibt es nicht (mehr)."))
    queries.require_other_shop(person_id, case.outlet_id)
    if case.state != "open":
        raise Refused(_("Darüber ist schon entschieden."), "already_decided")
    case.state, case.note, case.decided_by, case.decided_at = state, told, person_id, now()
    session.flush()
    if state == "harmless":
        _let_go(case, person_id, told)
    audit.record("watch.decided", "watch_case", case.id, rule=case.rule, state=state)


def _let_go(case: WatchCase, person_id: UUID, note: str) -> None:
    if case.subject_kind == "till":
        session.execute(sa.update(Till).where(Till.id == UUID(case.subject)).values(paused_until=None))
    for hold in holds.list_holds_of_case(case.id):
        holds.release_hold(hold.id, person_id, note=note)
