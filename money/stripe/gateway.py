"""The only door to Stripe: sends stored requests, looks at objects, verifies messages. Raises nothing for an outcome.

Every function makes network calls and belongs outside transactions. STRIPE_API_BASE points the same code to a stand-in.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import stripe

from foundation.config import settings
from money.stripe import errors
from money.stripe.requests import INTENT_PARTS, SESSION_PARTS

TIMEOUT_SECONDS = 20.0  # for each answer, where nobody else waits
MAX_SIGNATURE_AGE_SECONDS = 300  # seconds that a signature stays good
CLOCK_SKEW = timedelta(minutes=10)  # clocks differ
MAX_LISTED_OBJECTS = 2000  # a busy hour
T = TypeVar("T")


@dataclass(frozen=True)
class ProviderState:
    """Stripe's objects about one payment as they are now. What was not looked at is None; amounts are cents."""

    call_id: UUID | None = None
    session_id: str | None = None
    session_status: str | None = None
    url: str | None = None
    intent_id: str | None = None
    intent_status: str | None = None
    cents: int | None = None
    fee_cents: int | None = None
    refund_id: str | None = None
    refund_status: str | None = None
    failure: str | None = None


class ResultKind(StrEnum):
    """How a call ended, as far as it is known."""

    FOUND = "found"  # the provider answered, and shows its objects
    REFUSED = "refused"  # for good: nothing was done
    UNKNOWN = "unknown"  # done or not: ask again with the same key


@dataclass(frozen=True)
class CallResult:
    """How a call ended, with what the provider shows (`found`) or why it shows nothing (`code`)."""

    kind: ResultKind
    found: ProviderState | None = None
    code: str = ""


def is_ready() -> bool:
    """Whether there is a key to call Stripe with."""
    return bool(settings().stripe_secret_key)


_seconds: ContextVar[float] = ContextVar("seconds", default=TIMEOUT_SECONDS)


@contextmanager
def answer_within(seconds: float) -> Iterator[None]:
    """Wait this long for each answer within the block. What comes later is found by looking."""
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


@lru_cache(maxsize=8)
def _client_of(key: str, base: str, seconds: float) -> stripe.StripeClient:
    options: dict[str, Any] = {"base_addresses": {"api": base.rstrip("/")}} if base else {}
    return stripe.StripeClient(
        key, max_network_retries=0, http_client=stripe.RequestsClient(timeout=seconds), **options
    )


def _client() -> stripe.StripeClient:
    return _client_of(settings().stripe_secret_key, settings().stripe_api_base, _seconds.get())


def ask(question: Callable[[Any], T]) -> T | CallResult:
    """Ask one question of Stripe's interface; what came of it, or why nothing did."""
    try:
        return question(_client().v1)
    except stripe.StripeError as error:
        return _failure(error)


def send(request: bytes, key: UUID) -> CallResult:
    """Make the one call that the stored bytes describe, under this idempotency key."""
    wanted = json.loads(request)
    target, params = wanted["target"], wanted["params"]
    options: Any = {"idempotency_key": str(key)}
    v1 = _client().v1
    try:
        match wanted["verb"]:
            case "session.create":
                return CallResult(ResultKind.FOUND, _session(v1.checkout.sessions.create(params, options)))
            case "session.expire":
                return CallResult(ResultKind.FOUND, _session(v1.checkout.sessions.expire(target, params, options)))
            case "intent.capture":
                return CallResult(ResultKind.FOUND, _intent(v1.payment_intents.capture(target, params, options)))
            case "intent.cancel":
                return CallResult(ResultKind.FOUND, _intent(v1.payment_intents.cancel(target, params, options)))
            case "refund.create":
                return CallResult(ResultKind.FOUND, _refund(v1.refunds.create(params, options)))
        raise errors.verb_unknown(wanted["verb"])
    except stripe.StripeError as error:
        return _failure(error)


def look(kind: str, object_id: str) -> CallResult:
    """The object as it is now: `checkout.session`, `payment_intent`, `charge` or `refund`."""
    v1 = _client().v1
    try:
        match kind:
            case "checkout.session":
                return CallResult(
                    ResultKind.FOUND, _session(v1.checkout.sessions.retrieve(object_id, {"expand": SESSION_PARTS}))
                )
            case "payment_intent":
                return CallResult(
                    ResultKind.FOUND, _intent(v1.payment_intents.retrieve(object_id, {"expand": INTENT_PARTS}))
                )
            case "charge":
                parent = read_id(v1.charges.retrieve(object_id).payment_intent)
                return look("payment_intent", parent) if parent else CallResult(ResultKind.FOUND, ProviderState())
            case "refund":
                return CallResult(ResultKind.FOUND, _refund(v1.refunds.retrieve(object_id)))
        return CallResult(ResultKind.FOUND, ProviderState())
    except stripe.StripeError as error:
        return _failure(error)


def list_objects(kind: str, since: datetime, until: datetime) -> list[ProviderState] | CallResult:
    """List all objects of our account that were made in a span of time, page by page.

    `kind`: `checkout.session`, `payment_intent` or `refund`.
    """
    params: dict[str, Any] = {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}, "limit": 100}
    if kind == "refund":
        return ask(lambda v1: [_refund(each) for each in v1.refunds.list(params).auto_paging_iter()])
    if kind == "checkout.session":
        params["expand"] = [f"data.{part}" for part in SESSION_PARTS]
        return ask(lambda v1: [_session(each) for each in v1.checkout.sessions.list(params).auto_paging_iter()])
    params["expand"] = [f"data.{part}" for part in INTENT_PARTS]
    return ask(lambda v1: [_intent(each) for each in v1.payment_intents.list(params).auto_paging_iter()])


def find_session(call_id: UUID, since: datetime) -> CallResult:
    """The session of a call whose answer was lost, found in the list by its metadata. `refused`: it is not there."""
    created = {"gte": int((since - CLOCK_SKEW).timestamp())}
    params: Any = {"created": created, "limit": 100}
    return _find(lambda: _client().v1.checkout.sessions.list(params), "checkout.session", call_id)


def find_refund(call_id: UUID, intent_id: str) -> CallResult:
    """Find the refund of a call whose answer was lost. `refused`: it is not there."""
    params: Any = {"payment_intent": intent_id, "limit": 100}
    return _find(lambda: _client().v1.refunds.list(params), "refund", call_id)


def _find(listing: Any, kind: str, call_id: UUID) -> CallResult:
    try:
        for place, entry in enumerate(listing().auto_paging_iter()):
            if _call_id(entry) == call_id:
                return look(kind, entry.id)
            if place >= MAX_LISTED_OBJECTS:
                return CallResult(ResultKind.UNKNOWN, code="list_too_long")
    except stripe.StripeError as error:
        return _failure(error)
    return CallResult(ResultKind.REFUSED, code="absent")


def verify_message(body: bytes, signature: str) -> dict[str, str]:
    """Describe the message, if Stripe signed these very bytes in the last five minutes. Refuses (`Invalid`) all else.

    Whatever is signed has a description: an event without an object's id, a thin one, bytes that say nothing. Several
    endpoints have several secrets, and the same event is the same message at each.
    """
    secrets = [secret for each in settings().stripe_webhook_secret.split(",") if (secret := each.strip())]
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body.decode(), signature, secret, MAX_SIGNATURE_AGE_SECONDS)
            return _describe_message(body)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
    raise errors.signature_not_valid()


def _describe_message(body: bytes) -> dict[str, str]:
    try:
        read = json.loads(body)
    except ValueError:
        read = None
    event: dict[str, Any] = read if isinstance(read, dict) else {}
    data = event.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    related = event.get("related_object")  # of a thin event
    shown: dict[str, Any] = next((each for each in (about, related) if isinstance(each, dict)), {})
    return {
        "id": str(event.get("id") or hashlib.sha256(body).hexdigest()),
        "type": str(event.get("type") or "unreadable"),
        "object_kind": str(shown.get("object") or shown.get("type") or ""),
        "object_id": str(shown.get("id") or ""),
        "account": str(event.get("account") or event.get("context") or ""),
    }


def _failure(error: stripe.StripeError) -> CallResult:
    code = str(error.code or type(error).__name__)
    status = error.http_status or 0
    if isinstance(error, stripe.CardError):
        return CallResult(ResultKind.REFUSED, code=code)
    if isinstance(error, stripe.InvalidRequestError) and status in {400, 404}:
        return CallResult(ResultKind.REFUSED, code=code)
    return CallResult(ResultKind.UNKNOWN, code=code)


def read_id(value: Any) -> str | None:
    """Read the id of an object: Stripe gives either of the two, as asked for."""
    return value if value is None or isinstance(value, str) else str(value.id)


def _call_id(entry: Any) -> UUID | None:
    metadata = getattr(entry, "metadata", None)
    try:
        return UUID(metadata["call"]) if metadata and "call" in metadata else None
    except ValueError:
        return None


def _fee(intent: Any) -> int | None:
    charge = getattr(intent, "latest_charge", None)
    transaction = getattr(charge, "balance_transaction", None)
    fee = getattr(transaction, "fee", None)
    return fee if isinstance(fee, int) else None


def _intent(intent: Any) -> ProviderState:
    return ProviderState(
        call_id=_call_id(intent),
        intent_id=intent.id,
        intent_status=intent.status,
        cents=intent.amount_received if intent.status == "succeeded" else intent.amount,
        fee_cents=_fee(intent),
    )


def _session(session: Any) -> ProviderState:
    intent = session.payment_intent
    inner = _intent(intent) if intent is not None and not isinstance(intent, str) else ProviderState()
    return ProviderState(
        call_id=_call_id(session),
        session_id=session.id,
        session_status=session.status,
        url=session.url,
        intent_id=inner.intent_id or read_id(intent),
        intent_status=inner.intent_status,
        cents=inner.cents,
        fee_cents=inner.fee_cents,
    )


def _refund(refund: Any) -> ProviderState:
    return ProviderState(
        call_id=_call_id(refund),
        intent_id=read_id(refund.payment_intent),
        cents=refund.amount,
        refund_id=refund.id,
        refund_status=refund.status,
        failure=getattr(refund, "failure_reason", None),
    )
