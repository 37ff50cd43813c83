"""Checkout sessions (payment mode): created over the API, paid on our hosted page."""

from typing import Any

from stripe.params import checkout as shapes_of

from . import ids, intents, paying
from .errors import invalid, no_such, not_covered, wrong_state
from .events import emit
from .listing import filtered, page
from .options import SESSION_LASTS
from .routes import Call, euros_only, find, merge_metadata, route
from .shapes import blank, example
from .state import Work
from .tasks import forget, later, task

Json = dict[str, Any]
_NOT_COVERED = (
    "adaptive_pricing.enabled",
    "after_expiration",
    "allow_promotion_codes",
    "automatic_tax.enabled",
    "consent_collection",
    "custom_fields",
    "customer",
    "discounts",
    "invoice_creation",
    "managed_payments",
    "optional_items",
    "payment_intent_data.application_fee_amount",
    "payment_intent_data.setup_future_usage",
    "payment_intent_data.transfer_data",
    "payment_method_configuration",
    "phone_number_collection",
    "return_url",
    "setup_intent_data",
    "shipping_address_collection",
    "shipping_options",
    "subscription_data",
    "tax_id_collection",
)
_SHORTEST, _LONGEST = 30 * 60, 24 * 3600


@route("POST", "/v1/checkout/sessions", shapes_of.SessionCreateParams, refuse=_NOT_COVERED)
def create(call: Call) -> Json:
    """Refuses other modes than payment, other currencies than euro, and sums under 0.50 €."""
    work, given = call.work, call.params
    _check_mode(given)
    items = [_item(work, entry, place) for place, entry in enumerate(given.get("line_items") or [])]
    if not items:
        raise invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    total = sum(item["amount_total"] for item in items)
    intents.check_amount(total)
    session_id = ids.new("cs_test")
    data = given.get("payment_intent_data") or {}
    expires = _expiry(work, given.get("expires_at"))
    session = blank(
        "checkout.session",
        id=session_id,
        adaptive_pricing={"enabled": False},
        amount_subtotal=total,
        amount_total=total,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        billing_address_collection=given.get("billing_address_collection"),
        cancel_url=given.get("cancel_url"),
        client_reference_id=given.get("client_reference_id"),
        created=work.now,
        currency="eur",
        custom_fields=[],
        custom_text={**dict.fromkeys(example("checkout.session", "custom_text")), **(given.get("custom_text") or {})},
        customer_creation="if_required",
        customer_details=_customer(given.get("customer_email"), None) if given.get("customer_email") else None,
        customer_email=given.get("customer_email"),
        expires_at=expires,
        invoice_creation=None,
        locale=given.get("locale"),
        mode="payment",
        origin_context=given.get("origin_context"),
        payment_method_collection="if_required",
        payment_method_options=given.get("payment_method_options") or {},
        payment_method_types=intents.allowed(given, data.get("capture_method", "automatic_async")),
        payment_status="unpaid",
        phone_number_collection={"enabled": False},
        shipping_options=[],
        status="open",
        submit_type=given.get("submit_type"),
        success_url=given["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode="hosted_page",
        url=f"{work.state.base}/c/pay/{session_id}",
        wallet_options=given.get("wallet_options"),
        _account=work.account,
        _items=items,
        _intent_data=data,
    )
    merge_metadata(session, given.get("metadata"))
    work.add(session)
    later(work, "session_expired", session_id, expires - work.now)
    return session


def _check_mode(given: Json) -> None:
    if "mode" not in given:
        raise invalid("Missing required param: mode.", "mode", "parameter_missing")
    if given["mode"] != "payment":
        raise not_covered(f"the mode {given['mode']}", "mode")
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_covered(f"ui_mode {given['ui_mode']}", "ui_mode")
    for name in ("success_url", "cancel_url"):
        if name in given and not given[name].startswith(("http://", "https://")):
            raise invalid("Not a valid URL", name, "url_invalid")
    if "success_url" not in given:
        raise invalid("Missing required param: success_url.", "success_url", "parameter_missing")


def _expiry(work: Work, wished: int | None) -> int:
    if wished is None:
        return work.now + SESSION_LASTS
    # A minute of grace: the client computed the time before it sent the request.
    if wished < work.now + _SHORTEST - 60:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", "expires_at"
        )
    if wished > work.now + _LONGEST + 60:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", "expires_at"
        )
    return wished


def _item(work: Work, entry: Json, place: int) -> Json:
    path = f"line_items[{place}]"
    price, quantity = entry.get("price_data"), entry.get("quantity", 1)
    if price is None:
        raise not_covered("stored prices; send price_data", f"{path}[price]")
    euros_only(price["currency"])
    if "unit_amount" not in price:
        raise not_covered("prices without unit_amount", f"{path}[price_data][unit_amount]")
    name = (price.get("product_data") or {}).get("name")
    if not name:
        raise invalid(
            f"Missing required param: {path}[price_data][product_data].",
            f"{path}[price_data][product_data]",
            "parameter_missing",
        )
    if price["unit_amount"] < 0:
        raise invalid("This value must be greater than or equal to 0.", f"{path}[price_data][unit_amount]")
    if not 0 < quantity < 1_000_000:
        raise invalid("This value must be greater than or equal to 1.", f"{path}[quantity]")
    cents = price["unit_amount"] * quantity
    stored = example("item", "price")
    stored.update(
        active=False,
        created=work.now,
        currency="eur",
        custom_unit_amount=None,
        id=ids.new("price"),
        product=ids.new("prod"),
        recurring=None,
        transform_quantity=None,
        tax_behavior=price.get("tax_behavior", "unspecified"),
        unit_amount=price["unit_amount"],
        unit_amount_decimal=str(price["unit_amount"]),
    )
    item = blank(
        "item",
        id=ids.new("li"),
        amount_discount=0,
        amount_subtotal=cents,
        amount_tax=0,
        amount_total=cents,
        currency="eur",
        description=name,
        price=stored,
        quantity=quantity,
    )
    merge_metadata(item, entry.get("metadata"))
    return item


def _customer(email: str | None, name: str | None) -> Json:
    return {**example("checkout.session", "customer_details"), "address": None, "email": email, "name": name}


@route("GET", "/v1/checkout/sessions/{}", shapes_of.SessionRetrieveParams)
def retrieve(call: Call) -> Json:
    return find(call.work, "checkout.session", call.ids[0], "session")


@route("GET", "/v1/checkout/sessions", shapes_of.SessionListParams)
def listed(call: Call) -> Json:
    wishes = dict(call.params)
    email = (wishes.pop("customer_details", None) or {}).get("email")
    found = [entry for entry in call.work.all("checkout.session") if entry["_account"] == call.account]
    if email:
        found = [entry for entry in found if (entry["customer_details"] or {}).get("email") == email]
    return page(filtered(reversed(found), wishes), wishes, call.url)


@route("GET", "/v1/checkout/sessions/{}/line_items", shapes_of.SessionListLineItemsParams)
def line_items(call: Call) -> Json:
    session = find(call.work, "checkout.session", call.ids[0], "session")
    return page(session["_items"], call.params, call.url)


@route("POST", "/v1/checkout/sessions/{}", shapes_of.SessionUpdateParams, refuse=("shipping_options", "line_items"))
def update(call: Call) -> Json:
    session = find(call.work, "checkout.session", call.ids[0], "session")
    merge_metadata(session, call.params.get("metadata"))
    return session


@route("POST", "/v1/checkout/sessions/{}/expire", shapes_of.SessionExpireParams)
def expire(call: Call) -> Json:
    """Refuses a session that is complete or expired."""
    session = find(call.work, "checkout.session", call.ids[0], "session")
    if session["status"] != "open":
        raise wrong_state(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"{session['status']}.",
            "checkout_session_not_open",
        )
    close(call.work, session)
    return session


def close(work: Work, session: Json) -> None:
    """Time is over: nobody can pay this session any more."""
    session.update(status="expired", url=None)
    forget(work, "session_expired", session["id"])
    intent = work.get(session["payment_intent"])
    if intent and intent["status"] in paying.CONFIRMABLE:
        paying.cancel(work, intent, "automatic")
    emit(work, "checkout.session.expired", session)


@task("session_expired")
def session_expired(work: Work, session_id: str) -> None:
    session = work.need(session_id)
    if session["status"] == "open":
        close(work, session)


def open_session(work: Work, session_id: str) -> Json:
    """For the hosted page. Refuses unknown ids; says nothing about the state."""
    session = work.get(session_id)
    if not session or session["object"] != "checkout.session":
        raise no_such("checkout.session", session_id)
    work.account = session["_account"]
    return session


def pay(work: Work, session: Json, method: Json, email: str | None) -> Json:
    """Someone pressed Pay: makes the payment intent (at the first try) and confirms it. Gives the intent; the session
    is complete unless the bank still asks. Refuses like `paying.confirm`."""
    details = method["billing_details"]
    session["customer_details"] = _customer(session["customer_email"] or email, details["name"])
    intent = work.get(session["payment_intent"]) or _new_intent(work, session)
    paying.confirm(work, intent, method, f"{work.state.base}/c/pay/{session['id']}")
    settle(work, session, intent)
    return intent


def _new_intent(work: Work, session: Json) -> Json:
    data = session["_intent_data"]
    intent = intents.new(
        work,
        session["amount_total"],
        list(session["payment_method_types"]),
        data.get("capture_method", "automatic_async"),
        metadata=data.get("metadata"),
        payment_method_options=session["payment_method_options"],
        shipping=data.get("shipping"),
        **{
            name: data[name]
            for name in ("description", "on_behalf_of", "receipt_email", "statement_descriptor", "transfer_group")
            if name in data
        },
        _session=session["id"],
    )
    session["payment_intent"] = intent["id"]
    return intent


def settle(work: Work, session: Json, intent: Json) -> None:
    """Completes the session once the intent is paid, authorised or under way."""
    if session["status"] != "open" or intent["status"] not in ("succeeded", "requires_capture", "processing"):
        return
    session.update(
        status="complete",
        payment_status="paid" if intent["status"] == "succeeded" else "unpaid",
        url=None,
    )
    forget(work, "session_expired", session["id"])
    emit(work, "checkout.session.completed", session)


@paying.on_final
def became_final(work: Work, intent: Json, succeeded: bool) -> None:
    """A debit came through or back, or an authorised card was captured."""
    session = work.get(intent["_session"])
    if not session or session["status"] != "complete":
        return
    debit = work.need(intent["latest_charge"])["payment_method_details"]["type"] == "sepa_debit"
    if succeeded:
        session["payment_status"] = "paid"
    if debit:
        emit(work, f"checkout.session.async_payment_{'succeeded' if succeeded else 'failed'}", session)
