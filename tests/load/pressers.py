"""Fifty shoppers press "order with obligation to pay" while the provider hangs, and press again every few seconds.

They are a process of their own: in that of the tills they would hold its interpreter's lock, and the tills' time would
be that of the measuring program.
"""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from tests.chaos.buyers import press_order
from tests.load.client import Visitor

PRESSERS = 50
PAUSE_SECONDS = 5.0  # a person who reads the sentence and tries once more
PROGRAMME = "muensterland-gutschein"


class Pressers:
    """They have filled in everything; `pressed` counts their answers, `worst` is what the slowest took."""

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


def _press(base: str, line: Connection) -> None:
    """Say when all have filled in, press from the first word on until the second, and say what was seen."""
    pressers = Pressers(base)
    threads = [threading.Thread(target=pressers.press, args=each) for each in pressers.ready]
    line.send("ready")
    line.recv()
    for thread in threads:
        thread.start()
    line.recv()
    pressers.stop.set()
    for thread in threads:
        thread.join()
    line.send({"pressed": pressers.pressed, "slowest_press_s": round(pressers.worst, 1)})


@contextmanager
def pressing(base: str) -> Iterator[dict[str, float]]:
    """Let them press meanwhile; afterwards what is given says how often, and how long the slowest waited."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_press, args=(base, theirs))
    process.start()
    theirs.close()
    seen: dict[str, float] = {}
    try:
        ours.recv()
        ours.send("press")
        yield seen
        ours.send("stop")
        seen |= ours.recv()
        process.join()
    finally:
        process.kill()
