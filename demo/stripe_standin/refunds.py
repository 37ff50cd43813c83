"""Refunds: money back to the card or account it came from, never more than was taken."""

from typing import Any

from stripe import params as shapes_of

from . import balances, ids
from .errors import StripeError, invalid, wrong_state
from .events import emit
from .listing import select
from .methods import card_of
from .routes import Call, find, merge_metadata, route
from .shapes import blank
from .state import Work
from .tasks import later, task

Json = dict[str, Any]


@route(
    "POST",
    "/v1/refunds",
    shapes_of.RefundCreateParams,
    refuse=("customer", "origin", "refund_application_fee", "reverse_transfer", "instructions_email"),
)
def create(call: Call) -> Json:
    """Refuses: no money taken yet, more than is left, a disputed charge."""
    work, given = call.work, call.params
    charge = _charge(work, given)
    left = charge["amount_captured"] - charge["amount_refunded"]
    cents = given.get("amount", left)
    _check(charge, cents, left)
    method = work.need(charge["payment_method"])
    card = method["type"] == "card"
    behaviour = card_of(method).refund if card else "pending"
    refund = blank(
        "refund",
        id=ids.new("re" if card else "pyr"),
        amount=cents,
        charge=charge["id"],
        created=work.now,
        currency="eur",
        destination_details={"card": {"type": "refund"}, "type": "card"} if card else {"type": "sepa_debit"},
        payment_intent=charge["payment_intent"],
        reason=given.get("reason"),
        status="pending" if behaviour == "pending" else "succeeded",
        _account=charge["_account"],
    )
    merge_metadata(refund, given.get("metadata"))
    entry = balances.move(
        work,
        charge["_account"],
        "refund" if card else "payment_refund",
        "refund",
        -cents,
        refund["id"],
        description="REFUND FOR CHARGE",
    )
    refund["balance_transaction"] = entry["id"]
    work.add(refund)
    charge["amount_refunded"] += cents
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    emit(work, "charge.refunded", charge)
    emit(work, "refund.created", refund)
    if behaviour:
        later(work, "refund_final", refund["id"], work.options.refund_after)
    return refund


def _charge(work: Work, given: Json) -> Json:
    if given.get("charge"):
        return find(work, "charge", given["charge"], "charge", status=400)
    if not given.get("payment_intent"):
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    intent = find(work, "payment_intent", given["payment_intent"], "payment_intent", status=400)
    charge = work.get(intent["latest_charge"])
    if charge is None or intent["status"] != "succeeded":
        raise wrong_state(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            "payment_intent_unexpected_state",
        )
    return charge


def _check(charge: Json, cents: int, left: int) -> None:
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise wrong_state(
            f"Charge {charge['id']} has not been captured and cannot be refunded.", "charge_not_refundable"
        )
    if charge["disputed"]:
        raise wrong_state(f"Charge {charge['id']} has been charged back; cannot issue a refund.", "charge_disputed")
    if left <= 0:
        raise wrong_state(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
    if cents <= 0:
        raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    if cents > left:
        raise StripeError(
            f"Refund amount ({euros(cents)}) is greater than unrefunded amount on charge ({euros(left)})",
            param="amount",
        )


def euros(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}€{abs(cents) // 100}.{abs(cents) % 100:02d}"


@task("refund_final")
def refund_final(work: Work, refund_id: str) -> None:
    """The bank took the refund, or sent it back: then the money is in our balance again."""
    refund = work.need(refund_id)
    charge = work.need(refund["charge"])
    method = work.need(charge["payment_method"])
    if method["type"] == "card" and card_of(method).refund == "failed":
        entry = balances.move(
            work, charge["_account"], "refund_failure", "refund_failure", refund["amount"], refund["id"]
        )
        refund.update(
            status="failed", failure_reason="expired_or_canceled_card", failure_balance_transaction=entry["id"]
        )
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        emit(work, "refund.updated", refund)
        emit(work, "refund.failed", refund)
        return
    refund["status"] = "succeeded"
    emit(work, "refund.updated", refund)


@route("GET", "/v1/refunds/{}", shapes_of.RefundRetrieveParams)
def retrieve(call: Call) -> Json:
    return find(call.work, "refund", call.ids[0], "refund")


@route("GET", "/v1/refunds", shapes_of.RefundListParams)
def listed(call: Call) -> Json:
    return select(call.work, "refund", call.params, call.url)


@route("POST", "/v1/refunds/{}", shapes_of.RefundUpdateParams)
def update(call: Call) -> Json:
    refund = find(call.work, "refund", call.ids[0], "refund")
    merge_metadata(refund, call.params.get("metadata"))
    emit(call.work, "refund.updated", refund)
    return refund
