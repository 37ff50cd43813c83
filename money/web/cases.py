"""What the provider did by itself and people must judge: disputes, failed refunds, claims, cases."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from foundation.database import transact
from foundation.errors import DomainError, Invalid, NotFound
from foundation.forms import accept_fields
from foundation.languages import _
from foundation.security import limit
from foundation.wiring import audience
from money.bank import returning
from money.bank.accounts import MAX_IBAN_CHARS
from money.payments import cases, claims, errors, line_booking, refund_ends, worklist
from money.payments.line_booking import LineDecision
from money.payments.states import LineKind, RefundMeans
from people.web.guards import acting_person_id, find_organisations, requires

PERMISSION = "bank.handle"

pages = audience("office_cases", __name__, guard=requires(PERMISSION), url_prefix="/office/klaerung")
Answer = Redirect | tuple[str, int]


@pages.get("")
def overview(errors: dict[str, str] | None = None) -> str:
    """Show what waits: disputes by their deadline, refunds that failed, claims, cases."""
    issuers = find_organisations(PERMISSION)
    return render_template(
        "money/cases/overview.html",
        disputes=worklist.list_disputes(issuers),
        refunds=worklist.list_refunds(issuers),
        claims=worklist.list_claims(issuers),
        cases=worklist.list_cases(issuers),
        statement=worklist.load_statement(issuers),
        me=acting_person_id(),
        errors=errors or {},
        values=request.form,
        longest_iban=MAX_IBAN_CHARS,
    )


@pages.post("/erstattung/<uuid:refund_id>")
@limit("60 per minute")
@accept_fields("means", "name", "iban", "note")
def end_refund(refund_id: UUID) -> Answer:
    """Decide how a refund that failed comes to its end."""
    typed = {name: text[:600] for name, text in request.form.items()}

    def deed() -> None:
        if not worklist.is_refund_of(refund_id, find_organisations(PERMISSION)):
            raise errors.case_unknown()
        means = _read_means(typed.get("means", ""))
        sends = None
        if means == RefundMeans.BANK_ACCOUNT:
            sends = returning.send_instead(typed.get("name", ""), typed.get("iban", ""), asked_by=acting_person_id())
        note = typed.get("note", "")
        transact(refund_ends.decide, refund_id, means, note, person_id=acting_person_id(), sends=sends)

    return _decided(f"refund-{refund_id}", deed, _("Entschieden. Der Weg steht jetzt bei der Erstattung."))


def _read_means(word: str) -> RefundMeans:
    if word not in {RefundMeans.AGAIN, RefundMeans.BANK_ACCOUNT, RefundMeans.LETTER}:
        raise errors.refund_means_missing()
    return RefundMeans(word)


@pages.post("/forderung/<uuid:loss_id>/verzicht")
@accept_fields("reason")
def propose(loss_id: UUID) -> Answer:
    """Propose to give a claim up."""
    reason = request.form.get("reason", "")[:600]
    return _about_claim(
        loss_id,
        lambda: transact(claims.propose, loss_id, reason, person_id=acting_person_id()),
        _("Vorgeschlagen. Eine andere Person muss zustimmen."),
    )


@pages.post("/forderung/<uuid:loss_id>/zustimmen")
@accept_fields()
def approve(loss_id: UUID) -> Answer:
    """Approve that a claim is given up: the loss is booked."""
    return _about_claim(
        loss_id,
        lambda: transact(claims.decide, loss_id, approved=True, person_id=acting_person_id()),
        _("Ausgebucht."),
    )


@pages.post("/forderung/<uuid:loss_id>/ablehnen")
@accept_fields()
def decline(loss_id: UUID) -> Answer:
    """Decline the proposal: the claim stands."""
    return _about_claim(
        loss_id,
        lambda: transact(claims.decide, loss_id, approved=False, person_id=acting_person_id()),
        _("Abgelehnt. Die Forderung bleibt."),
    )


@pages.post("/fall/<uuid:case_id>")
@accept_fields("note")
def close(case_id: UUID) -> Answer:
    """Close a case with a note."""
    note = request.form.get("note", "")[:600]

    def deed() -> None:
        if find_organisations(PERMISSION) is not None:
            raise errors.case_unknown()
        transact(cases.close_case, case_id, note, person_id=acting_person_id())

    return _decided(f"case-{case_id}", deed, _("Erledigt."))


@pages.post("/bewegung/<line_ref>/vorschlag")
@accept_fields("kind", "ledger", "reason")
def propose_line(line_ref: str) -> Answer:
    """Propose what a line of the provider's statement was."""
    typed = {name: text[:600] for name, text in request.form.items()}
    return _about_line(
        line_ref,
        lambda: transact(
            line_booking.propose,
            line_ref,
            _read_decision(typed),
            typed.get("reason", ""),
            person_id=acting_person_id(),
        ),
        _("Vorgeschlagen. Eine andere Person muss zustimmen."),
    )


@pages.post("/bewegung/<line_ref>/<uuid:proposal_id>/zustimmen")
@accept_fields()
def approve_line(line_ref: str, proposal_id: UUID) -> Answer:
    """Agree to what a line was: it is booked."""
    return _about_line(
        line_ref,
        lambda: transact(line_booking.decide, proposal_id, approved=True, person_id=acting_person_id()),
        _("Gebucht."),
    )


@pages.post("/bewegung/<line_ref>/<uuid:proposal_id>/ablehnen")
@accept_fields()
def decline_line(line_ref: str, proposal_id: UUID) -> Answer:
    """Decline what was proposed: the line stays open."""
    return _about_line(
        line_ref,
        lambda: transact(line_booking.decide, proposal_id, approved=False, person_id=acting_person_id()),
        _("Abgelehnt. Die Bewegung bleibt offen."),
    )


def _read_decision(typed: dict[str, str]) -> LineDecision:
    if typed.get("kind") not in set(LineKind):
        raise errors.line_kind_missing()
    try:
        return LineDecision(LineKind(typed["kind"]), UUID(typed.get("ledger", "")))
    except ValueError:
        raise errors.line_ledger_missing() from None


def _about_line(line_ref: str, act: Callable[[], object], done: str) -> Answer:
    def deed() -> None:
        if find_organisations(PERMISSION) is not None:
            raise errors.case_unknown()
        act()

    return _decided(f"line-{line_ref}", deed, done)


def _about_claim(loss_id: UUID, act: Callable[[], object], done: str) -> Answer:
    def deed() -> None:
        if not worklist.is_loss_of(loss_id, find_organisations(PERMISSION)):
            raise errors.case_unknown()
        act()

    return _decided(f"claim-{loss_id}", deed, done)


def _decided(place: str, deed: Callable[[], object], done: str) -> Answer:
    """Carry a decision out and go back to the list; a refusal is shown where it was typed, others' things are none."""
    try:
        deed()
    except NotFound:
        raise
    except DomainError as refusal:
        shown = overview({place: str(refusal.sentence)})
        return shown, 422 if isinstance(refusal, Invalid) else 409
    flash(done, "ok")
    return redirect(url_for("office_cases.overview"), 303)
