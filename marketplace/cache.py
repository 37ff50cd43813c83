"""What a process may remember for a moment: answers that change by the hour but are asked on every page. Decision 0402.

Every process has its own memory, so a change is seen elsewhere after `seconds` at the latest. Prices, stock and
anything that is paid for are never cached.
"""

import threading
import weakref
from collections.abc import Callable, Hashable
from typing import Any, ParamSpec, Protocol, TypeVar

import cachetools
from cachetools.keys import hashkey

from foundation.database import autocommit_engine

P = ParamSpec("P")
T_co = TypeVar("T_co", covariant=True)
MAX_ANSWERS = 2000


class CachedFunction(Protocol[P, T_co]):
    """A function whose answers are remembered."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T_co: ...

    def cache_clear(self) -> None:
        """Ask anew next time: to be called in the process that has just changed what is remembered."""
        ...


def cached(*, seconds: float) -> Callable[[Callable[P, T_co]], CachedFunction[P, T_co]]:
    """Remember a function's answers for so many seconds, per database and arguments. Arguments must be hashable."""
    answers: cachetools.TTLCache[Any, Any] = cachetools.TTLCache(MAX_ANSWERS, seconds)
    return cachetools.cached(answers, key=_key, lock=threading.Lock())


def _key(*args: Hashable, **kwargs: Hashable) -> tuple[Hashable, ...]:
    """Tests and commands meet several databases in one process; a reference keeps none of them alive."""
    return hashkey(weakref.ref(autocommit_engine()), *args, **kwargs)
