"""The payer's pages of a payment: how it stands, back from the provider, once more, another way. Signed addresses."""

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from foundation.errors import Busy
from foundation.forms import accept_fields
from foundation.languages import _, lazy
from foundation.security import limit
from foundation.wiring import audience
from money.bank import accounts, allocation, expected_transfers, girocode, references
from money.payments import calling, links, methods, payables, queries, starting, states
from money.payments.models import Payment
from money.payments.states import FailureReason, PayerStage, PaymentState, TenderState
from people.web.guards import allow_anyone

pages: Blueprint = audience("pay", __name__, guard=allow_anyone, url_prefix="/bezahlen")

AGAIN_SECONDS = 2
TITLES = {
    PayerStage.WAITING: lazy("Zahlung offen"),
    PayerStage.CONNECTING: lazy("Der Zahlungsdienst antwortet gerade nicht"),
    PayerStage.COLLECTING: lazy("Lastschrift läuft"),
    PayerStage.DONE: lazy("Bezahlt"),
    PayerStage.FAILED: lazy("Nicht bezahlt"),
    PayerStage.CHECKING: lazy("Zahlung wird geprüft"),
}


@pages.get("/<payment>")
def status(payment: str) -> str:
    """Show how the payment stands and what the payer can do now."""
    found = queries.load_payment(links.read_payment_id(payment))
    return render_template("money/pay/status.html", signed=payment, **_describe(found))


@pages.get("/<payment>/stand")
@limit("120 per minute")
def state(payment: str) -> Response:
    """Give the same to the page's script: the state, and where to go when there is something new."""
    found = queries.load_payment(links.read_payment_id(payment))
    return jsonify(state=_stage(found), again_seconds=AGAIN_SECONDS)


@pages.get("/<payment>/zurueck")
@limit("60 per minute")
def back(payment: str) -> Redirect:
    """Back from the provider: look how it stands there, then go on. What the address says is not believed."""
    payment_id = links.read_payment_id(payment)
    calling.advance(payment_id, force=True, cause="return")
    found = queries.load_payment(payment_id)
    if found.state == PaymentState.SECURED:
        return redirect(payables.of(found.kind).page_url(found.ref_id), 303)
    return redirect(url_for("pay.status", payment=payment), 303)


@pages.post("/<payment>/weiter")
@limit("20 per minute")
@accept_fields()
def again(payment: str) -> Redirect | tuple[str, int]:
    """Go (back) to the provider's page."""
    payment_id = links.read_payment_id(payment)
    try:
        return redirect(starting.start(payment_id).url, 303)
    except Busy as error:
        found = queries.load_payment(payment_id)
        page = render_template(
            "money/pay/status.html", signed=payment, sentence=str(error.sentence), **_describe(found)
        )
        return page, 503


@pages.post("/<payment>/anders")
@limit("20 per minute")
@accept_fields()
def leave(payment: str) -> Redirect:
    """End this payment and choose again; everything chosen before is kept."""
    return redirect(starting.abandon(links.read_payment_id(payment)), 303)


def _stage(payment: Payment) -> PayerStage:
    """Tell how far the payer is: a checkout waits, a debit runs, it is done."""
    external = payment.external_tender
    if payment.state == PaymentState.OPEN and external is not None and external.state == TenderState.PLANNED:
        return PayerStage.CONNECTING if queries.is_provider_awaited(payment.id) else PayerStage.WAITING
    if payment.state == PaymentState.PENDING:
        return PayerStage.COLLECTING
    if payment.state in states.PAID:
        return PayerStage.DONE
    return PayerStage.FAILED if payment.state == PaymentState.FAILED else PayerStage.CHECKING


def _describe(payment: Payment) -> dict[str, object]:
    external, stage, bank_transfer = payment.external_tender, _stage(payment), _describe_transfer(payment)
    return {
        "payment": payment,
        "stage": stage,
        "title": _("Bitte überweisen") if bank_transfer else TITLES[stage],
        "page": payables.of(payment.kind).page_url(payment.ref_id),
        "why": _why_no_transfer(payment.reason) if allocation.find_waiting_tender(payment) else _why(payment.reason),
        "parts": [(methods.of(t.method).label, t.cents) for t in payment.tenders],
        "moment": methods.texts_of(external.method, payment.rail).moment if external else None,
        "bank_transfer": bank_transfer,
    }


def _describe_transfer(payment: Payment) -> dict[str, object] | None:
    """What to type into the bank's form, while the payment waits for a transfer."""
    expected, tender = expected_transfers.find_of_payment(payment.id), payment.external_tender
    if expected is None or tender is None or payment.state != PaymentState.OPEN:
        return None
    account, here_cents = expected.account, allocation.count_allocated_cents(payment.id)
    return {
        "cents": tender.cents,
        "holder": account.holder,
        "iban": account.iban,
        "iban_shown": accounts.group_iban(account.iban),
        "bic": account.bic,
        "bank_name": account.bank_name,
        "reference": expected.reference,
        "reference_shown": references.group_reference(expected.reference),
        "code": girocode.draw_svg(expected_transfers.write_code(expected, tender.cents)),
        "here_cents": here_cents,
        "missing_cents": tender.cents - here_cents,
    }


def _why_no_transfer(reason: str | None) -> str:
    """The same for a transfer, which nobody can stop any more once it was sent."""
    if reason == FailureReason.EXPIRED:
        return _("Die Zeit zum Überweisen ist abgelaufen. Kommt Ihr Geld noch an, melden wir uns bei Ihnen.")
    return _("Diese Zahlung ist beendet. Haben Sie doch überwiesen, melden wir uns, sobald das Geld da ist.")


def _why(reason: str | None) -> str:
    """Why nothing came of it, for people."""
    match reason:
        case FailureReason.EXPIRED:
            return _("Die Zeit zum Bezahlen ist abgelaufen. Es wurde nichts abgebucht.")
        case FailureReason.DEBIT_FAILED:
            return _("Die Bank konnte den Betrag nicht einziehen. Es wurde nichts abgebucht.")
        case FailureReason.AUTHORISATION_GONE:
            return _("Die Freigabe der Karte ist verfallen. Es wurde nichts abgebucht.")
        case FailureReason.ABANDONED:
            return _("Sie haben diese Zahlung beendet. Es wurde nichts abgebucht.")
    return _("Die Zahlung kam nicht zustande. Es wurde nichts abgebucht.")
