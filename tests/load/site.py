"""The site under measurement: one PostgreSQL, gunicorn as in production, the demo's goods, many vouchers."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from foundation.postgres import Server

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Site:
    """Where it answers, and the processes whose time is counted."""

    base: str
    environment: dict[str, str]
    web: psutil.Process
    tills: str
    tills_web: psutil.Process
    postmaster: psutil.Process
    demo: dict[str, Any]
    floor: str
    floor_web: psutil.Process

    def cpu(self) -> tuple[float, float]:
        """Seconds of processor time so far: (web servers, database), from the operating system's accounting.

        The other servers stand idle while one is measured; only where fifty press "order", the sum is of two.
        """
        return sum(map(spent, (self.web, self.tills_web, self.floor_web))), spent(self.postmaster)


def spent(parent: psutil.Process) -> float:
    """Seconds of processor time so far of a process and all that it started, ended ones included."""
    own = parent.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for process in parent.children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return float(total)


def postmaster(url: str) -> psutil.Process:
    """The database's first process; it must run on this machine, or its time could not be counted."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        parent = psutil.Process(row[0] if row else 0).parent()
    if parent is None:
        raise RuntimeError("the database's processes cannot be seen")
    return parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(environment: dict[str, str], *command: str) -> str:
    """What one of our modules prints. Raises when it fails."""
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout


def _wait(name: str, base: str, server: psutil.Process) -> None:
    """Until it answers, however slow the machine is, as long as its process lives."""
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=10):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the {name} ended before it was ready: see instance/bench-{name}.log")


@contextmanager
def _database(name: str) -> Iterator[tuple[str, str]]:
    """(owner's address, application's address) of an empty database, dropped afterwards unless it was given."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        yield given, given
        return
    server = Server(ROOT / "instance" / "bench-postgres")
    server.start()
    server.create_database(name)
    try:
        yield server.urls(name)
    finally:
        server.drop_database(name)
        server.stop()


@contextmanager
def running(**more: str) -> Iterator[Site]:
    """A site with the demo's data in a fresh database; ended afterwards. `DATABASE_URL` must name an empty one.

    `more`: settings besides.
    """
    name = f"bench_{secrets.token_hex(4)}"
    with _database(name) as (owner, login):
        environment = settings(_free_port(), owner, login) | more
        run(environment, "flask", "db", "upgrade")
        target = ROOT / "instance" / f"{name}.json"
        run(environment, "demo.seed", "--write", str(target))
        demo = json.loads(target.read_text(encoding="utf-8"))
        target.unlink()
        with psycopg.connect(owner) as connection:  # a till that redeems a thousand times a minute would be paused
            connection.execute("UPDATE watch_rule SET effect = 'case' WHERE effect = 'pause'")
        tills, floor = (environment | {"BIND": f"127.0.0.1:{_free_port()}"} for _service in range(2))
        with (
            _process("sealer", environment, "flask", "money", "seal"),
            _process("worker", environment, "flask", "jobs", "work"),
            _web("web", environment, "wsgi:app") as web,
            _web("tills", tills, "wsgi:app") as tills_web,
            _web("floor", floor, "tests.load.floor:app") as floor_web,
        ):
            yield Site(
                base=_address(environment),
                environment=environment,
                web=web,
                tills=_address(tills),
                tills_web=tills_web,
                postmaster=postmaster(login),
                demo=demo,
                floor=_address(floor),
                floor_web=floor_web,
            )


def _address(environment: dict[str, str]) -> str:
    return f"http://{environment['BIND']}"


def settings(port: int, owner: str, login: str) -> dict[str, str]:
    """The environment of a site, with secrets of its own."""
    return os.environ | {
        "SECRET_KEY": secrets.token_hex(24),
        "CODE_PEPPER": secrets.token_hex(24),
        "DATABASE_URL": login,
        "MIGRATION_DATABASE_URL": owner,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "BIND": f"127.0.0.1:{port}",
        "FLASK_APP": "wsgi",
        "MAIL_URL": f"maildir:{ROOT / 'instance' / 'bench-mail'}",
        "RATE_LIMITS": "off",
        "SECURE_COOKIES": "0",
        "STAFF_SECOND_FACTOR": "0",
        "DEMO": "1",
        "LOG_LEVEL": "INFO",
    }


@contextmanager
def _process(name: str, environment: dict[str, str], *command: str) -> Iterator[psutil.Process]:
    """One of our modules that runs beside the measurement, as it does in production: a session of its own as well, to
    which Linux may give its own share of the processors (autogroup), as it does to each service of systemd."""
    with (ROOT / "instance" / f"bench-{name}.log").open("w") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield psutil.Process(started.pid)
            if started.poll() is not None:
                raise RuntimeError(f"the {name} ended during the measurement: see instance/bench-{name}.log")
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(30)


@contextmanager
def _web(name: str, environment: dict[str, str], application: str) -> Iterator[psutil.Process]:
    with _process(name, environment, "gunicorn", application) as server:
        _wait(name, _address(environment), server)
        yield server


def paid_by_two(environment: dict[str, str], demo: dict[str, Any], cents: int) -> tuple[str, ...]:
    """Let so much money come to the trust account; gives who issues against it, as options of the command."""
    receipt = run(environment, "demo.incoming", "muensterland", str(cents)).split()[-1]
    office = ("issuer_clerk", "muensterland")
    first, second = [p["email"] for p in demo["sign_ins"] if (p["role"], p["organisation"]) == office]
    return ("--receipt", receipt, "--by", first, "--approved-by", second)


def vouchers(site: Site, count: int) -> list[str]:
    """So many new vouchers of 100 €; gives their tokens."""
    two = paid_by_two(site.environment, site.demo, count * 100_00)
    wanted = ("--programme", "muensterland-gutschein", "--cents", "10000", "--count", str(count), *two)
    made = run(site.environment, "flask", "vouchers", "issue", *wanted, "--json")
    return [json.loads(line)["token"] for line in made.splitlines() if line.startswith("{")]
