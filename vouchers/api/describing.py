"""What the OpenAPI document says again and again: keys, refusals, days."""

from functools import partial
from typing import Any

from marshmallow import Schema

from vouchers.api import schemas
from vouchers.api.blueprint import tills

KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 8, "maxLength": 64, "pattern": "^[A-Za-z0-9_.:-]{8,64}$"},
    "description": "Made by the till before the first try and kept until an answer is definite; a UUID is best",
}
KEY_PARAMETERS = [KEY]
describe_call = partial(tills.doc, security=[{"till": []}])


def describe_body(schema: type[Schema]) -> dict[str, Any]:
    """Describe a JSON body, for the document."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def describe_answer(text: str, schema: type[Schema] | None = None) -> dict[str, Any]:
    """Describe an answer, for the document. Without a schema it is a problem."""
    kind = "application/json" if schema else "application/problem+json"
    return {"description": text, "content": {kind: {"schema": schema or schemas.Problem}}}


def describe_wait(text: str) -> dict[str, Any]:
    """Describe a refusal that says how long to wait."""
    header = {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}}
    return describe_answer(text) | {"headers": {"Retry-After": header}}


ASKED = {
    "401": describe_answer("Unknown, ended or revoked token (till_unknown)"),
    "403": describe_answer("The token lacks the scope (scope_missing)"),
    "429": describe_wait("Too many calls with this token (rate_limited)"),
    "503": describe_wait("Not now (busy, unknown): ask again"),
}
REFUSALS = ASKED | {
    "400": describe_answer("The body is no JSON (http_400), or nothing that can be read (not_readable)"),
    "404": describe_answer("There is nothing of this shop under this address"),
    "413": describe_answer("The body is too large (http_413)"),
    "415": describe_answer("The body is not application/json (http_415)"),
    "422": describe_answer(
        "Wrong body (invalid), wrong key (key_not_valid), or the key belongs to another request (key_reused)"
    ),
}
KEYED = REFUSALS | {
    "409": describe_wait("The voucher is being changed this moment (in_progress): ask again with the same key"),
    "428": describe_answer("The key is missing (key_missing)"),
}
TAKING = KEYED | {
    "409": describe_wait(
        "The voucher is being changed this moment (in_progress): ask again with the same key. Or the code that was "
        "shown is not good any more (code_expired): have the holder show it again"
    ),
    "402": describe_answer("Not enough (insufficient): `remaining_cents` says what is left"),
    "403": describe_answer(
        "Not accepted at this shop (outside_network, `reason_code` says why), the till is paused (till_paused), or the "
        "token lacks the scope (scope_missing)"
    ),
    "404": describe_answer("Not redeemable (not_redeemable): unknown, blocked or foreign; one text"),
    "429": describe_wait(
        "Too many wrong codes at this till (too_many), this voucher too often in ten minutes (velocity_voucher), or "
        "too many calls with this token (rate_limited)"
    ),
}


def query_parameter(name: str, text: str, **shape: Any) -> dict[str, Any]:
    """A part of the address behind the question mark."""
    required = shape.pop("required", False)
    schema = {"type": "string"} | shape
    return {"in": "query", "name": name, "required": required, "schema": schema, "description": text}


def day_parameter(name: str, text: str, *, required: bool = False) -> dict[str, Any]:
    """Describe a day in the address, as an OpenAPI parameter."""
    return query_parameter(name, text, required=required, format="date", example="2026-11-23")
