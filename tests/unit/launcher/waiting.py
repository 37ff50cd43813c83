"""Waiting for something outside of this process, with an end to the patience."""

import time
from collections.abc import Callable


def until(true: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Whether it became true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return true()
