"""Payment intents over the API; the moves themselves are in `paying`."""

from typing import Any

from stripe import params as shapes_of

from . import ids, methods, paying
from .errors import invalid, not_covered, wrong_state
from .events import emit
from .listing import select
from .options import LARGEST, SMALLEST
from .routes import Call, euros_only, find, merge_metadata, route
from .shapes import blank
from .state import Work

Json = dict[str, Any]
METHODS = ("card", "sepa_debit")
_NOT_COVERED = (
    "transfer_data",
    "amount_details",
    "error_on_requires_action",
    "off_session",
    "radar_options",
    "application_fee_amount",
    "confirmation_token",
    "hooks",
    "mandate",
    "payment_details",
    "setup_future_usage",
    "payment_method_configuration",
)
_TEXTS = (
    "description",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
    "on_behalf_of",
)


def new(work: Work, cents: int, types: list[str], capture_method: str, **fields: Any) -> Json:
    """A fresh intent, without money. Refuses amounts under 0.50 € or over Stripe's largest."""
    check_amount(cents)
    intent_id = ids.new("pi")
    intent = blank(
        "payment_intent",
        id=intent_id,
        amount=cents,
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        capture_method=capture_method,
        client_secret=f"{intent_id}_secret_{ids.symbols(25)}",
        confirmation_method="automatic",
        created=work.now,
        currency="eur",
        payment_method_options={},
        payment_method_types=types,
        status="requires_payment_method",
        _account=work.account,
        _session=None,
    )
    for name, value in fields.items():
        if name == "metadata":
            merge_metadata(intent, value)
        else:
            intent[name] = value
    work.add(intent)
    emit(work, "payment_intent.created", intent)
    return intent


def check_amount(cents: int) -> None:
    if cents < SMALLEST:
        raise wrong_state("Amount must be at least €0.50 eur", "amount_too_small", param="amount")
    if cents > LARGEST:
        raise wrong_state("Amount must be no more than €999,999.99", "amount_too_large", param="amount")


def allowed(params: Json, capture_method: str) -> list[str]:
    """Which methods may pay; Stripe drops those that cannot be captured later, unless they were asked for by name."""
    wished = params.get("allowed_payment_method_types") or list(METHODS)
    unknown = [kind for kind in wished if kind not in METHODS]
    if unknown:
        raise not_covered(f"the payment method {unknown[0]}", "allowed_payment_method_types")
    excluded = params.get("excluded_payment_method_types") or []
    types = [kind for kind in METHODS if kind in wished and kind not in excluded]
    if capture_method == "manual" and "sepa_debit" in types:
        types.remove("sepa_debit")
    if not types:
        raise invalid(
            "No payment method types are enabled for these parameters (sepa_debit does not support manual capture).",
            "allowed_payment_method_types",
        )
    return types


@route("POST", "/v1/payment_intents", shapes_of.PaymentIntentCreateParams, refuse=_NOT_COVERED)
def create(call: Call) -> Json:
    work, given = call.work, call.params
    euros_only(given["currency"])
    check_amount(given["amount"])
    capture_method = given.get("capture_method", "automatic_async")
    method = methods.given(work, given)
    intent = new(
        work,
        given["amount"],
        allowed(given, capture_method),
        capture_method,
        metadata=given.get("metadata"),
        customer=given.get("customer"),
        payment_method_options=given.get("payment_method_options") or {},
        confirmation_method=given.get("confirmation_method", "automatic"),
        automatic_payment_methods=given.get("automatic_payment_methods"),
        excluded_payment_method_types=given.get("excluded_payment_method_types"),
        shipping=given.get("shipping"),
        **{name: given[name] for name in _TEXTS if name in given},
    )
    if method:
        intent.update(payment_method=method["id"], status="requires_confirmation")
    if given.get("confirm"):
        if not method:
            raise invalid(
                "You cannot confirm this PaymentIntent because it's missing a payment method.", "payment_method"
            )
        paying.confirm(work, intent, method, given.get("return_url"))
    return intent


@route("GET", "/v1/payment_intents/{}", shapes_of.PaymentIntentRetrieveParams)
def retrieve(call: Call) -> Json:
    return find(call.work, "payment_intent", call.ids[0], "intent")


@route("GET", "/v1/payment_intents", shapes_of.PaymentIntentListParams)
def listed(call: Call) -> Json:
    return select(call.work, "payment_intent", call.params, call.url)


@route("POST", "/v1/payment_intents/{}", shapes_of.PaymentIntentUpdateParams, refuse=_NOT_COVERED)
def update(call: Call) -> Json:
    """Refuses a new amount once the payment is under way."""
    intent = find(call.work, "payment_intent", call.ids[0], "intent")
    if "amount" in call.params:
        if intent["status"] not in paying.CONFIRMABLE:
            raise paying.unexpected_state(intent, "update the amount of")
        check_amount(call.params["amount"])
        intent["amount"] = call.params["amount"]
    if "payment_method" in call.params:
        if intent["status"] not in paying.CONFIRMABLE:
            raise paying.unexpected_state(intent, "update the payment method of")
        intent["payment_method"] = methods.by_name(call.work, call.params["payment_method"])["id"]
        intent["status"] = "requires_confirmation"
    for name in _TEXTS:
        if name in call.params:
            intent[name] = call.params[name] or None
    merge_metadata(intent, call.params.get("metadata"))
    return intent


@route("POST", "/v1/payment_intents/{}/confirm", shapes_of.PaymentIntentConfirmParams, refuse=_NOT_COVERED)
def confirm(call: Call) -> Json:
    intent = find(call.work, "payment_intent", call.ids[0], "intent")
    if intent["status"] not in paying.CONFIRMABLE:
        raise paying.unexpected_state(intent, "confirm")
    method = methods.given(call.work, call.params) or call.work.get(intent["payment_method"])
    if not method:
        raise wrong_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
            "payment_intent_unexpected_state",
        )
    paying.confirm(call.work, intent, method, call.params.get("return_url"))
    return intent


@route(
    "POST",
    "/v1/payment_intents/{}/capture",
    shapes_of.PaymentIntentCaptureParams,
    refuse=("transfer_data", "application_fee_amount", "hooks"),
)
def capture(call: Call) -> Json:
    intent = find(call.work, "payment_intent", call.ids[0], "intent")
    if call.params.get("final_capture") is False:
        raise not_covered("several captures of one payment", "final_capture")
    paying.capture(call.work, intent, call.params.get("amount_to_capture"))
    merge_metadata(intent, call.params.get("metadata"))
    return intent


@route("POST", "/v1/payment_intents/{}/cancel", shapes_of.PaymentIntentCancelParams)
def cancel(call: Call) -> Json:
    """Refuses an intent of an open Checkout session: that session must be expired instead."""
    intent = find(call.work, "payment_intent", call.ids[0], "intent")
    session = call.work.get(intent["_session"])
    if session and session["status"] == "open":
        raise wrong_state(
            "You cannot cancel this PaymentIntent because it was created by a Checkout Session. "
            "Expire the session instead.",
            "payment_intent_unexpected_state",
        )
    paying.cancel(call.work, intent, call.params.get("cancellation_reason"))
    return intent
