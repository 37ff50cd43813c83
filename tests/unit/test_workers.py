"""What holds for the suite itself when its files are shared out between workers, and on which days it runs besides."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from foundation.clock import berlin
from tests import dates

ROOT = Path(__file__).resolve().parents[2]
PLANTED = """
import pytest

@pytest.fixture(scope="session")
def books():
    yield
    assert [] == ["a finding"], "books are not proven after the run"

def test_passes(books):
    pass
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_a_finding_after_the_last_test_fails_the_run_also_in_a_worker(tmp_path: Path, workers: list[str]) -> None:
    (tmp_path / "test_planted.py").write_text(PLANTED)
    (tmp_path / "test_other.py").write_text("def test_passes():\n    pass\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "books are not proven after the run" in done.stdout
    assert "2 passed, 1 error" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("present", ["2026-12-01", "2026-12-31", "2027-10-31", "2028-02-29", "2028-03-01"])
def test_odd_days_are_the_next_ones(present: str) -> None:
    moment = datetime.fromisoformat(present).replace(hour=12, tzinfo=UTC)
    days = dates.list_days(moment)
    assert all(day > moment for day in days.values())
    assert [f"{berlin(day):%m-%d}" for day in days.values()][:5] == ["12-24", "12-31", "01-01", "02-28", "02-29"]
    begins, ends = days["daylight saving begins"], days["daylight saving ends"]
    for day, month in ((begins, 3), (ends, 10)):
        shown = berlin(day)
        assert (shown.month, shown.isoweekday(), shown.day > 24) == (month, 7, True)
