"""What a provider's answer means: the only writer of outcomes. Answer, webhook and poller all end here, in any order.

Applying the same thing again changes nothing: the payment's row is locked, every state moves once, and the call's id
is the journal's id.
"""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from foundation.clock import now
from foundation.database import lock, lock_one, session
from money.payments import deciding, methods, postings, refunding, states
from money.payments.events import move_call, move_payment
from money.payments.models import MONEY_CALLS, Payment, ProviderCall, Refund, Tender
from money.stripe.gateway import CallResult, ProviderState

log = structlog.get_logger("payments")

ORIGINS = ("authorise", "collect")
FEE_RETRY_DELAY = timedelta(minutes=1)
AMOUNT_DIFFERS = "amount_differs"


def apply(call_id: UUID, answer: CallResult, cause: str) -> str:
    """Take over what is known now about a call. Gives back the state the call is in afterwards."""
    payment_id = session.scalar(sa.select(ProviderCall.payment_id).where(ProviderCall.id == call_id))
    payment = lock_one(Payment, UUID(str(payment_id)))
    call = lock_one(ProviderCall, call_id)
    if answer.kind == "unknown":
        _still_unknown(call, answer.code, cause)
    elif answer.kind == "refused":
        if call.state in {"planned", "sent", "unknown"}:
            call.error_code = answer.code
            _settle(payment, call, "failed", f"{cause}: {answer.code}")
    elif answer.seen is not None:
        reconcile(payment, call, answer.seen, cause)
    session.flush()
    return str(call.state)


def reconcile(payment: Payment, call: ProviderCall, seen: ProviderState, cause: str) -> None:
    """Bring the calls of one tender or refund in line with what was seen at the provider."""
    if call.kind == "refund":
        _take_over_refund(payment, call, seen, cause)
        return
    tender = next(t for t in payment.tenders if t.id == call.subject_id)
    calls = _calls_of(tender)
    origin = next(c for c in calls if c.kind in ORIGINS)
    if (seen.call_id and seen.call_id != origin.id) or _cannot_be(origin, tender, seen):
        return
    origin.provider_ref = origin.provider_ref or seen.session_id
    origin.url = seen.url or origin.url
    tender.provider_ref = tender.provider_ref or seen.intent_id
    for each in calls:
        wanted = next_state(each.kind, seen, tender.state)
        if wanted and wanted != each.state and wanted in states.CALL[each.state]:
            _settle(payment, each, wanted, cause)
        if each.kind == "collect" and wanted == "pending":
            _under_way(payment, tender, seen, cause)
    _fees(payment, tender, seen)
    if payment.state == states.FAILED:
        methods.of(tender.method).release(tender)


def next_state(kind: str, seen: ProviderState, tender_state: str) -> str | None:
    """What the provider's objects say about a call of this kind; nothing when they say nothing about it."""
    intent, checkout = seen.intent_status, seen.session_status
    match kind:
        case "authorise":
            if intent in {"requires_capture", "succeeded"}:
                return "succeeded"
            return "failed" if intent == "canceled" or checkout == "expired" else "pending"
        case "collect":
            if intent == "succeeded":
                return "succeeded"
            came_back = intent == "requires_payment_method" and (checkout == "complete" or tender_state == "processing")
            if intent == "canceled" or came_back or (checkout == "expired" and intent != "processing"):
                return "failed"
            return "pending"
        case "capture":
            return {"succeeded": "succeeded", "canceled": "failed"}.get(intent or "")
        case "void":
            return {"canceled": "succeeded", "succeeded": "failed"}.get(intent or "")
        case "expire":
            return {"expired": "succeeded", "complete": "failed"}.get(checkout or "")
        case "refund":
            return {
                "succeeded": "succeeded",
                "pending": "pending",
                "requires_action": "pending",
                "failed": "failed",
                "canceled": "failed",
            }.get(seen.refund_status or "")
    return None


def _calls_of(tender: Tender) -> list[ProviderCall]:
    """All calls about a tender, the first first. Their payment is locked, so nobody else changes them."""
    ids = session.scalars(sa.select(ProviderCall.id).where(ProviderCall.subject_id == tender.id))
    return sorted(lock(ProviderCall, ids), key=lambda c: c.id)


def _cannot_be(origin: ProviderCall, tender: Tender, seen: ProviderState) -> bool:
    """Another amount than ours is never booked: people must look, and the proof keeps shouting until they did."""
    certain = seen.intent_status in {"requires_capture", "succeeded", "processing"}
    if not certain or seen.cents == tender.cents:
        return False
    origin.error_code = AMOUNT_DIFFERS
    log.error("amount_differs", call=str(origin.id), ours=tender.cents, theirs=seen.cents)
    return True


def _settle(payment: Payment, call: ProviderCall, to: str, cause: str) -> None:
    move_call(call, to, cause)
    call.next_at = next_poll_at(call) if to == "pending" else None
    if to != "pending":
        step = _STEPS.get((call.kind, to))
        if step:
            step(payment, call, cause)


def _tender_of(payment: Payment, call: ProviderCall) -> Tender:
    return next(t for t in payment.tenders if t.id == call.subject_id)


def _authorised(payment: Payment, call: ProviderCall, cause: str) -> None:
    tender = _tender_of(payment, call)
    states.move(states.TENDER, tender, "authorised")
    if payment.state in states.UNDECIDED:
        deciding.commit(payment, f"authorised ({cause})")


def _not_paid(payment: Payment, call: ProviderCall, cause: str) -> None:
    tender = _tender_of(payment, call)
    came_back = tender.state == "processing"
    if tender.state in {"planned", "processing"}:
        states.move(states.TENDER, tender, "failed")
    if payment.state in states.UNDECIDED:
        deciding.abort(payment, "debit_failed" if came_back else "not_paid")


def _under_way(payment: Payment, tender: Tender, seen: ProviderState, cause: str) -> None:
    """The bank is collecting a debit: this takes days and cannot be called back."""
    if seen.intent_status == "processing" and tender.state != "processing":
        states.move(states.TENDER, tender, "processing")
        if payment.state == states.OPEN:
            move_payment(payment, states.PENDING, f"debit under way ({cause})")


def _money_in(payment: Payment, call: ProviderCall, cause: str) -> None:
    tender = _tender_of(payment, call)
    states.move(states.TENDER, tender, "captured")
    session.flush()
    postings.post_receipt(payment, tender, call)
    call.next_at = now() + FEE_RETRY_DELAY
    if payment.state == states.COMMITTING:
        deciding.finish(payment, f"captured ({cause})")
    elif payment.state in states.UNDECIDED:
        deciding.commit(payment, f"collected ({cause})")
    elif payment.state == states.FAILED:
        refunding.refund_tender(tender.id, tender.cents, key=f"late/{call.id}", reason="came after the end")


def _capture_refused(payment: Payment, call: ProviderCall, cause: str) -> None:
    """The authorisation is gone for good, so nothing was taken: the vouchers are released and the payer is told."""
    states.move(states.TENDER, _tender_of(payment, call), "failed")
    if payment.state == states.COMMITTING:
        deciding.abort(payment, "authorisation_gone")


def _voided(payment: Payment, call: ProviderCall, cause: str) -> None:
    tender = _tender_of(payment, call)
    if tender.state == "authorised":
        states.move(states.TENDER, tender, "released")


_STEPS = {
    ("authorise", "succeeded"): _authorised,
    ("authorise", "failed"): _not_paid,
    ("collect", "succeeded"): _money_in,
    ("collect", "failed"): _not_paid,
    ("capture", "succeeded"): _money_in,
    ("capture", "failed"): _capture_refused,
    ("void", "succeeded"): _voided,
}


def _take_over_refund(payment: Payment, call: ProviderCall, seen: ProviderState, cause: str) -> None:
    refund = session.get_one(Refund, call.subject_id, populate_existing=True)
    wanted = next_state("refund", seen, "")
    if wanted is None or (seen.call_id and seen.call_id != call.id) or seen.cents != refund.cents:
        return
    call.provider_ref = refund.provider_ref = refund.provider_ref or seen.refund_id
    tender = next(t for t in payment.tenders if t.id == refund.tender_id)
    if refund.state == "succeeded" and wanted == "failed":
        postings.post_failed_refund(payment, refund, call)
        refunding.record_failure(payment, refund)
        return
    if wanted == call.state or wanted not in states.CALL[call.state]:
        return
    move_call(call, wanted, cause)
    call.next_at = next_poll_at(call) if wanted == "pending" else None
    if wanted == "pending":
        states.move(states.REFUND, refund, "pending")
    elif wanted == "succeeded":
        postings.post_refund(payment, refund, call, _document_of(tender))
        refunding.record_success(payment, refund)
    else:
        refunding.record_failure(payment, refund)


def _document_of(tender: Tender) -> UUID:
    found = [c for c in _calls_of(tender) if c.kind in MONEY_CALLS and c.state == "succeeded"]
    return found[0].id


def _fees(payment: Payment, tender: Tender, seen: ProviderState) -> None:
    for call in _calls_of(tender):
        wanted = call.kind in MONEY_CALLS and call.state == "succeeded" and call.fee_cents is None
        if wanted and seen.fee_cents is not None:
            postings.post_fee(payment, tender, call, seen.fee_cents)
            call.fee_cents, call.next_at = seen.fee_cents, None


def _still_unknown(call: ProviderCall, code: str, cause: str) -> None:
    if call.state == "sent":
        move_call(call, "unknown", f"{cause}: {code}")
    if call.state in states.UNSETTLED_CALLS:
        call.error_code = code
        call.next_at = next_poll_at(call) if call.state == "pending" else now() + retry_delay(call.attempts)


def retry_delay(attempts: int) -> timedelta:
    """How long to wait before asking again under the same key: 2, 4, 8 … seconds, at most ten minutes."""
    return timedelta(seconds=min(2**attempts, 600))


def next_poll_at(call: ProviderCall) -> datetime:
    """When to look at a pending object again: 1, 5, 30 minutes, 6 hours, daily; a webhook is usually earlier."""
    age = now() - (call.first_sent_at or call.created_at)
    steps = (
        (timedelta(minutes=5), timedelta(minutes=1)),
        (timedelta(hours=1), timedelta(minutes=5)),
        (timedelta(hours=6), timedelta(minutes=30)),
        (timedelta(days=2), timedelta(hours=6)),
    )
    return now() + next((wait for until, wait in steps if age < until), timedelta(days=1))
