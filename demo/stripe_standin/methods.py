"""Payment methods: a card or a bank account that someone typed, or one of Stripe's test tokens."""

from datetime import UTC, datetime
from typing import Any

from stripe import params as shapes_of

from . import ids
from .cards import CARDS, EXPIRED, TOKENS, Iban, find_card, find_iban
from .errors import StripeError, invalid, no_such
from .routes import Call, find, merge_metadata, route
from .shapes import blank, example
from .state import Work

Json = dict[str, Any]
EMPTY_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def billing(details: Json | None) -> Json:
    given = details or {}
    return {
        "address": {**EMPTY_ADDRESS, **(given.get("address") or {})},
        "email": given.get("email"),
        "name": given.get("name"),
        "phone": given.get("phone"),
        "tax_id": None,
    }


def card_method(
    work: Work, number: str, month: int, year: int, cvc: str | None = None, details: Json | None = None
) -> Json:
    """Refuses unknown numbers, impossible and past dates, and codes that are not three or four digits."""
    card = find_card(number)
    year = year + 2000 if year < 100 else year
    if not 1 <= month <= 12:
        raise StripeError(
            "Your card's expiration month is invalid.",
            status=402,
            kind="card_error",
            code="invalid_expiry_month",
            param="exp_month",
        )
    if year * 12 + month < _month_of(work.now):
        raise EXPIRED.error()
    if cvc is not None and not (cvc.isdecimal() and 3 <= len(cvc) <= 4):
        raise StripeError(
            "Your card's security code is invalid.", status=402, kind="card_error", code="invalid_cvc", param="cvc"
        )
    face = example("payment_method", "card")
    face.update(
        brand=card.brand,
        display_brand=card.brand,
        country="DE",
        exp_month=month,
        exp_year=year,
        last4=card.last4,
        funding="credit",
        wallet=None,
        generated_from=None,
        networks={"available": [card.brand], "preferred": None},
        checks={
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass" if cvc else None,
        },
    )
    return _add(work, "card", face, details, _number=card.number)


def debit_method(work: Work, iban: str, details: Json | None) -> Json:
    """Refuses a wrong IBAN; name and e-mail are required, as in Stripe's mandate."""
    given = details or {}
    for name in ("name", "email"):
        if not given.get(name):
            raise invalid(
                f"Missing required param: billing_details[{name}].", f"billing_details[{name}]", "parameter_missing"
            )
    account = find_iban(iban)
    face = {
        "bank_code": account.number[4:12],
        "branch_code": "",
        "country": account.number[:2],
        "fingerprint": ids.symbols(16),
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": account.number[-4:],
    }
    return _add(work, "sepa_debit", face, details, _iban=account.number)


def _add(work: Work, kind: str, face: Json, details: Json | None, **hidden: Any) -> Json:
    method = blank(
        "payment_method",
        id=ids.new("pm"),
        allow_redisplay="unspecified",
        billing_details=billing(details),
        created=work.now,
        type=kind,
        _account=work.account,
        **hidden,
    )
    method.pop("card", None)
    method[kind] = face
    return work.add(method)


def _month_of(moment: int) -> int:
    today = datetime.fromtimestamp(moment, UTC)
    return today.year * 12 + today.month


def given(work: Work, params: Json) -> Json | None:
    """The payment method that a request names, by id, token or data."""
    if params.get("payment_method"):
        return by_name(work, params["payment_method"])
    data = params.get("payment_method_data")
    if not data:
        return None
    if data["type"] != "sepa_debit":
        raise invalid(f"The stand-in takes payment_method_data for sepa_debit only, not {data['type']}.", "type")
    return debit_method(work, data.get("sepa_debit", {}).get("iban", ""), data.get("billing_details"))


def by_name(work: Work, name: str) -> Json:
    if name in TOKENS:
        return card_method(work, TOKENS[name], 12, 2040, "123")
    found = work.get(name)
    if not found or found["object"] != "payment_method" or found["_account"] != work.account:
        raise no_such("payment_method", name, "payment_method", status=400)
    return found


def card_of(method: Json) -> Any:
    return CARDS[method["_number"]]


def iban_of(method: Json) -> Iban:
    return find_iban(method["_iban"])


@route("POST", "/v1/payment_methods", shapes_of.PaymentMethodCreateParams)
def create(call: Call) -> Json:
    kind = call.params.get("type")
    if kind == "card":
        card = call.params.get("card") or {}
        if card.get("token"):
            raise invalid("The stand-in takes card numbers, not tokens.", "card[token]")
        for name in ("number", "exp_month", "exp_year"):
            if name not in card:
                raise invalid(f"Missing required param: card[{name}].", f"card[{name}]", "parameter_missing")
        details = call.params.get("billing_details")
        method = card_method(call.work, card["number"], card["exp_month"], card["exp_year"], card.get("cvc"), details)
    elif kind == "sepa_debit":
        debit = call.params.get("sepa_debit") or {}
        method = debit_method(call.work, debit.get("iban", ""), call.params.get("billing_details"))
    else:
        raise invalid(f"The stand-in has payment methods card and sepa_debit, not {kind}.", "type")
    merge_metadata(method, call.params.get("metadata"))
    return method


@route("GET", "/v1/payment_methods/{}", shapes_of.PaymentMethodRetrieveParams)
def retrieve(call: Call) -> Json:
    return find(call.work, "payment_method", call.ids[0])


@route("GET", "/v1/mandates/{}", shapes_of.MandateRetrieveParams)
def mandate(call: Call) -> Json:
    return find(call.work, "mandate", call.ids[0], "mandate")
