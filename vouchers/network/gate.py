"""The launch gate: nothing is sold before charter, bank, terms, VAT and the authority's position are recorded.

Each step says who answers for it and since when. The database refuses to put a programme on sale past the gate, and
paid value of a programme that never passed it. Decision 0307.
"""

import hashlib
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session
from vouchers.network import checklist, errors, purpose
from vouchers.network.models import GateRecord, ProgrammeTerms
from vouchers.network.states import GateItem, StepState, TermsKind
from vouchers.stored_value.models import Programme
from vouchers.stored_value.states import Supervision

MAX_VERSION_LENGTH = 40
MIN_TERMS_LENGTH, MAX_TERMS_LENGTH = 40, 60_000
MIN_REFERENCE_LENGTH, MAX_REFERENCE_LENGTH = 3, 500
MULTI_PURPOSE = "multi"
IS_OPEN = sa.text("SELECT programme_gate(id, issuer_id, supervision) FROM programme WHERE id = :id")


def record_terms(programme_id: UUID, *, kind: str, version: str, text: str, person_id: UUID) -> ProgrammeTerms:
    """Record a text that buyers or shops agree to.

    Refuses (`Invalid`) texts of fewer than 40 or more than 60,000 characters, and a version twice.
    """
    lock_one(Programme, programme_id)
    name, body = version.strip(), text.replace("\r\n", "\n").strip()
    if kind not in set(TermsKind):
        raise errors.terms_kind_unknown()
    if not 1 <= len(name) <= MAX_VERSION_LENGTH:
        raise errors.terms_version_missing()
    if not MIN_TERMS_LENGTH <= len(body) <= MAX_TERMS_LENGTH:
        raise errors.terms_text_missing()
    if session.scalar(sa.select(ProgrammeTerms.id).filter_by(programme_id=programme_id, kind=kind, version=name)):
        raise errors.terms_version_used()
    terms = ProgrammeTerms(
        programme_id=programme_id,
        kind=kind,
        version=name,
        text=body,
        hash=hashlib.sha256(body.encode()).digest(),
        recorded_by=person_id,
        recorded_at=now(),
    )
    session.add(terms)
    session.flush()
    audit.record("gate.terms", "programme", programme_id, kind=kind, version=name, hash=terms.hash.hex())
    return terms


def record_vat(programme_id: UUID, *, reference: str, person_id: UUID) -> None:
    """Record that the vouchers were signed off as multi-purpose (§ 3 (15) UStG). Refuses single-purpose programmes."""
    lock_one(Programme, programme_id)
    if reason := purpose.find_single_purpose([programme_id]).get(programme_id):
        raise errors.single_purpose(reason)
    _record(programme_id, GateItem.VAT, MULTI_PURPOSE, reference, person_id)


def record_supervision(programme_id: UUID, *, position: str, reference: str, person_id: UUID) -> None:
    """Record the position of the supervisory authority. Anything but `ok` takes the programme off sale at once."""
    if position not in set(Supervision):
        raise errors.position_unknown()
    programme = lock_one(Programme, programme_id)
    _record(programme_id, GateItem.SUPERVISION, position, reference, person_id)
    programme.supervision = position
    if position != "ok":
        programme.on_sale = False
    session.flush()


def launch(programme_id: UUID, *, person_id: UUID) -> None:
    """Put a programme on sale. Refuses (`Refused`) what has not passed the gate, or has a single purpose for VAT."""
    programme = lock_one(Programme, programme_id)
    if programme.on_sale:
        return
    if not session.scalar(IS_OPEN, {"id": programme_id}) or checklist.check_bank(programme).state != StepState.DONE:
        raise errors.gate_closed()
    if reason := purpose.find_single_purpose([programme_id]).get(programme_id):
        raise errors.single_purpose(reason)
    programme.on_sale, programme.launched_at = True, programme.launched_at or now()
    session.flush()
    audit.record("programme.launch", "programme", programme_id, by=str(person_id))


def stop(programme_id: UUID, *, person_id: UUID, reason: str) -> None:
    """Take a programme off sale. What was sold stays good, and what is being paid is still issued."""
    note = _check_note(reason)
    programme = lock_one(Programme, programme_id)
    programme.on_sale = False
    session.flush()
    audit.record("programme.stop", "programme", programme_id, by=str(person_id), reason=note)


def require_on_sale(programme: Programme) -> None:
    """Refuse (`Refused`) what cannot be bought now: off sale, or single-purpose since a shop left."""
    if not programme.on_sale or programme.supervision != "ok":
        raise errors.not_on_sale()
    if reason := purpose.find_single_purpose([programme.id]).get(programme.id):
        raise errors.not_on_sale(reason)


def _record(programme_id: UUID, item: GateItem, value: str, reference: str, person_id: UUID) -> None:
    note = _check_note(reference)
    session.add(
        GateRecord(
            programme_id=programme_id,
            item=item,
            value=value,
            reference=note,
            recorded_by=person_id,
            recorded_at=now(),
        )
    )
    session.flush()
    audit.record(f"gate.{item}", "programme", programme_id, value=value)


def _check_note(text: str) -> str:
    note = text.strip()
    if not MIN_REFERENCE_LENGTH <= len(note) <= MAX_REFERENCE_LENGTH:
        raise errors.gate_reference_missing()
    return note
