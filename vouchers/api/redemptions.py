"""`/api/v1` for tills: redeem, ask by key, void, refund, look. One statement a call."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, g, jsonify, request
from marshmallow import Schema, ValidationError

from foundation.errors import Invalid
from foundation.languages import _
from vouchers import redeeming
from vouchers.api import schemas
from vouchers.api.blueprint import idempotency_key, tills

NOTE = "Gutscheineinlösung – Zahlungsmittel, kein Steuerbeleg; der Kassenbon des Geschäfts gilt."

REDEMPTION, REASON, REFUND = schemas.RedemptionRequest(), schemas.ReasonRequest(), schemas.RefundRequest()
KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 8, "maxLength": 64, "format": "uuid"},
    "description": "Made by the till before the first try and kept until an answer is definite",
}
PRESENTED = [
    {
        "in": "header",
        "name": name,
        "schema": {"type": "string"},
        "description": text + " One of the two; never in the address, which is logged.",
    }
    for name, text in (("Voucher-Token", "Token of the QR code."), ("Voucher-Code", "Typed code."))
]


def body(schema: type[Schema]) -> dict[str, Any]:
    """A JSON body, for the document."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def says(text: str, schema: type[Schema] | None = None) -> dict[str, Any]:
    """An answer, for the document. Without a schema it is a problem."""
    kind = "application/json" if schema else "application/problem+json"
    return {"description": text, "content": {kind: {"schema": schema or schemas.Problem}}}


REFUSALS = {
    "400": says("The body is no JSON"),
    "401": says("Unknown or revoked till"),
    "413": says("The body is too large"),
    "415": says("The body is not application/json"),
    "422": says("Wrong body, or the key belongs to another request (key_reused)"),
    "429": says("Too many wrong codes; wait ten minutes"),
}
KEYED = REFUSALS | {
    "409": says("The voucher is being changed this moment (in_progress): ask again with the same key"),
    "428": says("The key is missing"),
}
described = partial(tills.doc, security=[{"till": []}])


def read(schema: Schema, *, optional: bool = False) -> dict[str, Any]:
    """The body of the call, checked. Refuses (`Invalid`) and names the fields."""
    given = request.get_json(silent=optional) if request.content_length or not optional else {}
    if optional and given is None:
        given = {}
    if not isinstance(given, dict):
        raise Invalid(_("Erwartet wird ein JSON-Objekt."))
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        raise Invalid(_("Bitte prüfen Sie die Angaben."), fields=error.messages) from error
    return loaded


@tills.route("/redemptions", methods=["POST"])
@described(
    summary="Redeem a part of a voucher",
    description="The same key with the same body gives the first answer again with status 200. A refused key is "
    "refused for good. Without an answer: repeat with the same key, then ask by key.",
    parameters=[KEY],
    requestBody=body(schemas.RedemptionRequest),
    responses=KEYED
    | {
        "201": says("Taken", schemas.Redemption),
        "200": says("Was taken before under this key", schemas.Redemption),
        "402": says("Not enough: `remaining` says what is left"),
        "403": says("Not accepted at this shop (outside_network): `reason_code` says why"),
        "404": says("Not redeemable: unknown, blocked or foreign; one text"),
    },
)
def redeem() -> tuple[Response, int]:
    """Take an amount off a voucher and owe it to the till's shop."""
    key = idempotency_key()
    wish = read(REDEMPTION)
    answer = redeeming.redeem(
        g.bearer,
        wish.get("token") or wish["code"],
        cents=wish["amount_cents"],
        key=key,
        receipt_no=wish.get("receipt_no"),
        basket_cents=wish.get("basket_total_cents"),
        client_time=wish.get("client_time"),
    )
    answer.body["receipt"]["note"] = NOTE
    return jsonify(answer.body), 200 if answer.replay else 201


@tills.route("/redemptions/by-key/<key>")
@described(
    summary="What became of a key",
    description="`not_found` is final 60 seconds after the last try with this key.",
    responses={
        "200": says("Found", schemas.ByKey),
        "401": REFUSALS["401"],
        "404": says("Nothing happened under this key (not_found)"),
    },
)
def by_key(key: str) -> Response:
    """Did it work? For a till that never got its answer."""
    found = redeeming.by_key(g.bearer, key[:64])
    if "redemption" in found:
        found["redemption"]["receipt"]["note"] = NOTE
    return jsonify(found)


@tills.route("/redemptions/<uuid:redemption_id>/void", methods=["POST"])
@described(
    summary="Void a redemption",
    description="In full, on the same business day, by the same shop.",
    parameters=[KEY],
    requestBody=body(schemas.ReasonRequest) | {"required": False},
    responses=KEYED
    | {
        "201": says("Voided; the value is back in its lots", schemas.Return),
        "200": says("Was voided before under this key", schemas.Return),
        "404": says("No redemption of this shop"),
        "409": says("Already returned, or another day, or in_progress"),
    },
)
def void(redemption_id: UUID) -> tuple[Response, int]:
    """Take a redemption back."""
    key = idempotency_key()
    reason = read(REASON, optional=True)["reason"]
    answer = redeeming.void(g.bearer, redemption_id, key=key, reason=reason)
    return jsonify(answer.body), 200 if answer.replay else 201


@tills.route("/redemptions/<uuid:redemption_id>/refunds", methods=["POST"])
@described(
    summary="Give back a part later",
    description="For returned goods: to the lots it came from, never more than was redeemed.",
    parameters=[KEY],
    requestBody=body(schemas.RefundRequest),
    responses=KEYED
    | {
        "201": says("Given back", schemas.Return),
        "200": says("Was given back before under this key", schemas.Return),
        "404": says("No redemption of this shop"),
        "409": says("More than was redeemed, or in_progress"),
    },
)
def refund(redemption_id: UUID) -> tuple[Response, int]:
    """Give a part back."""
    key = idempotency_key()
    wish = read(REFUND)
    answer = redeeming.refund(g.bearer, redemption_id, cents=wish["amount_cents"], key=key, reason=wish["reason"])
    return jsonify(answer.body), 200 if answer.replay else 201


@tills.route("/vouchers/lookup")
@described(
    summary="Look before taking",
    parameters=PRESENTED,
    responses={
        "200": says("Accepted here", schemas.VoucherFound),
        "401": REFUSALS["401"],
        "403": says("Not accepted at this shop; says nothing about the balance"),
        "404": says("Not redeemable: unknown, blocked or foreign; one text"),
        "422": says("Neither header, both, or something in the address"),
        "429": REFUSALS["429"],
    },
)
def lookup() -> Response:
    """Programme, last four symbols and what is left."""
    given = [request.headers[name] for name in ("Voucher-Token", "Voucher-Code") if request.headers.get(name)]
    if request.args or len(given) != 1 or not given[0].isprintable():
        sentence = _(
            "Token oder Code gehören in den Kopf der Anfrage (Voucher-Token oder Voucher-Code), nie in die Adresse."
        )
        raise Invalid(sentence, "voucher_header_missing")
    return jsonify(redeeming.look(g.bearer, given[0]))
