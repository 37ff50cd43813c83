"""One API request from start to end: key, fault, check, function, expansion, answer."""

import logging
from dataclasses import dataclass
from typing import Any

from . import faults, idempotency
from .decoding import decode
from .errors import StripeError, api_error, idempotency_error, rate_limited
from .expansion import expanded
from .idempotency import Reply
from .routes import Call, match, refuse_uncovered
from .state import State, Work
from .validation import check

Json = dict[str, Any]
_log = logging.getLogger("stripe_standin")


@dataclass(frozen=True)
class Question:
    """What came in, without the web server's clothes."""

    method: str
    path: str
    text: str
    key: str | None
    account: str | None
    request_id: str


def answer(state: State, question: Question) -> tuple[Reply, Json | None]:
    """The answer, and the fault that the web server still has to play (lost or slow answers)."""
    with state.work(question.account) as work:
        if question.account and (work.get(question.account) or {}).get("object") != "account":
            return _refusal(_foreign(question.account)), None
        work.request = {"id": question.request_id, "idempotency_key": question.key}
        fault = faults.take(work, question.method, question.path)
        kind = fault["kind"] if fault else None
        if kind == "request_lost":
            return Reply(500, {}), fault
        if kind == "rate_limited":
            return _refusal(rate_limited()), fault
        if kind == "key_in_use":
            return _refusal(_in_use(question)), fault
        if fault and kind == "error_500_not_done" and not fault["stored"]:
            return _refusal(api_error()), fault
        return _with_key(work, question, fault), fault


def _foreign(account: str) -> StripeError:
    return StripeError(
        f"The provided key does not have access to account '{account}' (or that account does not exist).",
        status=403,
        code="account_invalid",
        executed=False,
    )


def _in_use(question: Question) -> StripeError:
    return idempotency_error(
        f"There is currently another in-progress request using this Idempotent Key '{question.key}'. "
        "Please try again later.",
        409,
    )


def _refusal(error: StripeError) -> Reply:
    return Reply(error.status, error.body())


def _with_key(work: Work, question: Question, fault: Json | None) -> Reply:
    try:
        params = decode(question.text)
        key = question.key if question.method == "POST" else None
        if key:
            kept = idempotency.stored(work, key, question.path, params)
            if kept:
                return kept
        reply, remember = _run(work, question, params, fault)
    except StripeError as error:
        return _refusal(error)
    if key and remember:
        idempotency.keep(work, key, question.path, params, reply)
    return reply


def _run(work: Work, question: Question, params: Json, fault: Json | None) -> tuple[Reply, bool]:
    """(answer, whether a key remembers it)."""
    if fault and fault["kind"] == "error_500_not_done":
        return _refusal(api_error()), True
    try:
        reply = Reply(200, _execute(work, question, params))
        remember = True
    except StripeError as error:
        if not error.keep:
            _undo(work, fault)
        reply, remember = _refusal(error), error.executed
    except Exception:
        _log.exception("the stand-in failed at %s %s", question.method, question.path)
        _undo(work, fault)
        reply, remember = _refusal(api_error()), True
    if fault and fault["kind"] == "error_500_done":
        return _refusal(api_error()), bool(fault["stored"])
    return reply, remember


def _undo(work: Work, fault: Json | None) -> None:
    """Forgets what the function changed, but not that the fault was used."""
    work.rollback()
    if fault:
        work.add(dict(fault))


def _execute(work: Work, question: Question, params: Json) -> Json:
    entry, ids = match(question.method, question.path)
    checked = check(params, entry.shape)
    refuse_uncovered(entry, checked)
    result = entry.handler(Call(work, checked, ids, question.path))
    return expanded(work, result, checked.get("expand") or [])
