"""The processes of one demo: started together, watched, and ended together, whatever happens to one."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from foundation.postgres import death_signal
from foundation.postgres_remains import is_alive

MARK = "MARKTPLATZ_DEMO"  # in the environment of every process of a demo: the folder it belongs to
PATIENCE = 5.0  # seconds between asking a process to end and ending it


class Stop(Exception):
    """A signal arrived, or the terminal is gone."""


class Failed(Exception):
    """The demo cannot go on; the sentence says why."""


@dataclass(frozen=True)
class Child:
    """A process that we started: the leader of a session, and so of a process group, of its own."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self, lines: int = 20) -> str:
        """The last lines it wrote."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) or "(it wrote nothing)"
        except OSError:
            return "(no log)"

    def failure(self) -> Failed:
        code = self.process.returncode
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return Failed(f"{self.name} ended ({how}). Its last lines, from {self.log}:\n{self.tail()}")


class Family:
    """All children of one demo."""

    def __init__(self, instance: Path, interrupted: Callable[[], bool]) -> None:
        self.instance = instance
        self.interrupted = interrupted
        self.children: list[Child] = []

    def start(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        """Start a child that stays."""
        logs = self.instance / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{name.replace(' ', '-')}.log"
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment | {MARK: str(self.instance)},
                start_new_session=True,
                preexec_fn=death_signal(signal.SIGTERM),
            )
        child = Child(name, process, log)
        self.children.append(child)
        self._remember()
        return child

    def run(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        """Start a child that does one thing, and wait for it. Fails with its last lines when it does."""
        child = self.start(name, command, environment)
        while child.process.poll() is None:
            self.pause(0.05)
        self.children.remove(child)
        if child.process.returncode:
            raise child.failure()

    def pause(self, seconds: float) -> None:
        """Wait a little, and notice who wants us to stop."""
        time.sleep(seconds)
        if self.interrupted():
            raise Stop

    def watch(self) -> None:
        """Fails when a child that should stay has ended."""
        for child in self.children:
            if child.process.poll() is not None:
                raise child.failure()

    def end(self) -> None:
        """End every child and what it started itself: politely, then by force."""
        for chosen, patience in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, 2.0)):
            for child in self.children:
                _signal_group(child.process.pid, chosen)
            until = time.monotonic() + patience
            while time.monotonic() < until and any(map(_lives, self.children)):
                time.sleep(0.02)
        self.children.clear()
        self._remember()

    def _remember(self) -> None:
        noted = [{"pid": c.process.pid, "born": born(c.process.pid)} for c in self.children]
        path = self.instance / "processes.json"
        making = path.with_suffix(".making")
        making.write_text(json.dumps(noted))
        making.replace(path)


def _signal_group(group: int, chosen: signal.Signals) -> None:
    try:
        os.killpg(group, chosen)
    except (ProcessLookupError, PermissionError):  # macOS answers so for a group of zombies
        return


def _lives(child: Child) -> bool:
    """Whether the child or anybody in its group is still there."""
    child.process.poll()
    try:
        os.killpg(child.process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def born(pid: int) -> str:
    """When a process started: with its number it names the process for good. Empty when there is none."""
    try:
        started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}/{started}"
    except OSError:
        pass
    if sys.platform.startswith("linux"):
        return ""
    asked = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


def leftovers(instance: Path) -> list[int]:
    """Processes of an earlier demo of this folder that was killed; never anybody else's."""
    try:
        noted = json.loads((instance / "processes.json").read_text())
        found = {int(entry["pid"]) for entry in noted if entry["born"] and born(entry["pid"]) == entry["born"]}
    except (OSError, ValueError, KeyError, TypeError):
        found = set()
    mark = f"{MARK}={instance}".encode()
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in entry.read_bytes().split(b"\0"):
                found.add(int(entry.parent.name))
        except OSError:
            continue
    return sorted(pid for pid in found - {os.getpid()} if is_alive(pid))


def end_leftovers(instance: Path) -> int:
    """End them; returns how many there were."""
    found = leftovers(instance)
    for chosen, patience in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, 2.0)):
        rest = leftovers(instance)
        for pid in rest:
            try:
                os.kill(pid, chosen)
            except ProcessLookupError:
                continue
        until = time.monotonic() + patience
        while time.monotonic() < until and any(map(is_alive, rest)):
            time.sleep(0.05)
    return len(found)
