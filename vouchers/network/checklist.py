"""The launch gate as a checklist: what is recorded, who answers for it, what is missing. Decision 0307."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from foundation.languages import _
from money.bank import accounts
from vouchers.network import errors, purpose, queries
from vouchers.network.states import GateItem, StepState, TermsKind
from vouchers.stored_value.models import Programme


@dataclass(frozen=True)
class GateStep:
    """One step of the gate. `note` says what is recorded or what to do, `by` and `at` who answers for it since when."""

    key: str
    label: str
    state: StepState
    note: str
    by: UUID | None = None
    at: datetime | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing here for selling."""
        return self.state == StepState.DONE

    @property
    def light(self) -> str:
        """The colour among others: what the authority still has to answer is none of the issuer's omissions."""
        return "info" if self.state == StepState.ASKED else self.state


def list_steps(programme: Programme) -> list[GateStep]:
    """List the steps of the gate. A programme may be sold when every one is done."""
    return [_charter(programme), check_bank(programme), _terms(programme), _purpose(programme), *_records(programme)]


def _charter(programme: Programme) -> GateStep:
    found, label = queries.load_charter(programme.id), _("Netzvereinbarung, von zwei Personen beschlossen")
    if found is None:
        return GateStep(
            "charter", label, StepState.MISSING, _("Schlagen Sie eine vor. Eine zweite Person gibt sie frei.")
        )
    note = _("Fassung %(version)s", version=found.version)
    return GateStep("charter", label, StepState.DONE, note, found.approved_by, found.valid_from)


def check_bank(programme: Programme) -> GateStep:
    """Check the issuer's trust account: where it lies, and which two people stand for it."""
    account, label = accounts.find_open_account(programme.issuer_id), _("Treuhandkonto des Herausgebers")
    found = queries.load_trust_account(account.id) if account else None
    if account is None or found is None:
        return GateStep(
            "bank", label, StepState.MISSING, _("Schlagen Sie ein Konto vor. Eine zweite Person gibt es frei.")
        )
    note = f"{accounts.group_iban(account.iban)} {account.bank_name}".strip()
    return GateStep("bank", label, StepState.DONE, note, found.approved_by, found.valid_from)


def _terms(programme: Programme) -> GateStep:
    found, label = queries.load_terms(programme.id, TermsKind.BUYER), _("Bedingungen für Käuferinnen und Käufer")
    if found is None:
        return GateStep("terms", label, StepState.MISSING, _("Hinterlegen Sie den Text mit seiner Fassung."))
    note = _("Fassung %(version)s, Prüfsumme %(hash)s …", version=found.version, hash=found.hash.hex()[:12])
    return GateStep("terms", label, StepState.DONE, note, found.recorded_by, found.recorded_at)


def _purpose(programme: Programme) -> GateStep:
    reason, label = purpose.find_single_purpose([programme.id]).get(programme.id), _("Mehrzweck-Gutschein")
    if reason:
        return GateStep("purpose", label, StepState.MISSING, errors.explain_single_purpose(reason))
    return GateStep("purpose", label, StepState.DONE, _("Mehrere Geschäfte, mehrere Steuersätze"))


def _records(programme: Programme) -> list[GateStep]:
    vat, note = queries.load_gate_record(programme.id, GateItem.VAT), _("Lassen Sie es steuerlich freigeben.")
    first = GateStep("vat", _("Steuerliche Freigabe"), StepState.MISSING, note)
    if vat:
        first = GateStep("vat", first.label, StepState.DONE, vat.reference, vat.recorded_by, vat.recorded_at)
    found, label = queries.load_gate_record(programme.id, GateItem.SUPERVISION), _("Position der Aufsicht (BaFin)")
    state = {"ok": StepState.DONE, "asked": StepState.ASKED}.get(found.value if found else "", StepState.MISSING)
    if found is None:
        return [first, GateStep("supervision", label, StepState.MISSING, _("Noch nicht gefragt."))]
    return [first, GateStep("supervision", label, state, found.reference, found.recorded_by, found.recorded_at)]
