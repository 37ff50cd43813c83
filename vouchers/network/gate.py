"""The launch gate: nothing is sold before charter, bank, terms, VAT and the authority's position are recorded.

Each step says who answers for it and since when. The database refuses to put a programme on sale past the gate, and
paid value of a programme that never passed it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session
from foundation.errors import Invalid, Refused
from foundation.languages import _
from money.bank import accounts
from vouchers.network import purpose, queries
from vouchers.network.models import TERMS_KINDS, GateRecord, ProgrammeTerms
from vouchers.stored_value.models import Programme
from vouchers.stored_value.states import Supervision

MAX_TERMS_LENGTH = 60_000
MAX_REFERENCE_LENGTH = 500
OPEN = sa.text("SELECT programme_gate(id, issuer_id, supervision) FROM programme WHERE id = :id")


@dataclass(frozen=True)
class GateStep:
    """One step as the checklist shows it. `state`: ok, wait or bad; `by` and `at` say who answers for it."""

    key: str
    label: str
    state: str
    told: str
    by: UUID | None = None
    at: datetime | None = None


def record_terms(programme_id: UUID, *, kind: str, version: str, text: str, person_id: UUID) -> ProgrammeTerms:
    """Record a text that buyers or shops agree to. Refuses (`Invalid`) empty and endless texts, and a version twice."""
    lock_one(Programme, programme_id)
    name, body = version.strip(), text.replace("\r\n", "\n").strip()
    if kind not in TERMS_KINDS:
        raise Invalid(_("Diese Art von Bedingungen gibt es nicht."), "kind_unknown", field="kind")
    if not 1 <= len(name) <= 40:
        raise Invalid(_("Bitte nennen Sie die Fassung, höchstens 40 Zeichen."), field="version")
    if not 40 <= len(body) <= MAX_TERMS_LENGTH:
        raise Invalid(_("Bitte geben Sie den ganzen Text an, 40 bis 60.000 Zeichen."), field="text")
    if session.scalar(sa.select(ProgrammeTerms.id).filter_by(programme_id=programme_id, kind=kind, version=name)):
        raise Invalid(_("Diese Fassung gibt es schon."), "version_used", field="version")
    made = ProgrammeTerms(
        programme_id=programme_id,
        kind=kind,
        version=name,
        text=body,
        hash=hashlib.sha256(body.encode()).digest(),
        recorded_by=person_id,
        recorded_at=now(),
    )
    session.add(made)
    session.flush()
    audit.record("gate.terms", "programme", programme_id, kind=kind, version=name, hash=made.hash.hex())
    return made


def record_vat(programme_id: UUID, *, reference: str, person_id: UUID) -> None:
    """Record that the vouchers were signed off as multi-purpose (§ 3 (15) UStG). Refuses single-purpose programmes."""
    lock_one(Programme, programme_id)
    if reason := purpose.find_single_purpose([programme_id]).get(programme_id):
        raise Refused(purpose.explain_single_purpose(reason), f"single_purpose_{reason}")
    _record(programme_id, "vat", "multi", reference, person_id)


def record_supervision(programme_id: UUID, *, position: str, reference: str, person_id: UUID) -> None:
    """Record the position of the supervisory authority. Anything but `ok` takes the programme off sale at once."""
    if position not in set(Supervision):
        raise Invalid(_("Diese Position gibt es nicht."), field="position")
    programme = lock_one(Programme, programme_id)
    _record(programme_id, "supervision", position, reference, person_id)
    programme.supervision = position
    if position != "ok":
        programme.on_sale = False
    session.flush()


def launch(programme_id: UUID, *, person_id: UUID) -> None:
    """Put it on sale. Refuses (`Refused`) what has not passed the gate, or has a single purpose for VAT."""
    programme = lock_one(Programme, programme_id)
    if programme.on_sale:
        return
    if not session.scalar(OPEN, {"id": programme_id}) or _bank(programme).state != "ok":
        raise Refused(_("Es fehlt noch etwas, bevor dieser Gutschein verkauft werden darf."), "gate_closed")
    if reason := purpose.find_single_purpose([programme_id]).get(programme_id):
        raise Refused(purpose.explain_single_purpose(reason), f"single_purpose_{reason}")
    programme.on_sale, programme.launched_at = True, programme.launched_at or now()
    session.flush()
    audit.record("programme.launch", "programme", programme_id, by=str(person_id))


def stop(programme_id: UUID, *, person_id: UUID, reason: str) -> None:
    """Take it off sale. What was sold stays good, and what is being paid is still issued."""
    told = _note(reason)
    programme = lock_one(Programme, programme_id)
    programme.on_sale = False
    session.flush()
    audit.record("programme.stop", "programme", programme_id, by=str(person_id), reason=told)


def require_on_sale(programme: Programme) -> None:
    """Refuses (`Refused`) what cannot be bought now: off sale, or single-purpose since a shop left."""
    if not programme.on_sale or programme.supervision != "ok":
        raise Refused(_("Diesen Gutschein gibt es gerade nicht zu kaufen."), "not_on_sale")
    if reason := purpose.find_single_purpose([programme.id]).get(programme.id):
        raise Refused(_("Diesen Gutschein gibt es gerade nicht zu kaufen."), f"single_purpose_{reason}")


def list_steps(programme: Programme) -> list[GateStep]:
    """The checklist. A programme may be sold when every step is `ok`."""
    return [_charter(programme), _bank(programme), _terms(programme), _purpose(programme), *_records(programme)]


def _charter(programme: Programme) -> GateStep:
    found, label = queries.load_charter(programme.id), _("Netzvereinbarung, von zwei Personen beschlossen")
    if found is None:
        return GateStep("charter", label, "bad", _("Schlagen Sie eine vor. Eine zweite Person gibt sie frei."))
    told = _("Fassung %(version)s", version=found.version)
    return GateStep("charter", label, "ok", told, found.approved_by, found.valid_from)


def _bank(programme: Programme) -> GateStep:
    account, label = accounts.find_open_account(programme.issuer_id), _("Treuhandkonto des Herausgebers")
    found = queries.load_trust_account(account.id) if account else None
    if account is None or found is None:
        return GateStep("bank", label, "bad", _("Schlagen Sie ein Konto vor. Eine zweite Person gibt es frei."))
    told = f"{accounts.group_iban(account.iban)} {account.bank_name}".strip()
    return GateStep("bank", label, "ok", told, found.approved_by, found.valid_from)


def _terms(programme: Programme) -> GateStep:
    found, label = queries.load_terms(programme.id, "buyer"), _("Bedingungen für Käuferinnen und Käufer")
    if found is None:
        return GateStep("terms", label, "bad", _("Hinterlegen Sie den Text mit seiner Fassung."))
    told = _("Fassung %(version)s, Prüfsumme %(hash)s …", version=found.version, hash=found.hash.hex()[:12])
    return GateStep("terms", label, "ok", told, found.recorded_by, found.recorded_at)


def _purpose(programme: Programme) -> GateStep:
    reason, label = purpose.find_single_purpose([programme.id]).get(programme.id), _("Mehrzweck-Gutschein")
    if reason:
        return GateStep("purpose", label, "bad", purpose.explain_single_purpose(reason))
    return GateStep("purpose", label, "ok", _("Mehrere Geschäfte, mehrere Steuersätze"))


def _records(programme: Programme) -> list[GateStep]:
    vat, told = queries.load_gate_record(programme.id, "vat"), _("Lassen Sie es steuerlich freigeben.")
    first = GateStep("vat", _("Steuerliche Freigabe"), "bad", told)
    if vat:
        first = GateStep("vat", first.label, "ok", vat.reference, vat.recorded_by, vat.recorded_at)
    found, label = queries.load_gate_record(programme.id, "supervision"), _("Position der Aufsicht (BaFin)")
    state = {"ok": "ok", "asked": "wait"}.get(found.value if found else "", "bad")
    if found is None:
        return [first, GateStep("supervision", label, "bad", _("Noch nicht gefragt."))]
    return [first, GateStep("supervision", label, state, found.reference, found.recorded_by, found.recorded_at)]


def _record(programme_id: UUID, item: str, value: str, reference: str, person_id: UUID) -> None:
    told = _note(reference)
    session.add(
        GateRecord(
            programme_id=programme_id,
            item=item,
            value=value,
            reference=told,
            recorded_by=person_id,
            recorded_at=now(),
        )
    )
    session.flush()
    audit.record(f"gate.{item}", "programme", programme_id, value=value)


def _note(text: str) -> str:
    told = text.strip()
    if not 3 <= len(told) <= MAX_REFERENCE_LENGTH:
        raise Invalid(_("Bitte nennen Sie Schreiben, Datum oder Grund, 3 bis 500 Zeichen."), field="reference")
    return told
