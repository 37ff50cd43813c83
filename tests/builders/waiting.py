"""Waiting for something outside of this process. `PATIENCE` only ends a run that hangs; no machine is that slow."""

import time
from collections.abc import Callable

PATIENCE = 120.0


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Whether it became true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return true()
