"""Buyers of vouchers: fill in, order, pay at the provider's page. A press that got no answer is pressed again."""

import http.client
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from tests.chaos.lanes import PATIENCE_SECONDS, Journal
from tests.load.client import FORM, Visitor, attribute, fields

TYPE = {"Content-Type": "application/x-www-form-urlencoded"}
CARD = {"method": "card", "number": "4242424242424242", "expiry": "12/40", "cvc": "123", "name": "Test", "lang": "de"}


class Unsure(Exception):
    """Nobody knows whether it was done."""


def press_order(visitor: Visitor, summary: str) -> int:
    """Press "order with obligation to pay" on the summary; gives the status. Every press means the same order."""
    form = next(each for each in FORM.findall(summary) if 'name="shown_cents"' in each)
    values = fields(form) | {"method": "card"}
    return visitor.send("POST", attribute(form, "action"), urlencode(values), **TYPE)[0]


@dataclass
class Buyer:
    """One who buys one voucher after the other. `open`: purchases that were given up before they were paid."""

    base: str
    programme: str
    journal: Journal
    dice: random.Random
    stop: threading.Event
    open: list[str] = field(default_factory=list)

    def work(self) -> None:
        """Buy until it is asked to stop."""
        while not self.stop.is_set():
            email = f"{uuid4().hex}@example.org"
            try:
                self.buy(email, self.dice.randint(10, 50))
            except Unsure:
                self.open.append(email)

    def buy(self, email: str, euros: int) -> None:
        """Buy one voucher; it is written down as paid when the provider's page said so."""
        visitor, form = Visitor(self.base), f"/gutscheine/{self.programme}"
        wanted = {"amount": str(euros), "buyer_email": email, "buyer_name": "Bea Buyer"}
        self.journal.write(key=email, kind="buy", asked=True)
        page = self.insist(visitor, lambda: visitor.open(form))
        summary = self.insist(visitor, lambda: visitor.fill(page, form, **wanted))
        place = self.insist(visitor, lambda: self._order(visitor, summary))
        self.insist(visitor, lambda: self._pay(place))
        self.journal.write(key=email, kind="buy", done=True, answer={"amount_cents": euros * 100})

    def insist(self, visitor: Visitor, act: Callable[[], str]) -> str:
        """Do it until it worked, each time on a new connection. Raises `Unsure` when it never does."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                return act()
            except (OSError, http.client.HTTPException, RuntimeError, StopIteration):
                visitor.connection.close()
                time.sleep(self.dice.uniform(0.1, 0.5))
        raise Unsure

    def _order(self, visitor: Visitor, summary: str) -> str:
        """Order; gives the address of the provider's page, and raises while there is none.

        Where the provider did not answer in time, our own page is there instead, with a button to go on.
        """
        status = press_order(visitor, summary)
        if status == 303 and "/c/pay/" not in visitor.path:
            page = visitor.open(urlsplit(visitor.path).path)
            going_on = next(form for form in FORM.findall(page) if attribute(form, "action").endswith("/weiter"))
            target = attribute(going_on, "action")
            status, _text = visitor.send("POST", target, urlencode(fields(going_on)), **TYPE)
        if status != 303 or "/c/pay/" not in visitor.path:
            raise RuntimeError(f"ordering answered {status}, {visitor.path}")
        return visitor.path

    def _pay(self, place: str) -> str:
        """Press "pay" at the provider's page; a second press changes nothing."""
        at = Visitor(place)
        status, _text = at.send("POST", urlsplit(place).path, urlencode(CARD), **TYPE)
        if status != 303:
            raise RuntimeError(f"the provider's page answered {status}")
        return at.path
