"""What a killed PostgreSQL leaves behind: a stale pid file, a socket, orphaned backends."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path


def list_pids(data: Path) -> list[int]:
    """PostgreSQL processes that work in this data folder: each of them has it as its working directory."""
    real = os.path.realpath(data)
    if Path("/proc/self/cwd").exists():
        places = {real, f"{real} (deleted)"}  # a folder removed under a running server still has one
        return [p for p in _linux_pids() if _cwd(p) in places and _name(p).startswith("postgres")]
    lsof = shutil.which("lsof") or "/usr/sbin/lsof"
    try:
        listed = subprocess.run(  # noqa: S603
            [lsof, "-a", "-d", "cwd", "-c", "postgres", "-Fpn"], capture_output=True, text=True, check=False
        )
    except OSError:
        return []
    found, pid = [], 0
    for line in listed.stdout.splitlines():
        if line.startswith("p"):
            pid = int(line[1:])
        elif line == f"n{real}":
            found.append(pid)
    return found


def _linux_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _cwd(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return ""


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not yet waited for does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return not Path("/proc/self/stat").exists() and _waits_not(pid)
    except (ProcessLookupError, PermissionError):
        return False


def _waits_not(pid: int) -> bool:
    """Where there is no /proc: whether this is not an ended child of ours; such a one is waited for here."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != pid
    except ChildProcessError:
        return True


def find_postmaster(data: Path) -> int | None:
    """Find the running postmaster of this folder. A recycled process number is not taken for it."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if is_alive(pid) and pid in list_pids(data) else None


def end_processes(pids: list[int], *signals: signal.Signals, patience: float = 3.0) -> bool:
    """Send each signal in turn until the processes are gone; say whether they are."""
    for chosen in signals:
        for pid in pids:
            try:
                os.kill(pid, chosen)
            except ProcessLookupError:
                continue
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if not any(is_alive(pid) for pid in pids):
                return True
            time.sleep(0.02)
    return not any(is_alive(pid) for pid in pids)


def clear_remains(data: Path, runtime: Path) -> None:
    """Make the folder startable again. To be called only when no postmaster of it runs."""
    orphans = list_pids(data)
    if orphans:  # they hold the old shared memory, and a new server beside them would ruin the data
        end_processes(orphans, signal.SIGQUIT, signal.SIGKILL, patience=1.0)
    (data / "postmaster.pid").unlink(missing_ok=True)
    for left in runtime.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)
