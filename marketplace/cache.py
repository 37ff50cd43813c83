"""What a process may remember for a moment: answers that change by the hour but are asked on every page.

Every process has its own memory, so a change is seen elsewhere after `seconds` at the latest. Prices, stock and
anything that is paid for are never kept.
"""

import functools
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine

from foundation.database import autocommit_engine

P = ParamSpec("P")
T = TypeVar("T")
MOST = 2000


class Kept(Generic[P, T]):
    """A function whose answers are kept per database and arguments."""

    def __init__(self, function: Callable[P, T], seconds: float) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._seconds = seconds
        self._answers: WeakKeyDictionary[Engine, dict[Hashable, tuple[float, T]]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (args, tuple(sorted(kwargs.items())))
        answers = self._answers.setdefault(autocommit_engine(), {})
        found = answers.get(key)
        now = time.monotonic()
        if found and found[0] > now:
            return found[1]
        answer = self._function(*args, **kwargs)
        with self._lock:
            if len(answers) >= MOST:
                answers.clear()
            answers[key] = (now + self._seconds, answer)
        return answer

    def forget(self) -> None:
        """Ask anew next time: to be called in the process that has just changed what is kept."""
        self._answers.clear()


def kept(seconds: float) -> Callable[[Callable[P, T]], Kept[P, T]]:
    """Remember a function's answers for so many seconds. Its arguments must be hashable."""
    return lambda function: Kept(function, seconds)
