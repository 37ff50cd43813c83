"""Cases: what at the provider only a person can judge. Opened once for the same thing, closed with a note."""

from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session, uuid7
from money.payments import errors
from money.payments.case_models import ProviderCase
from money.payments.states import CaseKind

log = structlog.get_logger("payments")

MIN_NOTE_CHARS, MAX_NOTE_CHARS = 3, 500
MAX_ROWS_SHOWN = 200
EXPLAINED = "explained by itself"
SELF_CLOSING = frozenset({CaseKind.UNBOOKED_LINE, CaseKind.MISSING_LINE})  # a note is no entry


def open_case(kind: CaseKind, ref: str, cents: int | None, detail: str) -> bool:
    """Open a case about an object at the provider; says whether it was new."""
    values = {"id": uuid7(), "kind": kind, "provider_ref": ref[:120], "cents": cents, "detail": detail[:200]}
    statement = insert(ProviderCase).values(opened_at=now(), note="", **values)
    found = session.scalar(statement.on_conflict_do_nothing().returning(ProviderCase.id))
    if found:
        log.warning("provider_case", kind=kind, ref=ref, cents=cents)
        audit.record("payments.case_opened", "provider_case", found, kind=kind, ref=ref, cents=cents)
    return found is not None


def keep(kind: CaseKind, found: dict[str, tuple[int, str]]) -> list[str]:
    """Let exactly these things (cents and detail by reference) be open cases of a kind; says which were not before.

    A case whose thing has found its explanation closes by itself, and opens again when it needs one anew.
    """
    known = {case.provider_ref: case for case in session.scalars(sa.select(ProviderCase).where(_is_of(kind)))}
    opened = [ref for ref in found if ref not in known or known[ref].closed_at]
    for ref in opened:
        if ref in known:
            known[ref].closed_at, known[ref].closed_by, known[ref].note = None, None, ""
        else:
            open_case(kind, ref, *found[ref])
    for ref, case in known.items():
        if ref not in found and case.closed_at is None:
            case.closed_at, case.note = now(), EXPLAINED
    return opened


def _is_of(kind: CaseKind) -> sa.ColumnElement[bool]:
    return ProviderCase.kind == kind


def close_case(case_id: UUID, note: str, *, person_id: UUID) -> None:
    """Close a case. `note`: what was done, 3 to 500 characters. Refuses one that is closed, and an empty note."""
    text = " ".join(note.split())
    if not MIN_NOTE_CHARS <= len(text) <= MAX_NOTE_CHARS:
        raise errors.case_note_missing()
    if session.get(ProviderCase, case_id) is None:
        raise errors.case_unknown()
    case = lock_one(ProviderCase, case_id)
    if case.kind in SELF_CLOSING:
        raise errors.case_needs_booking()
    if case.closed_at:
        raise errors.case_unknown()
    case.closed_at, case.closed_by, case.note = now(), person_id, text
    audit.record("payments.case_closed", "provider_case", case.id, kind=case.kind, ref=case.provider_ref)


def list_open() -> list[ProviderCase]:
    """List the cases that wait for a person, the oldest first."""
    query = sa.select(ProviderCase).where(ProviderCase.closed_at.is_(None)).order_by(ProviderCase.opened_at)
    return list(session.scalars(query.limit(MAX_ROWS_SHOWN)))
