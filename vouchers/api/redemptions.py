"""`/api/v1` for tills: redeem, ask by key, void, refund, look, one statement a call; and find again what was done."""

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify
from flask import request as http_request

from foundation.clock import today
from foundation.config import settings
from vouchers.api import errors, schemas
from vouchers.api.blueprint import (
    check_key,
    is_practice_key,
    read_key,
    read_presented,
    till_service,
    tills,
    to_response,
    with_practice_mark,
)
from vouchers.api.describing import (
    ASKED,
    KEYED,
    TAKING,
    body,
    day_parameter,
    described,
    keyed,
    query_parameter,
    says,
)
from vouchers.api.reading import parse_day, read_body, read_line
from vouchers.partners import movements, redemptions
from vouchers.partners.redemptions import FoundRedemption
from vouchers.tills import receipts
from vouchers.tills.redeeming import RedemptionOrder

NOTE = "Gutscheineinlösung – Zahlungsmittel, kein Steuerbeleg; der Kassenbon des Geschäfts gilt."
MAX_RECEIPT_CHARACTERS = 60

REDEMPTION, REASON, REFUND = schemas.RedemptionRequest(), schemas.ReasonRequest(), schemas.RefundRequest()
PRESENTED = [
    {
        "in": "header",
        "name": name,
        "schema": {"type": "string", "minLength": 1, "maxLength": 400},
        "description": text + " One of the two; never in the address, which is logged.",
    }
    for name, text in (("Voucher-Token", "Token of the QR code."), ("Voucher-Code", "Typed code."))
]


@tills.route("/redemptions", methods=["POST"])
@described(
    summary="Redeem a part of a voucher",
    description="The same key with the same body gives the first answer again with status 200. A refused key is "
    "refused for good. Without an answer: repeat with the same key, then ask by key. Scope: redeem.",
    parameters=keyed,
    requestBody=body(schemas.RedemptionRequest),
    responses=TAKING
    | {
        "201": says("Taken", schemas.Redemption),
        "200": says("Was taken before under this key", schemas.Redemption),
    },
)
def redeem() -> tuple[Response, int]:
    """Take an amount off a voucher and owe it to the till's shop."""
    key = read_key()
    wish = read_body(REDEMPTION)
    request = RedemptionOrder(
        read_presented(wish),
        wish["amount_cents"],
        key,
        receipt_no=wish.get("receipt_no"),
        basket_cents=wish.get("basket_total_cents"),
        client_time=wish.get("client_time"),
    )
    answer = till_service().redeem(g.bearer, request)
    answer.body["receipt"]["note"] = NOTE
    return to_response(answer)


@tills.route("/redemptions")
@described(
    summary="Find redemptions by the shop's own receipt number",
    description="Did it work? The newest first, at most 50. Scope: look.",
    parameters=[
        query_parameter(
            "receipt_no",
            "Number of the shop's own receipt",
            required=True,
            minLength=1,
            maxLength=MAX_RECEIPT_CHARACTERS,
        ),
        day_parameter("date", "Business day in Berlin; today when missing"),
    ],
    responses=ASKED
    | {
        "200": says("What was found, perhaps nothing", schemas.RedemptionList),
        "422": says("No receipt number (invalid), or no day (day_not_valid)"),
    },
)
def by_receipt() -> Response:
    """The redemptions of a day under a receipt number."""
    place = movements.identify_caller(g.bearer, "look")
    number = read_line("receipt_no", MAX_RECEIPT_CHARACTERS)
    on = parse_day(http_request.args["date"], "date") if "date" in http_request.args else today()
    return jsonify(
        with_practice_mark(
            {"redemptions": [_respond(found) for found in redemptions.list_by_receipt(place, number, on)]}
        )
    )


@tills.route("/redemptions/by-key/<key>")
@described(
    summary="What became of a key",
    description="`not_found` is final 60 seconds after the last try with this key. Scope: look.",
    parameters=[
        {"in": "path", "name": "key", "required": True, "schema": {"type": "string", "minLength": 1}},
    ],
    responses=ASKED
    | {
        "200": says("FoundRedemption", schemas.ByKey),
        "404": says("Nothing happened under this key (not_found)"),
        "422": says("No key has this form (key_not_valid)"),
    },
)
def by_key(key: str) -> Response:
    """Did it work? For a till that never got its answer."""
    found = till_service().find_by_key(g.bearer, check_key(key))
    if "redemption" in found:
        found["redemption"]["receipt"]["note"] = NOTE
    return jsonify(with_practice_mark(found))


@tills.route("/redemptions/<uuid:redemption_id>")
@described(
    summary="A redemption as it was told, and what was given back since",
    description="Scope: look.",
    responses=ASKED
    | {
        "200": says("FoundRedemption", schemas.RedemptionFound),
        "404": says("No redemption of this shop (redemption_unknown)"),
    },
)
def show(redemption_id: UUID) -> Response:
    """One redemption, with its receipt as JSON."""
    place = movements.identify_caller(g.bearer, "look")
    return jsonify(with_practice_mark(_respond(redemptions.load_redemption(place, redemption_id))))


@tills.route("/redemptions/<uuid:redemption_id>/receipt")
@described(
    summary="The receipt again, as text for a printer",
    description="80 columns, marked as a copy. Scope: look.",
    responses=ASKED
    | {
        "200": {"description": "FoundRedemption", "content": {"text/plain": {"schema": {"type": "string"}}}},
        "404": says("No redemption of this shop (redemption_unknown)"),
    },
)
def receipt(redemption_id: UUID) -> Response:
    """Give a copy of the receipt of a redemption."""
    found = redemptions.load_redemption(movements.identify_caller(g.bearer, "look"), redemption_id)
    text = receipts.format_receipt(
        found.answer, hotline=settings().hotline, copy=True, voided=found.voided, practice=is_practice_key()
    )
    return Response(text, content_type="text/plain; charset=utf-8")


@tills.route("/redemptions/<uuid:redemption_id>/void", methods=["POST"])
@described(
    summary="Void a redemption",
    description="In full, on the same business day, by the same shop. Scope: return.",
    parameters=keyed,
    requestBody=body(schemas.ReasonRequest) | {"required": False},
    responses=KEYED
    | {
        "201": says("Voided; the value is back in its lots", schemas.Return),
        "200": says("Was voided before under this key", schemas.Return),
        "404": says("No redemption of this shop (redemption_unknown)"),
        "409": says("Already returned, another day, not at the till, not returnable, or in_progress (Retry-After)"),
    },
)
def void(redemption_id: UUID) -> tuple[Response, int]:
    """Take back a whole redemption on the same business day."""
    key = read_key()
    reason = read_body(REASON, optional=True)["reason"]
    return to_response(till_service().void(g.bearer, redemption_id, key=key, reason=reason))


@tills.route("/redemptions/<uuid:redemption_id>/refunds", methods=["POST"])
@described(
    summary="Give back a part later",
    description="For returned goods: to the lots it came from, never more than was redeemed. Scope: return.",
    parameters=keyed,
    requestBody=body(schemas.RefundRequest),
    responses=KEYED
    | {
        "201": says("Given back", schemas.Return),
        "200": says("Was given back before under this key", schemas.Return),
        "404": says("No redemption of this shop (redemption_unknown)"),
        "409": says("More than was redeemed, not returnable, or in_progress (Retry-After)"),
    },
)
def refund(redemption_id: UUID) -> tuple[Response, int]:
    """Give back a part of a redemption, on any later day."""
    key = read_key()
    wish = read_body(REFUND)
    return to_response(
        till_service().refund(g.bearer, redemption_id, cents=wish["amount_cents"], key=key, reason=wish["reason"])
    )


@tills.route("/vouchers/lookup")
@described(
    summary="Look before taking",
    description="Scope: look.",
    parameters=PRESENTED,
    responses=ASKED
    | {
        "200": says("Accepted here", schemas.VoucherFound),
        "403": TAKING["403"],
        "404": TAKING["404"],
        "409": says("The code that was shown is not good any more (code_expired): have the holder show it again"),
        "422": says("Neither header, both, or something in the address (voucher_header_missing)"),
        "429": TAKING["429"],
    },
)
def lookup() -> Response:
    """Programme, last four symbols and what is left."""
    given = [http_request.headers[name] for name in ("Voucher-Token", "Voucher-Code") if http_request.headers.get(name)]
    if http_request.args or len(given) != 1 or not given[0].isprintable():
        raise errors.voucher_header_missing()
    return jsonify(with_practice_mark(till_service().look(g.bearer, given[0])))


def _respond(found: FoundRedemption) -> dict[str, Any]:
    told = found.answer | {"state": found.state, "returned": found.returned}
    return told | {"receipt": found.answer["receipt"] | {"note": NOTE}}
