"""A provider that hangs holds nobody else up: a request tries once and briefly, and then the job does. Decision 0208.

Counted per process, in memory. Requests share their threads with tills: at most `TURNS` of them wait for the provider
at a time, for `SHORT_SECONDS`; who comes meanwhile does not wait at all. After a try without an answer in time nobody
tries for `REST_SECONDS`, neither requests nor, in its own process, the worker.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from foundation import http
from money.stripe import gateway

SHORT_SECONDS = 3
REST_SECONDS = 30
TURNS = 2  # of the four threads of a process

P = ParamSpec("P")
T = TypeVar("T")


class Breaker:
    """Who may call the provider now, and for how long."""

    def __init__(self) -> None:
        self._turns = threading.BoundedSemaphore(TURNS)
        self._silent_until = 0.0

    def is_silent(self) -> bool:
        """Whether the provider did not answer in time a short while ago."""
        return time.monotonic() < self._silent_until

    def reset(self) -> None:
        """Forget that it was silent."""
        self._silent_until = 0.0

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether this thread may call the provider within the block. It never waits for its turn."""
        in_request = http.is_answering()
        if self.is_silent() or (in_request and not self._turns.acquire(blocking=False)):
            yield False
            return
        try:
            yield True
        finally:
            if in_request:
                self._turns.release()

    def watch(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the provider, a request briefly and a job as long as it may take, and note when it did not answer."""
        seconds = SHORT_SECONDS if http.is_answering() else gateway.TIMEOUT_SECONDS
        began = time.monotonic()
        try:
            with gateway.answer_within(seconds):
                return ask(*args, **kwargs)
        finally:
            if time.monotonic() - began >= seconds:
                self._silent_until = time.monotonic() + REST_SECONDS


provider = Breaker()
