"""What we ask of Stripe, as bytes that are stored before they are sent. Pure: the same arguments, the same bytes."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

INTENT_PARTS = ["latest_charge.balance_transaction"]
SESSION_PARTS = ["payment_intent.latest_charge.balance_transaction"]
LOCALES = {"de": "de", "en": "en", "nl": "nl"}


@dataclass(frozen=True)
class CheckoutRequest:
    """One hosted Checkout page: who pays what, and where the browser goes afterwards."""

    payment_id: UUID
    call_id: UUID
    cents: int
    title: str
    email: str
    language: str
    expires_at: datetime
    success_url: str
    cancel_url: str
    payment_method_type: str  # Stripe's word
    captures_later: bool  # only authorise now
    transfer_group: str | None


def create_checkout(checkout: CheckoutRequest) -> bytes:
    """Create a Checkout session. Cards are only authorised; a debit is collected when the payer has agreed."""
    metadata = {"payment": str(checkout.payment_id), "call": str(checkout.call_id)}
    intent: dict[str, Any] = {"metadata": metadata, "description": checkout.title}
    if checkout.captures_later:
        intent["capture_method"] = "manual"
    if checkout.transfer_group:
        intent["transfer_group"] = checkout.transfer_group
    product = {"name": checkout.title}
    price = {"currency": "eur", "unit_amount": checkout.cents, "product_data": product}
    return _bytes(
        "session.create",
        None,
        {
            "mode": "payment",
            "allowed_payment_method_types": [checkout.payment_method_type],
            "line_items": [{"price_data": price, "quantity": 1}],
            "payment_intent_data": intent,
            "client_reference_id": str(checkout.payment_id),
            "customer_email": checkout.email,
            "locale": LOCALES.get(checkout.language, "auto"),
            "expires_at": int(checkout.expires_at.timestamp()),
            "success_url": checkout.success_url,
            "cancel_url": checkout.cancel_url,
            "metadata": metadata,
        },
    )


def expire_checkout(session_id: str) -> bytes:
    """End a Checkout session, so that nobody can pay it any more."""
    return _bytes("session.expire", session_id, {})


def capture_intent(intent_id: str, cents: int) -> bytes:
    """Take `cents` of what was authorised; the rest is freed."""
    return _bytes("intent.capture", intent_id, {"amount_to_capture": cents, "expand": INTENT_PARTS})


def cancel_intent(intent_id: str) -> bytes:
    """Give up an authorisation, or a payment that nobody has made."""
    return _bytes("intent.cancel", intent_id, {"expand": INTENT_PARTS})


def create_refund(payment_id: UUID, call_id: UUID, intent_id: str, cents: int) -> bytes:
    """Send money back to the card or account it came from."""
    metadata = {"payment": str(payment_id), "call": str(call_id)}
    return _bytes("refund.create", None, {"payment_intent": intent_id, "amount": cents, "metadata": metadata})


def _bytes(verb: str, target: str | None, params: dict[str, Any]) -> bytes:
    return json.dumps({"verb": verb, "target": target, "params": params}, sort_keys=True).encode()
