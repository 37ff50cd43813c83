"""How a payment intent moves: confirm, authenticate, succeed, fail, become final later."""

from collections.abc import Callable
from typing import Any

from . import charges
from .cards import NO_AUTHENTICATION, CardRefusal
from .errors import StripeError, invalid, wrong_state
from .events import emit
from .methods import card_of, iban_of
from .options import AUTHORISATION_LASTS
from .shapes import public
from .state import Work
from .tasks import forget, later, task

Json = dict[str, Any]
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")

# Who wants to know when a debit became final: (work, intent, succeeded).
_FINAL: list[Callable[[Work, Json, bool], None]] = []
# Who brings a dispute: (work, charge id, reason).
_PAID: list[Callable[[Work, Json], None]] = []


def on_final(listener: Callable[[Work, Json, bool], None]) -> Callable[[Work, Json, bool], None]:
    _FINAL.append(listener)
    return listener


def on_paid(listener: Callable[[Work, Json], None]) -> Callable[[Work, Json], None]:
    _PAID.append(listener)
    return listener


def manual_capture(intent: Json, method: Json) -> bool:
    own = (intent["payment_method_options"] or {}).get(method["type"]) or {}
    return bool(own.get("capture_method", intent["capture_method"]) == "manual")


def confirm(work: Work, intent: Json, method: Json, return_url: str | None) -> None:
    """Tries to take the money. Refuses (400) in a wrong state or for a method the intent does not allow, (402) when the
    bank declines: then a failed charge stays."""
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "confirm")
    if method["type"] not in intent["payment_method_types"]:
        raise invalid(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent. "
            f"Its allowed types are: "
            f"{', '.join(intent['payment_method_types'])}.",
            "payment_method",
        )
    intent.update(payment_method=method["id"], next_action=None, last_payment_error=None)
    if method["type"] == "sepa_debit":
        _debit(work, intent, method)
    elif card_of(method).authenticate or _asked_for(intent):
        _ask_bank(work, intent, return_url)
    else:
        _charge_card(work, intent, method)


def _asked_for(intent: Json) -> bool:
    """The merchant wants 3-D Secure for every card."""
    options = (intent["payment_method_options"] or {}).get("card") or {}
    return options.get("request_three_d_secure") in ("any", "challenge")


def _ask_bank(work: Work, intent: Json, return_url: str | None) -> None:
    page = f"{work.state.base}/3ds/{intent['id']}"
    intent["status"] = "requires_action"
    if return_url:
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": return_url, "url": page},
        }
    else:
        intent["next_action"] = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": page},
        }
    emit(work, "payment_intent.requires_action", intent)


def authenticated(work: Work, intent: Json, agreed: bool) -> None:
    """The payer's answer to the bank's question. Refuses (402) when denied, or when the bank declines afterwards."""
    if intent["status"] != "requires_action":
        raise unexpected_state(intent, "authenticate")
    method = work.need(intent["payment_method"])
    intent["next_action"] = None
    if agreed:
        _charge_card(work, intent, method)
        return
    intent.update(status="requires_payment_method", payment_method=None)
    intent["last_payment_error"] = _payment_error(NO_AUTHENTICATION, None, method)
    emit(work, "payment_intent.payment_failed", intent)
    raise _told(NO_AUTHENTICATION.error(), intent)


def _charge_card(work: Work, intent: Json, method: Json) -> None:
    card = card_of(method)
    manual = manual_capture(intent, method)
    if card.refusal:
        _declined(work, intent, method, card.refusal)
    charge = charges.attempt(work, intent, method, "succeeded", captured=not manual)
    if manual:
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        emit(work, "charge.succeeded", charge)
        emit(work, "payment_intent.amount_capturable_updated", intent)
        later(work, "authorisation_expired", intent["id"], AUTHORISATION_LASTS)
        return
    charges.book(work, charge)
    intent.update(status="succeeded", amount_received=intent["amount"])
    emit(work, "charge.succeeded", charge)
    emit(work, "payment_intent.succeeded", intent)
    _tell_paid(work, charge)


def _declined(work: Work, intent: Json, method: Json, refusal: CardRefusal) -> None:
    charge = charges.attempt(work, intent, method, "failed", captured=False, refusal=refusal)
    intent.update(status="requires_payment_method", payment_method=None)
    intent["last_payment_error"] = _payment_error(refusal, charge["id"], method)
    emit(work, "charge.failed", charge)
    emit(work, "payment_intent.payment_failed", intent)
    raise _told(refusal.error(charge["id"]), intent)


def _payment_error(refusal: CardRefusal, charge: str | None, method: Json) -> Json:
    return {**refusal.error(charge).error, "payment_method": public(method)}


def _told(error: StripeError, intent: Json) -> StripeError:
    """The error also shows the intent, as Stripe's does."""
    error.error["payment_intent"] = public(intent)
    return error


def _debit(work: Work, intent: Json, method: Json) -> None:
    charge = charges.attempt(work, intent, method, "pending", captured=True)
    intent["status"] = "processing"
    emit(work, "payment_intent.processing", intent)
    emit(work, "charge.pending", charge)
    slow = iban_of(method).slow
    later(work, "debit_final", intent["id"], work.options.sepa_slow_after if slow else work.options.sepa_after)


@task("debit_final")
def debit_final(work: Work, intent_id: str) -> None:
    """The bank has answered: the debit went through, or came back."""
    intent = work.need(intent_id)
    if intent["status"] != "processing":
        return
    charge = work.need(intent["latest_charge"])
    method = work.need(charge["payment_method"])
    refusal = iban_of(method).refusal
    if refusal:
        charge.update(
            status="failed",
            paid=False,
            captured=False,
            amount_captured=0,
            failure_code=refusal.code,
            failure_message=refusal.message,
        )
        intent.update(status="requires_payment_method", payment_method=None)
        intent["last_payment_error"] = _payment_error(refusal, charge["id"], method)
        emit(work, "charge.failed", charge)
        emit(work, "payment_intent.payment_failed", intent)
    else:
        charge.update(status="succeeded", paid=True)
        charges.book(work, charge)
        intent.update(status="succeeded", amount_received=intent["amount"])
        emit(work, "charge.succeeded", charge)
        emit(work, "payment_intent.succeeded", intent)
    for listener in _FINAL:
        listener(work, intent, refusal is None)
    if refusal is None:
        _tell_paid(work, charge)


def capture(work: Work, intent: Json, cents: int | None) -> None:
    """Takes authorised money, all or part of it; the rest is released. Refuses more than was authorised."""
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "capture")
    cents = intent["amount_capturable"] if cents is None else cents
    if not 0 < cents <= intent["amount_capturable"]:
        raise wrong_state(
            f"The amount to capture must be greater than 0 and at most the capturable amount "
            f"({intent['amount_capturable']}).",
            "amount_too_large" if cents > 0 else "parameter_invalid_integer",
            param="amount_to_capture",
        )
    charge = work.need(intent["latest_charge"])
    charges.capture(work, charge, cents)
    intent.update(status="succeeded", amount_received=cents, amount_capturable=0)
    forget(work, "authorisation_expired", intent["id"])
    emit(work, "payment_intent.succeeded", intent)
    for listener in _FINAL:
        listener(work, intent, True)
    _tell_paid(work, charge)


def cancel(work: Work, intent: Json, reason: str | None) -> None:
    """Gives up; releases authorised money. Refuses once money was taken or a debit is under way."""
    if intent["status"] not in (*CONFIRMABLE, "requires_capture"):
        raise unexpected_state(intent, "cancel")
    if intent["status"] == "requires_capture":
        charge = work.need(intent["latest_charge"])
        charge.update(refunded=True, amount_refunded=charge["amount"])
        charge["payment_method_details"]["card"].pop("capture_before", None)
        forget(work, "authorisation_expired", intent["id"])
        emit(work, "charge.expired" if reason == "automatic" else "charge.refunded", charge)
    intent.update(
        status="canceled",
        amount_capturable=0,
        canceled_at=work.now,
        cancellation_reason=reason,
        next_action=None,
    )
    emit(work, "payment_intent.canceled", intent)


@task("authorisation_expired")
def authorisation_expired(work: Work, intent_id: str) -> None:
    intent = work.need(intent_id)
    if intent["status"] == "requires_capture":
        cancel(work, intent, "automatic")


def unexpected_state(intent: Json, verb: str) -> StripeError:
    code = "payment_intent_unexpected_state"
    return wrong_state(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code,
        payment_intent=public(intent),
    )


def _tell_paid(work: Work, charge: Json) -> None:
    for listener in _PAID:
        listener(work, charge)
