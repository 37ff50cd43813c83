"""Charges: one attempt to take money by an intent, and what it brings after fees."""

from typing import Any

from stripe import params as shapes_of

from . import balances, ids
from .cards import CardRefusal
from .events import emit
from .listing import select
from .options import AUTHORISATION_LASTS, FEE_SEPA, card_fee
from .routes import Call, find, merge_metadata, route
from .shapes import blank, example
from .state import Work

Json = dict[str, Any]


def attempt(
    work: Work, intent: Json, method: Json, status: str, captured: bool, refusal: CardRefusal | None = None
) -> Json:
    """The charge of one attempt: `succeeded` (captured or only authorised), `pending` (debit) or `failed`."""
    card = method["type"] == "card"
    failed = refusal is not None and status == "failed"
    charge = blank(
        "charge",
        id=ids.new("ch" if card else "py"),
        amount=intent["amount"],
        amount_captured=intent["amount"] if captured and not failed else 0,
        amount_refunded=0,
        billing_details=method["billing_details"],
        calculated_statement_descriptor="STAND-IN",
        captured=captured and not failed,
        created=work.now,
        currency="eur",
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        fraud_details={},
        metadata=dict(intent["metadata"]),
        outcome=_outcome(refusal if failed else None),
        paid=status == "succeeded",
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=_details(work, intent, method, captured),
        receipt_email=intent["receipt_email"],
        refunded=False,
        status=status,
        transfer_group=intent["transfer_group"],
        _account=intent["_account"],
        _fee=0,
        _transferred=0,
    )
    if failed and refusal:
        charge["failure_code"], charge["failure_message"] = refusal.code, refusal.message
    intent["latest_charge"] = charge["id"]
    return work.add(charge)


def _outcome(refusal: CardRefusal | None) -> Json:
    outcome = {**example("charge", "outcome"), "risk_level": "normal", "risk_score": 12}
    if refusal:
        outcome.update(
            network_status="declined_by_network",
            reason=refusal.decline_code or refusal.code,
            seller_message="The bank did not return any further details with this decline.",
            type="issuer_declined",
        )
    else:
        outcome.update(network_status="approved_by_network", seller_message="Payment complete.", type="authorized")
    return outcome


def _details(work: Work, intent: Json, method: Json, captured: bool) -> Json:
    if method["type"] == "sepa_debit":
        face = {
            name: method["sepa_debit"][name] for name in ("bank_code", "branch_code", "country", "fingerprint", "last4")
        }
        return {"sepa_debit": {**face, "mandate": mandate(work, method)["id"]}, "type": "sepa_debit"}
    details: Json = example("charge", "payment_method_details")
    card = details["card"]
    face = method["card"]
    for name in ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4"):
        card[name] = face[name]
    card.update(
        amount_authorized=intent["amount"],
        installments=None,
        network=face["brand"],
        overcapture={"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        three_d_secure=None,
        wallet=None,
    )
    if not captured:
        card["capture_before"] = work.now + AUTHORISATION_LASTS
    return details


def mandate(work: Work, method: Json) -> Json:
    """The permission that the payer gave on the page: one per bank account."""
    if method.get("_mandate"):
        return work.need(method["_mandate"])
    given = blank(
        "mandate",
        id=ids.new("mandate"),
        customer_acceptance={
            "accepted_at": work.now,
            "online": {"ip_address": "127.0.0.1", "user_agent": "stand-in"},
            "type": "online",
        },
        payment_method=method["id"],
        payment_method_details={
            "sepa_debit": {"reference": ids.symbols(16).upper(), "url": f"{work.state.base}/mandate"},
            "type": "sepa_debit",
        },
        status="active",
        type="single_use",
        _account=method["_account"],
    )
    given.pop("multi_use", None)
    given["single_use"] = {"amount": 0, "currency": "eur"}
    method["_mandate"] = given["id"]
    return work.add(given)


def book(work: Work, charge: Json) -> None:
    """The captured money arrives in the balance, less Stripe's fee."""
    cents = charge["amount_captured"]
    card = charge["payment_method_details"]["type"] == "card"
    fee = card_fee(cents) if card else FEE_SEPA
    entry = balances.move(
        work,
        charge["_account"],
        "charge" if card else "payment",
        "charge",
        cents,
        charge["id"],
        fee=fee,
        after=work.options.available_after,
        description=charge["description"],
    )
    charge["balance_transaction"] = entry["id"]
    charge["_fee"] = fee


def capture(work: Work, charge: Json, cents: int) -> None:
    """Takes `cents` of an authorised charge; the rest is released to the payer."""
    charge["captured"], charge["amount_captured"] = True, cents
    charge["payment_method_details"]["card"].pop("capture_before", None)
    book(work, charge)
    emit(work, "charge.captured", charge)


@route("GET", "/v1/charges/{}", shapes_of.ChargeRetrieveParams)
def retrieve(call: Call) -> Json:
    return find(call.work, "charge", call.ids[0], "charge")


@route("GET", "/v1/charges", shapes_of.ChargeListParams)
def listed(call: Call) -> Json:
    return select(call.work, "charge", call.params, call.url)


@route("POST", "/v1/charges/{}", shapes_of.ChargeUpdateParams, refuse=("shipping", "fraud_details", "customer"))
def update(call: Call) -> Json:
    charge = find(call.work, "charge", call.ids[0], "charge")
    for name in ("description", "receipt_email", "transfer_group"):
        if name in call.params:
            charge[name] = call.params[name]
    merge_metadata(charge, call.params.get("metadata"))
    emit(call.work, "charge.updated", charge)
    return charge
