"""The stand-in inside a test: `with running(webhook, secret) as stripe: …` (see `Running`)."""

import http.client
import json
import re
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .options import Options
from .server import StandIn
from .webhooks import Target

Json = dict[str, Any]


class Running:
    """A running stand-in. `base`: its address, for `base_addresses={"api": base}`. `state()`: totals in cents."""

    def __init__(self, standin: StandIn) -> None:
        self._standin = standin
        self.base = standin.base

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """One of the `_…` doors, JSON in and out."""
        text = json.dumps(body or {}).encode()
        status, _headers, answer = self._ask(method, path, text, "application/json")
        if status >= 400:
            raise AssertionError(f"{method} {path}: {status} {answer}")
        found: Json = json.loads(answer)
        return found

    def fault(self, kind: str, **how: Any) -> Json:
        """`fault("answer_lost", path="/v1/refunds", count=2)`; kinds in `faults`."""
        return self.call("POST", "/_faults", {"kind": kind, **how})

    def clear_faults(self) -> None:
        self.call("DELETE", "/_faults")

    def advance(self, **wish: Any) -> Json:
        """What is under way becomes final; `seconds=`, `expire_sessions=True`, `deliver=False`, `id=`."""
        return self.call("POST", "/_advance", wish)

    def flush(self, **wish: Any) -> Json:
        """Delivers every waiting webhook now and waits for the answers; `never=True` also those held back."""
        return self.call("POST", "/_webhooks/flush", wish)

    def state(self) -> Json:
        return self.call("GET", "/_state")

    def reset(self) -> None:
        self.call("POST", "/_reset")

    def activate(self, account_id: str) -> Json:
        return self.call("POST", f"/_accounts/{account_id}/activate")

    def payout(self, account_id: str | None = None) -> Json:
        return self.call("POST", "/_payout", {"account": account_id} if account_id else {})

    def retarget(self, webhook: Target) -> None:
        """Sends webhooks to another place from now on (the application's port is often known later)."""
        self._standin.dispatcher.target = webhook

    @contextmanager
    def hooked(self, webhook: Target) -> Iterator[None]:
        """Sends webhooks to another place within the block."""
        before = self._standin.dispatcher.target
        self._standin.dispatcher.target = webhook
        try:
            yield
        finally:
            self._standin.dispatcher.target = before

    def line(self, kind: str, cents: int, **how: Any) -> str:
        """Books what Stripe does by itself (`balances.move_alone`); gives the line's id."""
        made: str = self.call("POST", "/_lines", {"type": kind, "amount": cents, **how})["id"]
        return made

    def pay(self, session: str, card: str = "4242424242424242", *, agree: bool = True) -> str:
        """Pays a session (id or address of its page) as a person would; 3-D Secure is answered with `agree`. Gives the
        address that the browser is sent to. Raises `CheckoutRefused` with the page's sentence when the card is
        declined."""
        fields = {"method": "card", "number": card, "expiry": "12/40", "cvc": "123"}
        place = self._press_pay(session, fields)
        if "/3ds/" not in place:
            return place
        place = self._form(urllib.parse.urlsplit(place).path, {"answer": "yes" if agree else "no"})
        if "/c/pay/" in place:
            _status, _headers, page = self._ask("GET", place, b"", "text/plain")
            raise CheckoutRefused(_failure(page))
        return place

    def pay_by_debit(self, session: str, iban: str = "DE89370400440532013000") -> str:
        return self._press_pay(session, {"method": "sepa_debit", "iban": iban, "mandate": "yes"})

    def _press_pay(self, session: str, fields: dict[str, str]) -> str:
        session_id = session.rpartition("/")[2]
        details = {"name": "Test Person", "email": "test@example.org", "lang": "de"}
        return self._form(f"/c/pay/{session_id}", {**details, **fields})

    def _form(self, path: str, fields: dict[str, str]) -> str:
        text = urllib.parse.urlencode(fields).encode()
        status, headers, page = self._ask("POST", path, text, "application/x-www-form-urlencoded")
        if status != 303:
            raise CheckoutRefused(_failure(page) or f"{status}")
        return headers["Location"]

    def _ask(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.base).netloc, timeout=30)
        try:
            connection.request(method, path, body, {"Content-Type": kind})
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read().decode()
        finally:
            connection.close()


class CheckoutRefused(AssertionError):
    """The hosted page did not take the payment; the message is the page's sentence."""


def _failure(page: str) -> str:
    found = re.search(r'<p class="failure-reason">(.*?)</p>', page, re.S)
    return found[1].strip() if found else ""


@contextmanager
def running(
    webhook: Target = None,
    secret: str = "whsec_test",  # noqa: S107
    *,
    path: Path | None = None,
    port: int = 0,
    **options: Any,
) -> Iterator[Running]:
    """Starts the stand-in in threads on a free port. Nothing happens by itself: debits and the like become final with
    `advance()`, webhooks leave with `flush()` (or by themselves with `deliver=True`). `webhook`: an address, or a
    function (body, headers) -> status. `options`: fields of `Options`."""
    still: Json = {
        "sepa_after": None,
        "sepa_slow_after": None,
        "refund_after": None,
        "dispute_after": None,
        "payout_after": None,
        "deliver": False,
    }
    standin = StandIn(port=port, path=path, target=webhook, secret=secret, options=Options(**{**still, **options}))
    standin.start()
    try:
        yield Running(standin)
    finally:
        standin.stop()
