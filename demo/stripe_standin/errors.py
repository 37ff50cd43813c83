"""Errors in Stripe's JSON form, with the status numbers and types the official client knows."""

from typing import Any

Json = dict[str, Any]


class StripeError(Exception):
    """A refusal. `executed`: the endpoint began its work, so an idempotency key remembers this answer.
    `keep`: what was written before the refusal stays (a declined payment leaves a failed charge behind)."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = True,
        keep: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.executed = executed
        self.keep = keep
        self.error: Json = {"message": message, "type": kind}
        for name, value in {"code": code, "param": param, **more}.items():
            if value is not None:
                self.error[name] = value
        if code:
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"

    def body(self) -> Json:
        return {"error": self.error}


def no_such(kind: str, object_id: str, param: str = "id", status: int = 404) -> StripeError:
    """The object does not exist, or not in the account that asks."""
    name = kind.rpartition(".")[2]
    return StripeError(f"No such {name}: '{object_id}'", status=status, code="resource_missing", param=param)


def invalid(message: str, param: str | None = None, code: str | None = None) -> StripeError:
    """A parameter was refused before anything ran; an idempotency key does not remember it."""
    return StripeError(message, code=code, param=param, executed=False)


def not_covered(what: str, param: str) -> StripeError:
    """Stripe would do this, the stand-in does not: said aloud instead of silently ignored."""
    return invalid(f"The Stripe stand-in does not cover {what}.", param)


def wrong_state(message: str, code: str, **more: Any) -> StripeError:
    """The request is well formed but the object is not in a state for it."""
    return StripeError(message, code=code, **more)


def declined(
    message: str, code: str, decline_code: str | None = None, charge: str | None = None, **more: Any
) -> StripeError:
    """The bank said no: 402 card_error; the failed charge stays."""
    return StripeError(
        message,
        status=402,
        kind="card_error",
        code=code,
        decline_code=decline_code,
        charge=charge,
        keep=True,
        **more,
    )


def idempotency_error(message: str, status: int = 400) -> StripeError:
    return StripeError(message, status=status, kind="idempotency_error", executed=False)


def api_error() -> StripeError:
    """The 500 of the fault switches."""
    return StripeError(
        "An unknown error occurred. (Stripe stand-in: a fault was switched on.)", status=500, kind="api_error"
    )


def rate_limited() -> StripeError:
    return StripeError(
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.",
        status=429,
        code="rate_limit",
        executed=False,
    )
