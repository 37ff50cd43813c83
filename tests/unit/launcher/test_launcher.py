"""`make demo` from outside, with a tiny application in place of the real one."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.processes import MARK
from foundation import postgres_remains as remains
from foundation.postgres import Server
from tests.builders.ports import free_port
from tests.builders.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[3]
APPLICATION = """
    import os, time
    from flask import Flask
    from flask.cli import AppGroup

    app = Flask("tiny")
    app.add_url_rule("/readyz", "ready", lambda: "ok")
    db, jobs, money = AppGroup("db"), AppGroup("jobs"), AppGroup("money")
    db.command("upgrade")(lambda: print("upgraded as", os.environ["MIGRATION_DATABASE_URL"]))
    jobs.command("work")(lambda: time.sleep(600))
    money.command("seal")(lambda: time.sleep(600))
    for group in (db, jobs, money):
        app.cli.add_command(group)
"""
SEED = """
    import json, os, sys
    import psycopg
    with psycopg.connect(os.environ["DATABASE_URL"]) as link:
        role = link.execute("SELECT current_user").fetchone()[0]
    sign_in = {"role": role, "email": "anna@example.org", "password": "secret"}
    json.dump({"base_url": os.environ["BASE_URL"], "sign_ins": [sign_in]}, open(sys.argv[2], "w"))
"""
STANDIN = """
    import subprocess, time
    subprocess.Popen(["sleep", "600"])
    time.sleep(600)
"""


@dataclass
class Project:
    """A clone with the real machinery, in a path with a space."""

    folder: Path
    port: int

    def start(self, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "demo.launcher"],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PORT": str(self.port), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def ready(self, demo: subprocess.Popen[str]) -> bool:
        """Whether the pages of this very run can be opened."""
        lock = self.folder / "instance" / "demo.lock"
        if not lock.exists() or f"process {demo.pid}," not in lock.read_text() or len(self.children()) != 4:
            return False
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=PATIENCE) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def children(self) -> list[int]:
        """Stand-in, web server, worker and sealer, in this order; none after an end."""
        path = self.folder / "instance" / "processes.json"
        return [entry["pid"] for entry in json.loads(path.read_text())] if path.exists() else []

    def left(self) -> list[int]:
        """Every process that still belongs to this demo."""
        mark = f"{MARK}={self.folder / 'instance'}".encode()
        found = remains.list_pids(self.folder / "instance" / "postgres" / "data")
        found += self.children()
        for entry in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in entry.read_bytes().split(b"\0"):
                    found.append(int(entry.parent.name))
            except OSError:
                continue
        return [pid for pid in found if remains.is_alive(pid)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("a clone") / "of it"
    for package, pattern in (("foundation", "postgres*.py"), ("foundation", "roles.py"), ("demo", "*.py")):
        (folder / package).mkdir(parents=True, exist_ok=True)
        for source in (ROOT / package).glob(pattern):
            shutil.copy(source, folder / package)
        (folder / package / "__init__.py").touch()
    (folder / "demo" / "stripe_standin").mkdir()
    for name, text in {
        "wsgi.py": APPLICATION,
        "demo/seed.py": SEED,
        "demo/stripe_standin/__main__.py": STANDIN,
        "demo/stripe_standin/__init__.py": "",
    }.items():
        (folder / name).write_text(textwrap.dedent(text))
    shutil.copy(ROOT / "gunicorn.conf.py", folder)
    made = Project(folder.resolve(), free_port())
    yield made
    remains.end_processes(made.left(), signal.SIGKILL)
    Server(folder / "instance" / "postgres").remove()


def test_one_command_starts_everything_and_one_key_ends_it(project: Project) -> None:
    demo = project.start()
    assert until(lambda: project.ready(demo))
    demo.send_signal(signal.SIGINT)
    said = demo.communicate(timeout=PATIENCE)[0]
    assert demo.returncode == 0
    assert f"Open     http://127.0.0.1:{project.port}" in said
    assert "marktplatz        anna@example.org" in said
    assert project.left() == []
    shown = json.loads((project.folder / "instance" / "demo.json").read_text())
    assert shown["base_url"] == f"http://127.0.0.1:{project.port}"


def test_after_a_kill_of_everything_it_starts_again_and_does_not_seed_twice(project: Project) -> None:
    demo = project.start()
    assert until(lambda: project.ready(demo))
    remains.end_processes([demo.pid, *project.left()], signal.SIGKILL)
    demo.communicate(timeout=PATIENCE)
    again = project.start()
    assert until(lambda: project.ready(again))
    second = project.start(PORT="1")
    assert "is running already" in second.communicate(timeout=PATIENCE)[0]
    assert second.returncode == 1
    assert project.ready(again)
    again.send_signal(signal.SIGTERM)
    said = again.communicate(timeout=PATIENCE)[0]
    assert again.returncode == 0
    assert "Tables and demo data  are up to date" in said
    assert project.left() == []


def test_a_death_in_the_family_is_named_and_ends_the_rest(project: Project) -> None:
    demo = project.start()
    assert until(lambda: project.ready(demo))
    os.kill(project.children()[-1], signal.SIGKILL)
    said = demo.communicate(timeout=PATIENCE)[0]
    assert demo.returncode == 1
    assert "sealer ended (signal SIGKILL)" in said
    assert project.left() == []


def test_a_taken_port_is_said_before_anything_starts(project: Project) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        demo = project.start(PORT=str(taken.getsockname()[1]))
        said = demo.communicate(timeout=PATIENCE)[0]
    assert demo.returncode == 1
    assert "is taken by another program" in said
    assert project.left() == []


def test_a_database_that_cannot_be_reached_is_said(project: Project) -> None:
    demo = project.start(DATABASE_URL="postgresql://somebody@127.0.0.1:1/shop")
    said = demo.communicate(timeout=PATIENCE)[0]
    assert demo.returncode == 1
    assert "The PostgreSQL that DATABASE_URL names cannot be used" in said
    assert project.left() == []


def test_reset_never_empties_a_database_of_ones_own(project: Project) -> None:
    demo = project.start(RESET="1", DATABASE_URL="postgresql://somebody@nowhere.invalid/shop")
    said = demo.communicate(timeout=PATIENCE)[0]
    assert demo.returncode == 1
    assert "RESET=1 empties the embedded database only" in said
    assert (project.folder / "instance" / "demo.json").exists()
