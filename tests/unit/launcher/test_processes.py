"""The demo's processes: none outlives it, none of anybody else is touched."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.processes import Failed, Family, Stop, born, end_leftovers, leftovers
from foundation.postgres_remains import is_alive
from tests.builders.waiting import until

ENVIRONMENT = {"PATH": os.environ["PATH"]}
FATHER = """
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print(child.pid, flush=True)
    time.sleep(60)
"""
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    made = Family(tmp_path, lambda: False)
    yield made
    made.end()


def python(source: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(source)]


def test_ending_takes_the_grandchildren_too(family: Family) -> None:
    child = family.start("father", python(FATHER), ENVIRONMENT)
    assert until(lambda: child.log.read_text().strip().isdigit())
    grandchild = int(child.log.read_text())
    assert is_alive(grandchild)
    family.end()
    assert until(lambda: not is_alive(grandchild))
    assert not is_alive(child.process.pid)
    assert leftovers(family.instance) == []


def test_a_process_that_ignores_the_request_is_ended_by_force(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.processes.PATIENCE", 0.3)
    child = family.start("deaf", python(DEAF), ENVIRONMENT)
    assert until(lambda: "deaf" in child.log.read_text())
    family.end()
    assert child.process.returncode == -signal.SIGKILL


def test_a_dead_child_is_named_with_its_last_lines(family: Family) -> None:
    child = family.start("sealer", python("print('the reason'); raise SystemExit(3)"), ENVIRONMENT)
    child.process.wait()
    with pytest.raises(Failed, match=r"sealer ended \(exit code 3\)(?s:.*)the reason"):
        family.watch()


def test_a_step_that_fails_says_why(family: Family) -> None:
    with pytest.raises(Failed, match=r"migrations ended \(exit code 1\)(?s:.*)ValueError: broken"):
        family.run("migrations", python("raise ValueError('broken')"), ENVIRONMENT)
    assert family.children == []


def test_a_step_can_be_interrupted(tmp_path: Path) -> None:
    family = Family(tmp_path, lambda: True)
    with pytest.raises(Stop):
        family.run("seed", python("import time; time.sleep(60)"), ENVIRONMENT)
    family.end()
    assert leftovers(tmp_path) == []


def test_children_know_nothing_of_the_callers_shell(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_of_somebody")
    family.run("seed", python("import os; print(sorted(os.environ))"), ENVIRONMENT)
    log = (family.instance / "logs" / "seed.log").read_text()
    assert "STRIPE_SECRET_KEY" not in log
    assert "'MARKTPLATZ_DEMO'" in log


def test_children_die_with_a_killed_launcher_or_are_found_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.processes.PATIENCE", 0.3)
    launcher = subprocess.Popen(
        python(
            f"""
            import time
            from pathlib import Path
            from demo.processes import Family
            family = Family(Path({str(tmp_path)!r}), lambda: False)
            family.start("sleeper", ["sleep", "60"], {ENVIRONMENT!r})
            family.start("deaf", [{sys.executable!r}, "-c", {DEAF!r}], {ENVIRONMENT!r})
            time.sleep(60)
            """
        )
    )
    log = tmp_path / "logs" / "deaf.log"
    assert until(lambda: log.exists() and "deaf" in log.read_text())
    assert len(leftovers(tmp_path)) == 2
    launcher.kill()
    launcher.wait()
    assert end_leftovers(tmp_path) >= 1
    assert leftovers(tmp_path) == []


def test_a_recycled_process_number_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    (tmp_path / "processes.json").write_text(f'[{{"pid": {stranger.pid}, "born": "another time"}}]')
    assert end_leftovers(tmp_path) == 0
    assert stranger.poll() is None
    assert born(stranger.pid) == born(stranger.pid) != ""
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"pid": 1}]', "null"])
def test_a_damaged_note_of_processes_does_no_harm(tmp_path: Path, text: str) -> None:
    (tmp_path / "processes.json").write_text(text)
    assert leftovers(tmp_path) == []
