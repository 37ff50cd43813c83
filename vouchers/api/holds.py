"""`/api/v1` for tills: set value aside, then take it or let it go."""

from uuid import UUID

from flask import Response, g

from vouchers.api import schemas
from vouchers.api.blueprint import read_key, read_presented, till_service, tills, to_response
from vouchers.api.describing import KEY_PARAMETERS, KEYED, TAKING, describe_answer, describe_body, describe_call
from vouchers.api.reading import read_body

HOLD, CAPTURE, RELEASE = schemas.HoldRequest(), schemas.CaptureRequest(), schemas.ReleaseRequest()
ENDING = KEYED | {
    "403": TAKING["403"],
    "404": describe_answer("No hold of this shop (hold_unknown)"),
    "409": describe_answer(
        "Ended already (hold_already_ended), expired (hold_expired), less is held (more_than_held: `held_cents`), or "
        "in_progress (Retry-After)"
    ),
}


@tills.route("/holds", methods=["POST"])
@describe_call(
    summary="Set a part of a voucher aside",
    description="For at most 30 minutes; it then becomes free by itself. Scope: hold.",
    parameters=KEY_PARAMETERS,
    requestBody=describe_body(schemas.HoldRequest),
    responses=TAKING
    | {
        "201": describe_answer("Held", schemas.Hold),
        "200": describe_answer("Was held before under this key", schemas.Hold),
    },
)
def hold() -> tuple[Response, int]:
    """Nobody else can take it meanwhile."""
    key = read_key()
    data = read_body(HOLD)
    answer = till_service().hold(
        g.bearer,
        read_presented(data),
        cents=data["amount_cents"],
        key=key,
        expires_in_seconds=data["expires_in_seconds"],
        receipt_no=data.get("receipt_no"),
    )
    return to_response(answer)


@tills.route("/holds/<uuid:hold_id>/capture", methods=["POST"])
@describe_call(
    summary="Take what is held",
    description="In full, or `amount_cents` of it; the rest becomes free at once. The answer's `redemption_id` is what "
    "a void or refund names. Scope: hold.",
    parameters=KEY_PARAMETERS,
    requestBody=describe_body(schemas.CaptureRequest) | {"required": False},
    responses=ENDING
    | {
        "201": describe_answer("Taken", schemas.HoldEnded),
        "200": describe_answer("Was taken before under this key", schemas.HoldEnded),
    },
)
def capture(hold_id: UUID) -> tuple[Response, int]:
    """Owe the held amount, or a part of it, to the shop."""
    key = read_key()
    data = read_body(CAPTURE, optional=True)
    return to_response(till_service().capture(g.bearer, hold_id, key=key, cents=data.get("amount_cents")))


@tills.route("/holds/<uuid:hold_id>/release", methods=["POST"])
@describe_call(
    summary="Let go what is held",
    description="Back to its lots, also after its time. Scope: hold.",
    parameters=KEY_PARAMETERS,
    requestBody=describe_body(schemas.ReleaseRequest) | {"required": False},
    responses=ENDING
    | {
        "201": describe_answer("Free again", schemas.HoldEnded),
        "200": describe_answer("Was released before under this key", schemas.HoldEnded),
    },
)
def release(hold_id: UUID) -> tuple[Response, int]:
    """Give the held amount back to the voucher."""
    key = read_key()
    read_body(RELEASE, optional=True)
    return to_response(till_service().release(g.bearer, hold_id, key=key))
