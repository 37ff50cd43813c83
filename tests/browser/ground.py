"""The live site that the browser visits: a seeded database, the web server, its workers and the Stripe stand-in."""

import hashlib
import http.client
import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from demo.processes import Family
from demo.stripe_standin.letters import Letter, newest
from demo.stripe_standin.testing import Running, running
from tests.builders.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
WEBHOOK_SECRET = "whsec_browser_tests"
PATIENCE = 120.0  # seconds; only ends a run that hangs
# What decides about the seeded data; views and templates do not.
SOURCES = ("migrations", "demo", "foundation", "people", "money", "vouchers", "marketplace")
BESIDE = {"__pycache__", "web", "api", "stripe_standin"}


def fingerprint() -> str:
    """Changes when the seeded data would; every day, too, for the demo's past ends today."""
    total = hashlib.sha256(time.strftime("%Y-%m-%d").encode())
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not BESIDE & set(path.relative_to(ROOT).parts):
                total.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return total.hexdigest()[:16]


def environment(database_url: str, **more: str) -> dict[str, str]:
    """All that a process of the site may know."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "SECRET_KEY", "CODE_PEPPER", "HOTLINE", "DEMO", "STAFF_SECOND_FACTOR")
    own = {name: os.environ[name] for name in kept if name in os.environ}
    return own | {
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": database_url,
        "MIGRATION_DATABASE_URL": database_url,
        "SECURE_COOKIES": "0",
        "STRIPE_SECRET_KEY": "sk_test_browser",
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "LOG_LEVEL": "WARNING",
        **more,
    }


# ---- the seeded database


def seeded(server: str, migrated: str, named: Any) -> tuple[str, dict[str, Any]]:
    """A database with the demo's data to copy from, and what `demo.json` says. Made once, kept as a comment on it."""
    name = f"seeded_{fingerprint()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(4712)")
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if found is None:
            _forget_older(connection)
            half = f"half_{secrets.token_hex(4)}"
            connection.execute("SELECT pg_advisory_lock(4711)")
            connection.execute(f'CREATE DATABASE "{half}" TEMPLATE "{migrated}"')  # type: ignore[call-overload]
            connection.execute("SELECT pg_advisory_unlock(4711)")
            try:
                told = _seed(named(server, half))
            except BaseException:
                connection.execute(f'DROP DATABASE "{half}" WITH (FORCE)')  # type: ignore[call-overload]
                raise
            literal = json.dumps(told).replace("'", "''")
            connection.execute(f"COMMENT ON DATABASE \"{half}\" IS '{literal}'")  # type: ignore[call-overload]
            connection.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')  # type: ignore[call-overload]
            return name, told
        return name, json.loads(found[0])


def _forget_older(connection: psycopg.Connection[Any]) -> None:
    rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'seeded_%'").fetchall()
    for (name,) in rows:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[call-overload]


def _seed(database_url: str) -> dict[str, Any]:
    target = ROOT / "instance" / f"seed-{secrets.token_hex(4)}.json"
    target.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "demo.seed", "--write", str(target)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(database_url), capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, f"the demo's data could not be laid: {done.stderr[-4000:]}"
    told: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    target.unlink()
    return told


# ---- the site


@dataclass
class Site:
    """A running site. `base`: its address; `stripe`: the stand-in; `demo`: what `demo.json` says."""

    base: str
    database_url: str
    stripe: Running
    mails: Path
    demo: dict[str, Any]
    variables: dict[str, str]
    family: Family
    taken: set[str] = field(default_factory=set)

    def sign_in(self, role: str, organisation: str = "") -> dict[str, str]:
        """Somebody of this role, with e-mail and password."""
        fitting = (s for s in self.demo["sign_ins"] if s["role"] == role and organisation in ("", s["organisation"]))
        return dict(next(fitting))

    def voucher(self, programme: str, cents: int) -> dict[str, Any]:
        """A fresh voucher of the demo that no other test has taken, of exactly `cents`."""
        for voucher in self.demo["vouchers"]:
            if voucher["programme"] == programme and voucher["cents"] == cents and voucher["token"] not in self.taken:
                self.taken.add(voucher["token"])
                return dict(voucher)
        raise AssertionError(f"no fresh voucher of {programme} over {cents} cents is left")

    def address(self, name: str) -> str:
        """A mail address that nobody else has."""
        return f"{name}-{secrets.token_hex(3)}@example.org"

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the books."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(sql, values or None).fetchall()  # type: ignore[call-overload,no-any-return]

    def flask(self, *command: str) -> str:
        """A command of the application; fails with what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=ROOT,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"flask {' '.join(command)}:\n{done.stdout}{done.stderr[-3000:]}"
        return done.stdout

    def all_letters(self) -> list[Letter]:
        """Every mail so far, the newest first."""
        return newest(self.mails)

    def letters(self, to: str) -> list[Letter]:
        """Mails to an address, the oldest first."""
        return [letter for letter in reversed(newest(self.mails)) if letter.to == to]

    def letter(self, to: str, subject: str) -> Letter:
        """The latest mail to an address whose subject holds these words; waits until the worker has sent it."""
        found = wait_for(lambda: [x for x in self.letters(to) if subject in x.subject], f"a mail „{subject}“ to {to}")
        return found[-1]


def wait_for(look: Any, what: str, seconds: float = PATIENCE) -> Any:
    """Look again and again until there is something to see."""
    until = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < until, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.1)


def _ready(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/readyz", timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException, urllib.error.HTTPError):
        return False


@contextmanager
def live(database_url: str, folder: Path, told: dict[str, Any]) -> Iterator[Site]:
    """Everything up; whatever happens, everything down again."""
    port = free_port()
    base, mails = f"http://127.0.0.1:{port}", folder / "mail"
    mails.mkdir(parents=True)
    family = Family(folder, lambda: False)
    with running(f"{base}/hooks/stripe", WEBHOOK_SECRET, deliver=True, mailbox=str(mails)) as stripe:
        variables = environment(
            database_url,
            BASE_URL=base,
            BIND=f"127.0.0.1:{port}",
            MAIL_URL=f"maildir:{mails}",
            STRIPE_API_BASE=stripe.base,
            PROXIES="1",  # every visitor comes with an address of its own, so that limits count each alone
            WEB_THREADS="4",
        )
        python = [sys.executable, "-m"]
        try:
            gunicorn = ["gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "--chdir", str(ROOT), "wsgi:app"]
            family.start("web server", [*python, *gunicorn], variables)
            family.start("job worker", [*python, "flask", "--app", "wsgi", "jobs", "work"], variables)
            family.start("sealer", [*python, "flask", "--app", "wsgi", "money", "seal"], variables)

            def up() -> bool:
                family.watch()
                return _ready(base)

            wait_for(up, "the web server")
            yield Site(base, database_url, stripe, mails, told, variables, family)
            family.watch()
        finally:
            family.end()
