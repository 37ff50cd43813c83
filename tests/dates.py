"""Run the suite on days that are not like others: `make test-dates`. Decision 0008.

The wall clock of every process is moved by libfaketime (Debian: `apt-get install faketime`), that of PostgreSQL too, so
that the application, its database, the provider's stand-in and the tests agree on the day. Arguments go to pytest.
"""

import os
import subprocess
import sys
from calendar import isleap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from foundation import postgres
from foundation.clock import BERLIN, berlin

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib*/faketime/libfaketime.so.1")
# Chromium keeps the real time; programs, processes and words do not look at the calendar.
PARTS = ("tests/unit", "tests/database", "tests/web")
SHARED = ("--numprocesses=logical", "--maxprocesses=4")
LEFT_OUT = ("tests/unit/launcher", "tests/unit/standin/test_standin_look.py")
# Under libfaketime PostgreSQL's lock timeout never comes: these would wait for ever.
WAIT_FOR_LOCKS = ("tests/web/vouchers/test_api.py::test_a_voucher_that_is_being_changed_is_in_progress",)


def list_days(present: datetime) -> dict[str, datetime]:
    """Say when the suite runs: the next of each kind after `present`, in Berlin."""

    def coming(month: int, day: int, hour: int, minute: int = 0) -> datetime:
        year = present.year
        while (month, day) == (2, 29) and not isleap(year):
            year += 1
        moment = datetime(year, month, day, hour, minute, tzinfo=BERLIN)
        return moment if moment > present else moment.replace(year=year + (4 if (month, day) == (2, 29) else 1))

    def last_sunday(month: int) -> datetime:
        year = present.year
        while True:
            last = date(year, month, 31)
            last -= timedelta(days=(last.weekday() + 1) % 7)
            moment = datetime(last.year, last.month, last.day, tzinfo=BERLIN)
            if moment > present:
                return moment
            year += 1

    spring, autumn = last_sunday(3), last_sunday(10)
    return {
        "24 December": coming(12, 24, 11),
        "31 December 23:50": coming(12, 31, 23, 50),
        "1 January": coming(1, 1, 0, 5),
        "28 February": coming(2, 28, 12),
        "29 February": coming(2, 29, 12),
        # 01:58, then 03:00; and the second 02:30 of a night that has two.
        "daylight saving begins": spring.replace(hour=1, minute=58),
        "daylight saving ends": autumn.replace(hour=2, minute=30, fold=1),
        "in two years": present.replace(microsecond=0) + timedelta(days=731),
    }


def library() -> str:
    """Find libfaketime, or say how to get it."""
    for pattern in LIBRARIES:
        for found in sorted(Path("/").glob(pattern[1:])):
            return str(found)
    sys.exit("make test-dates needs libfaketime: apt-get install faketime (as root), then the same command again.")


def moved(moment: datetime) -> dict[str, str]:
    """Give the variables under which a process takes the present for `moment`; its stop watches run on as ever."""
    ahead = round((moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())
    return {
        "LD_PRELOAD": library(),
        "FAKETIME": f"{ahead:+d}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": str(ROOT / "tests" / "faketime"),
    }


@contextmanager
def database(variables: dict[str, str]) -> Iterator[str]:
    """A PostgreSQL of its own that lives at that time."""
    plain = postgres.build_environment
    server = postgres.Server(ROOT / "instance" / "test-dates", fsync=False, die_with_parent=True)
    with patch.object(postgres, plain.__name__, lambda: plain() | variables):
        try:
            server.remove()
            yield server.start()
        finally:
            server.remove()


def run(name: str, moment: datetime, arguments: list[str]) -> bool:
    """Run the suite at one moment. Gives back whether it passed."""
    print(f"\n==== {name}: {berlin(moment):%A %Y-%m-%d %H:%M %Z}", flush=True)
    variables = moved(moment)
    with database(variables) as url:
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(command, env=os.environ | variables | {"DATABASE_URL": url}, cwd=ROOT).returncode == 0


def main(arguments: list[str]) -> int:
    """Run on every day, or on those whose names contain DAY; name those on which something failed."""
    chosen = {
        name: moment for name, moment in list_days(datetime.now(UTC)).items() if os.environ.get("DAY", "") in name
    }
    if not any((ROOT / argument.partition("::")[0]).exists() for argument in arguments):
        without = [f"--ignore={path}" for path in LEFT_OUT] + [f"--deselect={test}" for test in WAIT_FOR_LOCKS]
        arguments = [*SHARED, *PARTS, *without, *arguments]
    failed = [name for name, moment in chosen.items() if not run(name, moment, arguments)]
    print(f"\nFailed on: {', '.join(failed)}." if failed else f"\nPassed on {len(chosen)} days.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
