"""What the provider's objects say about a call of ours. Pure: no database, no network. Decision 0202."""

from money.payments.states import CallKind, CallState, TenderState
from money.stripe.gateway import ProviderState

CAPTURE = {"succeeded": CallState.SUCCEEDED, "canceled": CallState.FAILED}
VOID = {"canceled": CallState.SUCCEEDED, "succeeded": CallState.FAILED}
EXPIRE = {"expired": CallState.SUCCEEDED, "complete": CallState.FAILED}
REFUND = {
    "succeeded": CallState.SUCCEEDED,
    "pending": CallState.PENDING,
    "requires_action": CallState.PENDING,
    "failed": CallState.FAILED,
    "canceled": CallState.FAILED,
}
RESERVING = frozenset({"requires_capture", "succeeded", "processing"})  # the amount is fixed at the provider


def next_state(kind: str, found: ProviderState, tender_state: str) -> CallState | None:
    """Say which state a call of this kind is in, as the provider's objects show it; None when they show nothing."""
    match kind:
        case CallKind.AUTHORISE:
            return _read_authorisation(found)
        case CallKind.COLLECT:
            return _read_collection(found, tender_state)
        case CallKind.CAPTURE:
            return CAPTURE.get(found.intent_status or "")
        case CallKind.VOID:
            return VOID.get(found.intent_status or "")
        case CallKind.EXPIRE:
            return EXPIRE.get(found.session_status or "")
        case CallKind.REFUND:
            return REFUND.get(found.refund_status or "")
    return None


def _read_authorisation(found: ProviderState) -> CallState:
    if found.intent_status in {"requires_capture", "succeeded"}:
        return CallState.SUCCEEDED
    over = found.intent_status == "canceled" or found.session_status == "expired"
    return CallState.FAILED if over else CallState.PENDING


def _read_collection(found: ProviderState, tender_state: str) -> CallState:
    """A debit under way has not failed even when its page is over; one that came back asks for another account."""
    intent, page = found.intent_status, found.session_status
    if intent == "succeeded":
        return CallState.SUCCEEDED
    under_way = page == "complete" or tender_state == TenderState.PROCESSING
    came_back = intent == "requires_payment_method" and under_way
    if intent == "canceled" or came_back or (page == "expired" and intent != "processing"):
        return CallState.FAILED
    return CallState.PENDING
