"""The office's bank: what came and waits for a decision, what has to be sent back, and what came by hand or by file."""

import csv
import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Redirect

from foundation import audit, clock
from foundation.database import transact
from foundation.errors import DomainError, Invalid, NotFound, file_missing
from foundation.forms import accept_fields
from foundation.languages import _, lazy
from foundation.security import limit
from foundation.wiring import audience
from money import amount
from money.bank import (
    accounts,
    allocation,
    debits,
    errors,
    expected_transfers,
    girocode,
    importing,
    queries,
    receiving,
    references,
    returning,
    settling,
)
from money.bank.models import BankReturn
from money.bank.states import DebitPlace
from money.web.forms import ReceiptForm, SentForm
from people.web.guards import acting_person_id, find_organisations, requires

PERMISSION = "bank.handle"
DEBIT_WORDS = {
    DebitPlace.RETURN: lazy("Rückgabe, die wir schulden"),
    DebitPlace.REVERSAL: lazy("Ein Eingang, den die Bank zurückgeholt hat"),
    DebitPlace.FEE: lazy("Entgelt der Bank"),
    DebitPlace.INTEREST: lazy("Zinsen"),
    DebitPlace.OWN: lazy("Eigenes Geld des Herausgebers"),
    DebitPlace.PROVIDER: lazy("Geld an den Zahlungsdienst"),
}
MAX_UPLOAD_BYTES = 2 * 1024 * 1024  # what the application takes in one form; larger files go in by command

pages = audience("office_bank", __name__, guard=requires(PERMISSION), url_prefix="/office/bank")
Answer = Redirect | tuple[str, int]


@pages.get("")
def worklist(errors: dict[str, str] | None = None) -> str:
    """Show what waits for a decision, what has to be sent back, what came lately."""
    issuers = find_organisations(PERMISSION)
    return render_template(
        "money/bank/worklist.html",
        coming=_name_coming(settling.list_coming(issuers)),
        waiting=queries.list_open_receipts(issuers),
        debits=queries.list_open_debits(issuers),
        debit_words=DEBIT_WORDS,
        unconfirmed=queries.list_unconfirmed(issuers),
        returns=[(owed, _code(owed)) for owed in queries.list_open_returns(issuers)],
        latest=queries.list_latest_receipts(issuers),
        balances=queries.list_balances(issuers),
        accounts=accounts.list_open_accounts(issuers),
        me=acting_person_id(),
        today=clock.today(),
        errors=errors or {},
        values=request.form,
        grouped=accounts.group_iban,
        short=references.group_reference,
    )


def _name_coming(coming: list[BankReturn]) -> dict[UUID, list[tuple[str, str]]]:
    """What other issuers pay to each issuer, to choose from."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    for owed in coming:
        words = f"{owed.account.holder}: {amount.euro(owed.cents)}, {owed.remittance}"
        found.setdefault(owed.payee.organisation_id, []).append((str(owed.settlement_id), words))
    return found


def _code(owed: BankReturn) -> object | None:
    """A GiroCode for the way back: the clerk's banking app fills in the rest."""
    if not owed.payer_iban or not owed.payer_name.strip():
        return None
    name = " ".join(owed.payer_name.split())[: girocode.MAX_NAME_CHARS]
    about = owed.remittance[: girocode.MAX_REMITTANCE_CHARS]
    try:
        said = girocode.write_text(holder=name, iban=owed.payer_iban, bic="", cents=owed.cents, remittance=about)
    except ValueError:
        return None
    return girocode.draw_svg(said)


@pages.get("/eingang")
def receipt(values: dict[str, str] | None = None, errors: dict[str, Any] | None = None) -> str:
    """Show the form for one credit that is typed by hand."""
    return render_template(
        "money/bank/receipt.html",
        accounts=accounts.list_open_accounts(find_organisations(PERMISSION)),
        values=values or {"booked_on": clock.today().isoformat()},
        errors=errors or {},
        grouped=accounts.group_iban,
    )


@pages.post("/eingang")
@limit("60 per minute")
@accept_fields(ReceiptForm)
def enter() -> Answer:
    """Take one credit over by hand. Another person decides what it is for."""
    typed = request.form.to_dict()
    try:
        wanted = ReceiptForm().load(typed)
        account = accounts.load_account(wanted["account"])
        if (issuers := find_organisations(PERMISSION)) is not None and account.organisation_id not in issuers:
            raise errors.bank_account_unknown()
        taken = transact(receiving.record_receipt, account.id, wanted["credit"], acting_person_id())
    except ValidationError as error:
        return receipt(typed, error.normalized_messages()), 422
    except NotFound:
        raise
    except DomainError as refusal:
        place = str(refusal.details.get("field", "bank_reference"))
        return receipt(typed, {place: str(refusal.sentence)}), 422 if isinstance(refusal, Invalid) else 409
    if not taken.new:
        flash(_("Dieser Eingang war schon erfasst. Es ist nichts geschehen."), "info")
    else:
        flash(_("Erfasst. Nun entscheidet eine andere Person, wofür der Eingang ist."), "ok")
    return redirect(url_for("office_bank.worklist"), 303)


@pages.post("/auszug")
@limit("20 per minute")
@accept_fields("file")
def statement() -> Answer:
    """Take over a statement of the bank."""
    file, issuers = request.files.get("file"), find_organisations(PERMISSION)
    try:
        if file is None or not file.filename:
            raise file_missing()
        report = importing.import_file(
            file.read(MAX_UPLOAD_BYTES + 1),
            allowed=lambda issuer: issuers is None or issuer in issuers,
            entered_by=acting_person_id(),
        )
    except DomainError as refusal:
        return worklist({"file": str(refusal.sentence)}), 422
    flash(
        _(
            "%(new)s neue Eingänge, %(debits)s Abgänge, %(known)s Umsätze waren bekannt. %(paid)s Bestellungen sind "
            "bezahlt.",
            new=report.new,
            debits=report.debits,
            known=report.known,
            paid=report.paid,
        ),
        "ok",
    )
    if report.to_decide:
        flash(_("%(n)s Umsätze warten auf eine Entscheidung.", n=report.to_decide), "info")
    if report.notices:
        flash(_("%(n)s Umsätze sind nur angekündigt: Sie bewegen das Konto nicht.", n=report.notices), "info")
    if not report.ok:
        flash(_("%(n)s Umsätze ließen sich nicht zuordnen. Sie stehen unten.", n=len(report.refused)), "warn")
    return redirect(url_for("office_bank.worklist"), 303)


@pages.post("/eingang/<uuid:receipt_id>/zuordnen")
@accept_fields("reference")
def assign(receipt_id: UUID) -> Answer:
    """Assign the receipt to the payment of this reference."""

    def deed() -> None:
        named = expected_transfers.find_named(request.form.get("reference", "")[:80])
        if len(named) != 1:
            raise errors.reference_unknown()
        transact(allocation.allocate_to_payment, receipt_id, named[0].payment_id, person_id=acting_person_id())

    return _decided(receipt_id, deed, _("Zugeordnet."))


@pages.post("/eingang/<uuid:receipt_id>/ausgleich")
@accept_fields("settlement")
def settle(receipt_id: UUID) -> Answer:
    """Place the receipt on the settlement by which another issuer pays."""

    def deed() -> None:
        coming = settling.list_coming(find_organisations(PERMISSION))
        by_number = {str(owed.settlement_id): owed.settlement_id for owed in coming}
        settlement_id = by_number.get(request.form.get("settlement", ""))
        if settlement_id is None:
            raise errors.settlement_unknown()
        transact(settling.allocate, receipt_id, settlement_id, person_id=acting_person_id())

    return _decided(receipt_id, deed, _("Zugeordnet."))


@pages.post("/eingang/<uuid:receipt_id>/annehmen")
@accept_fields()
def accept(receipt_id: UUID) -> Answer:
    """Accept late money: the order is filled all the same."""

    def deed() -> None:
        named = expected_transfers.find_named(
            queries.load_receipt(receipt_id, find_organisations(PERMISSION)).remittance
        )
        if len(named) != 1:
            raise errors.reference_unknown()
        transact(allocation.allocate_late, receipt_id, named[0].payment_id, person_id=acting_person_id())

    return _decided(receipt_id, deed, _("Angenommen. Die Bestellung ist bezahlt."))


@pages.post("/eingang/<uuid:receipt_id>/zuruecksenden")
@accept_fields()
def give_back(receipt_id: UUID) -> Answer:
    """Note that a receipt's rest shall go back to who sent it."""
    return _decided(
        receipt_id,
        lambda: transact(allocation.request_return, receipt_id, person_id=acting_person_id()),
        _("Vorgemerkt. Bitte überweisen Sie den Betrag zurück und tragen Sie es unten ein."),
    )


@pages.post("/eingang/<uuid:receipt_id>/ablegen")
@accept_fields("where", "note")
def reclassify_receipt(receipt_id: UUID) -> Answer:
    """Book a receipt's rest as a payout of the provider or as own funds."""
    where, note = request.form.get("where", "")[:20], request.form.get("note", "")[: allocation.MAX_NOTE_CHARS + 1]
    note = note.replace("\x00", "")
    return _decided(
        receipt_id,
        lambda: transact(allocation.reclassify, receipt_id, where, person_id=acting_person_id(), note=note),
        _("Gebucht."),
    )


@pages.post("/eingang/<uuid:receipt_id>/streichen")
@accept_fields("note")
def cross_out(receipt_id: UUID) -> Answer:
    """Take a receipt off the books that was typed by hand and that the bank never stated."""
    note = request.form.get("note", "")[: allocation.MAX_NOTE_CHARS + 1].replace("\x00", "")
    queries.load_receipt(receipt_id, find_organisations(PERMISSION))
    return _done(
        lambda: transact(allocation.cross_out, receipt_id, person_id=acting_person_id(), note=note),
        _("Gestrichen. Der Betrag steht nicht mehr auf dem Konto."),
        {"note": f"crossed-{receipt_id}"},
    )


def _decided(receipt_id: UUID, deed: Callable[[], object], done: str) -> Answer:
    queries.load_receipt(receipt_id, find_organisations(PERMISSION))
    return _done(deed, done, {name: f"{name}-{receipt_id}" for name in ("reference", "settlement", "where", "note")})


@pages.post("/belastung/<uuid:line_id>/vorschlagen")
@accept_fields("place", "note")
def propose_debit(line_id: UUID) -> Answer:
    """Propose what a debit was; another person agrees."""
    queries.load_debit(line_id, find_organisations(PERMISSION))
    place, note = request.form.get("place", "")[:20], request.form.get("note", "")[: allocation.MAX_NOTE_CHARS + 1]
    return _done(
        lambda: transact(debits.propose, line_id, place, person_id=acting_person_id(), note=note.replace("\x00", "")),
        _("Vorgeschlagen. Nun stimmt eine andere Person zu."),
        {"where": f"place-{line_id}", "note": f"debit-note-{line_id}"},
    )


@pages.post("/belastung/vorschlag/<uuid:debit_proposal_id>")
@accept_fields("agreed")
def decide_debit(debit_proposal_id: UUID) -> Answer:
    """Agree to what a colleague proposed, or decline it."""
    queries.load_debit_proposal(debit_proposal_id, find_organisations(PERMISSION))
    agreed = request.form.get("agreed") == "yes"
    return _done(
        lambda: transact(debits.decide, debit_proposal_id, person_id=acting_person_id(), agreed=agreed),
        _("Gebucht.") if agreed else _("Abgelehnt. Die Belastung wartet wieder."),
        {},
    )


@pages.post("/rueckgabe/<uuid:return_id>")
@accept_fields(SentForm)
def confirm_return(return_id: UUID) -> Answer:
    """Record on which day the money was sent back."""
    queries.load_return(return_id, find_organisations(PERMISSION))
    ids = {"done_on": f"done-{return_id}", "bank_reference": f"ref-{return_id}"}
    try:
        wanted = SentForm().load(request.form.to_dict())
    except ValidationError as error:
        said = {name: str(found[0]) for name, found in error.normalized_messages().items()}
        return worklist({ids.get(name, "form"): sentence for name, sentence in said.items()}), 422
    return _done(
        lambda: transact(returning.record_return, return_id, person_id=acting_person_id(), **wanted),
        _("Eingetragen und gebucht."),
        ids,
    )


def _done(deed: Callable[[], object], done: str, ids: dict[str, str]) -> Answer:
    """Do it; what is refused stands at the field of this id, of the one form among many that was sent."""
    try:
        deed()
    except NotFound:
        raise
    except DomainError as refusal:
        place = ids.get(str(refusal.details.get("field")), "form")
        return worklist({place: str(refusal.sentence)}), 422 if isinstance(refusal, Invalid) else 409
    flash(done, "ok")
    return redirect(url_for("office_bank.worklist"), 303)


@pages.get("/rueckgaben.csv")
def returns_file() -> Response:
    """Give what has to be sent back, as a file for the bank's own program. That somebody took it is noted."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    table.writerow(["Empfänger", "IBAN", "Betrag", "Verwendungszweck", "Nummer"])
    owed = queries.list_open_returns(find_organisations(PERMISSION))
    for row in owed:
        cells = [row.payer_name, row.payer_iban or "", amount.plain(row.cents), row.remittance, str(row.id)]
        table.writerow([_plain(cell) for cell in cells])
    transact(audit.record, "bank.returns_listed", "bank_return", None, rows=len(owed))
    disposition = f'attachment; filename="rueckgaben-{clock.today().isoformat()}.csv"'
    text = "\ufeff" + out.getvalue()  # spreadsheets take the file for UTF-8 only with this mark
    return Response(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: names and words come from whoever sent the money."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
