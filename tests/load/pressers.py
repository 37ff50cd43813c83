"""Fifty shoppers press "order with obligation to pay" while the provider hangs, and press again every few seconds."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.buyers import press_order
from tests.load.client import Visitor

PRESSERS = 50
PAUSE_SECONDS = 5.0  # a person who reads the sentence and tries once more
PROGRAMME = "muensterland-gutschein"


class Pressers:
    """They have filled in everything; `pressed` counts their presses, `worst` is what the slowest answer took."""

    def __init__(self, base: str) -> None:
        self.stop = threading.Event()
        self.pressed, self.worst = 0, 0.0
        self.ready = [_fill_in(Visitor(base), nth) for nth in range(PRESSERS)]

    def press(self, visitor: Visitor, summary: str) -> None:
        """Press until it is over; all begin at once."""
        while not self.stop.is_set():
            began = time.perf_counter()
            try:
                press_order(visitor, summary)
            except (OSError, http.client.HTTPException):
                visitor.connection.close()
            self.pressed, self.worst = self.pressed + 1, max(self.worst, time.perf_counter() - began)
            self.stop.wait(PAUSE_SECONDS)


def _fill_in(visitor: Visitor, nth: int) -> tuple[Visitor, str]:
    form = f"/gutscheine/{PROGRAMME}"
    wanted = {"amount": "25", "buyer_email": f"presser{nth}@example.org", "buyer_name": "Paula Presser"}
    return visitor, visitor.fill(visitor.open(form), form, **wanted)


@contextmanager
def pressing(base: str) -> Iterator[Pressers]:
    """Let them press meanwhile."""
    pressers = Pressers(base)
    threads = [threading.Thread(target=pressers.press, args=each) for each in pressers.ready]
    for thread in threads:
        thread.start()
    try:
        yield pressers
    finally:
        pressers.stop.set()
        for thread in threads:
            thread.join()
