"""A client for cash registers, in Python's standard library alone. Copy it into your own system.

    python client.py https://gutschein.example.org TOKEN VOUCHER 12.50 RECEIPT-NUMBER

What matters: the key is made before the first try and kept until an answer is definite. No answer, "in progress" and
"busy" are not definite: the same call goes again under the same key, and the till asks by key at the end.
"""

import http.client
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

TIMEOUT_SECONDS = 10
TRIES = 4
NOT_DEFINITE = {408, 502, 503, 504}  # and 409 in_progress, and 429 rate_limited: nothing was decided


class Declined(Exception):
    """A definite refusal: show `title`, never try again under this key."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("title", "refused"))
        self.status, self.problem = status, problem

    @property
    def code(self) -> str:
        return str(self.problem.get("code", ""))


class Unknown(Exception):
    """Nobody knows yet. Keep the key; ask `by_key` again later before you take anything else from this voucher."""


@dataclass
class RegisterClient:
    """One cash register. `address` is the beginning of all addresses, `token` that of the register."""

    address: str
    token: str
    pause_seconds: float = 1.0

    def redeem(self, voucher: str, cents: int, key: str, receipt_no: str | None = None) -> dict[str, Any]:
        """Take `cents` off a voucher. Repeats without harm: a key takes once."""
        data = {"token": voucher, "amount_cents": cents, "receipt_no": receipt_no}
        try:
            return self._keyed("/redemptions", data, key)
        except Unknown:
            return self._what_became_of(key)

    def void(self, redemption_id: str, key: str, reason: str = "") -> dict[str, Any]:
        """Take a redemption of today back."""
        return self._keyed(f"/redemptions/{redemption_id}/void", {"reason": reason}, key)

    def refund(self, redemption_id: str, cents: int, key: str, reason: str = "") -> dict[str, Any]:
        """Give a part of a redemption back, also days later."""
        return self._keyed(f"/redemptions/{redemption_id}/refunds", {"amount_cents": cents, "reason": reason}, key)

    def look(self, voucher: str) -> dict[str, Any]:
        """What is left. The token goes into a header: addresses are logged."""
        return self._call("GET", "/vouchers/lookup", {"Voucher-Token": voucher})

    def report(self, day: str) -> dict[str, Any]:
        """The sums of a day by till, for the Z report."""
        return self._call("GET", f"/reports/{day}", {})

    def _what_became_of(self, key: str) -> dict[str, Any]:
        try:
            found = self._call("GET", f"/redemptions/by-key/{urllib.parse.quote(key)}", {})
        except (Declined, OSError, http.client.HTTPException) as nothing:
            raise Unknown("Ask again under this key in a minute.") from nothing
        if found["outcome"] == "done":
            return dict(found["redemption"])
        raise Declined(409, {"code": found["outcome"], "title": "This key was refused before."})

    def _keyed(self, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """The same call under the same key until the answer is definite, four times at most."""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(self.pause_seconds * 2 ** (attempt - 1))
            try:
                return self._call("POST", path, {"Idempotency-Key": key}, body)
            except (OSError, http.client.HTTPException):
                continue  # no answer: it may have worked
            except Declined as refused:
                if refused.status not in NOT_DEFINITE and refused.code not in {"in_progress", "rate_limited"}:
                    raise
        raise Unknown("No definite answer.")

    def _call(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 the address is in the shop's own settings
            f"{self.address.rstrip('/')}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 as above
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            with error:
                try:
                    problem = json.load(error)
                except ValueError:
                    problem = {"code": f"http_{error.code}", "title": error.reason}
            raise Declined(error.code, problem) from None


def main(address: str, token: str, voucher: str, amount: str, receipt_no: str) -> int:
    """Redeem once and print what the cashier needs to see."""
    key = str(uuid.uuid4())  # write it down before the call, so that a restart can ask by key
    try:
        told = RegisterClient(address, token).redeem(voucher, int(Decimal(amount) * 100), key, receipt_no)
    except Declined as refused:
        print(f"Refused ({refused.code}): {refused}")
        return 1
    except Unknown as unknown:
        print(f"Not known yet: {unknown} Key: {key}")
        return 2
    print(f"Taken: {told['amount_cents'] / 100:.2f} EUR, left: {told['remaining_cents'] / 100:.2f} EUR")
    print(f"Redemption: {told['redemption_id']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
