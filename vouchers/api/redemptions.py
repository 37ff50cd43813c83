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
    KEY_PARAMETERS,
    KEYED,
    TAKING,
    day_parameter,
    describe_answer,
    describe_body,
    describe_call,
    query_parameter,
)
from vouchers.api.reading import parse_day, read_body, read_line
from vouchers.partners import movements, redemptions
from vouchers.partners.redemptions import FoundRedemption
from vouchers.tills import receipts
from vouchers.tills.redeeming import RedemptionOrder

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
@describe_call(
    summary="Redeem a part of a voucher",
    description="The same key with the same body gives the first answer again with status 200. A refused key is "
    "refused for good. Without an answer: repeat with the same key, then ask by key. Scope: redeem.",
    parameters=KEY_PARAMETERS,
    requestBody=describe_body(schemas.RedemptionRequest),
    responses=TAKING
    | {
        "201": describe_answer("Taken", schemas.Redemption),
        "200": describe_answer("Was taken before under this key", schemas.Redemption),
    },
)
def redeem() -> tuple[Response, int]:
    """Take an amount off a voucher and owe it to the till's shop."""
    key = read_key()
    data = read_body(REDEMPTION)
    request = RedemptionOrder(
        read_presented(data),
        data["amount_cents"],
        key,
        receipt_no=data.get("receipt_no"),
        basket_cents=data.get("basket_total_cents"),
        client_time=data.get("client_time"),
    )
    answer = till_service().redeem(g.bearer, request)
    answer.body["receipt"]["note"] = receipts.note()
    return to_response(answer)


@tills.route("/redemptions")
@describe_call(
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
        "200": describe_answer("What was found, perhaps nothing", schemas.RedemptionList),
        "422": describe_answer("No receipt number (invalid), or no day (day_not_valid)"),
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
@describe_call(
    summary="What became of a key",
    description="`not_found` is final 60 seconds after the last try with this key. Scope: look.",
    parameters=[
        {"in": "path", "name": "key", "required": True, "schema": {"type": "string", "minLength": 1}},
    ],
    responses=ASKED
    | {
        "200": describe_answer("Found", schemas.ByKey),
        "404": describe_answer("Nothing happened under this key (not_found)"),
        "422": describe_answer("No key has this form (key_not_valid)"),
    },
)
def by_key(key: str) -> Response:
    """Did it work? For a till that never got its answer."""
    found = till_service().find_by_key(g.bearer, check_key(key))
    if "redemption" in found:
        found["redemption"]["receipt"]["note"] = receipts.note()
    return jsonify(with_practice_mark(found))


@tills.route("/redemptions/<uuid:redemption_id>")
@describe_call(
    summary="A redemption as it was answered, and what was given back since",
    description="Scope: look.",
    responses=ASKED
    | {
        "200": describe_answer("Found", schemas.RedemptionFound),
        "404": describe_answer("No redemption of this shop (redemption_unknown)"),
    },
)
def show(redemption_id: UUID) -> Response:
    """Show one redemption, with its receipt as JSON."""
    place = movements.identify_caller(g.bearer, "look")
    return jsonify(with_practice_mark(_respond(redemptions.load_redemption(place, redemption_id))))


@tills.route("/redemptions/<uuid:redemption_id>/receipt")
@describe_call(
    summary="The receipt again, as text for a printer",
    description="80 columns, marked as a copy. Scope: look.",
    responses=ASKED
    | {
        "200": {"description": "Found", "content": {"text/plain": {"schema": {"type": "string"}}}},
        "404": describe_answer("No redemption of this shop (redemption_unknown)"),
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
@describe_call(
    summary="Void a redemption",
    description="In full, on the same business day, by the same shop. Scope: return.",
    parameters=KEY_PARAMETERS,
    requestBody=describe_body(schemas.ReasonRequest) | {"required": False},
    responses=KEYED
    | {
        "201": describe_answer("Voided; the value is back in its lots", schemas.Return),
        "200": describe_answer("Was voided before under this key", schemas.Return),
        "404": describe_answer("No redemption of this shop (redemption_unknown)"),
        "409": describe_answer(
            "Already returned, another day, not at the till, not returnable, or in_progress (Retry-After)"
        ),
    },
)
def void(redemption_id: UUID) -> tuple[Response, int]:
    """Take back a whole redemption on the same business day."""
    key = read_key()
    reason = read_body(REASON, optional=True)["reason"]
    return to_response(till_service().void(g.bearer, redemption_id, key=key, reason=reason))


@tills.route("/redemptions/<uuid:redemption_id>/refunds", methods=["POST"])
@describe_call(
    summary="Give back a part later",
    description="For returned goods: to the lots it came from, never more than was redeemed. Scope: return.",
    parameters=KEY_PARAMETERS,
    requestBody=describe_body(schemas.RefundRequest),
    responses=KEYED
    | {
        "201": describe_answer("Given back", schemas.Return),
        "200": describe_answer("Was given back before under this key", schemas.Return),
        "404": describe_answer("No redemption of this shop (redemption_unknown)"),
        "409": describe_answer("More than was redeemed, not returnable, or in_progress (Retry-After)"),
    },
)
def refund(redemption_id: UUID) -> tuple[Response, int]:
    """Give back a part of a redemption, on any later day."""
    key = read_key()
    data = read_body(REFUND)
    return to_response(
        till_service().refund(g.bearer, redemption_id, cents=data["amount_cents"], key=key, reason=data["reason"])
    )


@tills.route("/vouchers/lookup")
@describe_call(
    summary="Look before taking",
    description="Scope: look.",
    parameters=PRESENTED,
    responses=ASKED
    | {
        "200": describe_answer("Accepted here", schemas.VoucherFound),
        "403": TAKING["403"],
        "404": TAKING["404"],
        "409": describe_answer(
            "The code that was shown is not good any more (code_expired): have the holder show it again"
        ),
        "422": describe_answer("Neither header, both, or something in the address (voucher_header_missing)"),
        "429": TAKING["429"],
    },
)
def lookup() -> Response:
    """Programme, last four symbols and what is left."""
    presented = [
        http_request.headers[name] for name in ("Voucher-Token", "Voucher-Code") if http_request.headers.get(name)
    ]
    if http_request.args or len(presented) != 1 or not presented[0].isprintable():
        raise errors.voucher_header_missing()
    return jsonify(with_practice_mark(till_service().look(g.bearer, presented[0])))


def _respond(found: FoundRedemption) -> dict[str, Any]:
    answer = found.answer | {"state": found.state, "returned_cents": found.returned}
    return answer | {"receipt": found.answer["receipt"] | {"note": receipts.note()}}
