"""Whoever started us. `make` waits for us when it is interrupted alone, without ever telling us."""

import os
import signal
from pathlib import Path


class Parent:
    """The process that started this one, if it is a `make`; everybody else is left alone."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.pid = os.getppid() if environment.get("MAKELEVEL") else 0
        self.caught = self._caught()

    def wants_us_to_stop(self) -> bool:
        """Whether make is gone, or was interrupted.

        A signal sent to make alone, not to its process group, makes it wait for its children for ever.
        It takes its handler for that signal away first (Linux shows it): that is what we look for.
        """
        if not self.pid:
            return False
        if os.getppid() != self.pid:
            return True
        return bool(self.caught & ~self._caught())

    def _caught(self) -> int:
        """Which of the interrupting signals the parent handles."""
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
            mask = int(next(line for line in lines if line.startswith("SigCgt")).split()[1], 16)
        except (OSError, StopIteration, ValueError):
            return 0
        wanted = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
        return mask & sum(1 << number - 1 for number in wanted)
