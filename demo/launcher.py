"""`make demo`: everything on this machine with one command, and everything ended with one key.

python -m demo.launcher           HOST, PORT, RESET=1 and DATABASE_URL from the environment
python -m demo.launcher --clean   end the databases in instance/ and remove all it holds
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.parse import urlsplit

import psycopg

from demo.address import Address, nearby, wanted
from demo.keys import keys
from demo.parent import Parent
from demo.processes import Failed, Family, Stop, end_leftovers
from foundation.postgres import PostgresError, Server

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "marktplatz"
PASSED_ON = (
    "HOTLINE",
    "REGION_NAME",
    "LOG_LEVEL",
    "MAIL_SENDER",
    "PROXIES",
    "SECURE_COOKIES",
    "DATABASE_ROLE",
    "STAFF_SECOND_FACTOR",
)
READY_SECONDS = 60
TEMPORARY = ("demo.json", "done.json", "processes.json", "secrets.env")


def say(text: str = "") -> None:
    """A line for the person who watches; a closed terminal must not keep us from cleaning up."""
    try:
        print(text, flush=True)
    except OSError:
        return


class Demo:
    """One run of the demo."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.given = environment
        self.instance = ROOT / "instance"
        self.signal = 0
        self.parent = Parent(environment)
        self.family = Family(self.instance, lambda: bool(self.signal) or self.parent.wants_us_to_stop())
        self.server: Server | None = None
        self.began = time.monotonic()

    # ---- the way up

    def run(self) -> int:
        """Start everything, wait until somebody ends it, end everything. Returns the exit code."""
        self._listen()
        lock = self._only_one()
        try:
            address = self._prepare()
            environment = self._environment(address)
            self._fill(environment, address)
            self._serve(environment, address)
            self._wait_ready(address)
            self._work(environment)
            self._greet(environment)
            while True:
                self.family.pause(0.2)
                self.family.watch()
        except Stop:
            say("\nEnding ...")
            return 0
        except (Failed, PostgresError) as failure:
            say(f"\n{failure}\n")
            return 1
        finally:
            self._down()
            lock.close()

    def _listen(self) -> None:
        def note(number: int, frame: FrameType | None) -> None:
            self.signal = number

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup
            signal.signal(number, note)

    def _only_one(self) -> IO[str]:
        """One demo per folder."""
        self.instance.mkdir(exist_ok=True)
        lock = (self.instance / "demo.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "somewhere"
            say(f"A demo of this folder is running already ({holder}). End it there with Ctrl-C first.")
            raise SystemExit(1) from None
        return lock

    def _prepare(self) -> Address:
        """What must be right before anything is started."""
        if end_leftovers(self.instance):
            say("Ended what was left of a demo that had been killed.")
        address = wanted(self.given.get("HOST") or "127.0.0.1", self.given.get("PORT") or "8000")
        with (self.instance / "demo.lock").open("w") as noted:
            noted.write(f"process {os.getpid()}, {address.url}\n")
        if self.given.get("RESET", "") not in ("", "0"):
            if self.given.get("DATABASE_URL"):
                raise Failed("RESET=1 empties the embedded database only. Empty your own one yourself.")
            clear(self.instance)
            self._step("Reset", "starting afresh")
        return address

    def _environment(self, address: Address) -> dict[str, str]:
        """All that the processes may know. Nothing of the caller's shell but what is named here."""
        embedded = not self.given.get("DATABASE_URL")
        data = self.instance / "postgres" / "data"
        own = {name: self.given[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in self.given}
        base = (self.given.get("BASE_URL") or address.url).rstrip("/")
        standin = nearby(address, 20)
        environment = {
            **own,
            **keys(self.instance / "secrets.env", data_exist=embedded and data.exists()),
            "PYTHONUNBUFFERED": "1",
            "BIND": address.bind,
            "BASE_URL": base,
            "MAIL_URL": f"maildir:{self.instance / 'mail'}",
            "STRIPE_API_BASE": standin.url,
            "STANDIN_HOST": standin.host,
            "STANDIN_PORT": str(standin.port),
            "STANDIN_BASE": f"http://{urlsplit(base).hostname}:{standin.port}",
            "DEMO": "1",
            "HOTLINE": "02541 5550300",  # invented, like the shops
            "SECURE_COOKIES": "0",  # plain http on this machine
            "STAFF_SECOND_FACTOR": "0",  # who tries the demo signs in with e-mail and password alone
        }
        environment |= {name: self.given[name] for name in PASSED_ON if self.given.get(name)}
        owner, login = self._database() if embedded else self._given_database()
        return environment | {"DATABASE_URL": login, "MIGRATION_DATABASE_URL": owner}

    def _given_database(self) -> tuple[str, str]:
        login = self.given["DATABASE_URL"]
        owner = self.given.get("MIGRATION_DATABASE_URL") or login
        for name, url in (("DATABASE_URL", login), ("MIGRATION_DATABASE_URL", owner)):
            try:
                psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1), connect_timeout=10).close()
            except psycopg.Error as refusal:
                raise Failed(f"The PostgreSQL that {name} names cannot be used: {str(refusal).strip()}") from refusal
        self._step("PostgreSQL", "yours, by DATABASE_URL")
        return owner, login

    def _database(self) -> tuple[str, str]:
        began = time.monotonic()
        self.server = Server(self.instance / "postgres", die_with_parent=True)
        self.server.start()
        if not self.server.has_database(DATABASE):
            (self.instance / "done.json").unlink(missing_ok=True)
            self.server.create_database(DATABASE)
        self._step("PostgreSQL", f"runs ({time.monotonic() - began:.1f} s)")
        self.family.pause(0)
        return self.server.urls(DATABASE)

    def _fill(self, environment: dict[str, str], address: Address) -> None:
        """Migrations and demo data; both are left out when nothing about them has changed."""
        done, target = self.instance / "done.json", self.instance / "demo.json"
        fingerprint = {"sources": sources(), "base_url": environment["BASE_URL"]}
        if self.server and target.exists() and done.exists() and json.loads(done.read_text()) == fingerprint:
            self._step("Tables and demo data", "are up to date")
            return
        began = time.monotonic()
        self.family.run("migrations", [sys.executable, "-m", "flask", "db", "upgrade"], environment)
        self._step("Tables", f"are up to date ({time.monotonic() - began:.1f} s)")
        if importlib.util.find_spec("demo.seed") is None:
            return
        began = time.monotonic()
        self._step("Demo data", "are being written (about a minute, once) ...")
        self.family.run("seed", [sys.executable, "-m", "demo.seed", "--write", str(target)], environment)
        done.write_text(json.dumps(fingerprint))
        self._step("Demo data", f"are there ({time.monotonic() - began:.1f} s)")

    def _serve(self, environment: dict[str, str], address: Address) -> None:
        """What a browser talks to."""
        python, start = sys.executable, self.family.start
        standin = [python, "-m", "demo.stripe_standin", "--host", environment["STANDIN_HOST"]]
        standin += ["--port", environment["STANDIN_PORT"], "--state", str(self.instance / "standin.json")]
        standin += [
            "--webhook",
            f"{address.url}/hooks/stripe",
            "--secret",
            environment["STRIPE_WEBHOOK_SECRET"],
        ]
        standin += ["--mailbox", str(self.instance / "mail"), "--base", environment["STANDIN_BASE"]]
        standin += ["--merchant", "Marktplatz Münsterland"]
        start("stripe stand-in", standin, environment)
        start("web server", [python, "-m", "gunicorn", "--graceful-timeout", "3", "wsgi:app"], environment)

    def _work(self, environment: dict[str, str]) -> None:
        """What works behind it; started afterwards, so that the first page need not wait for it."""
        for name, command in (("job worker", ["jobs", "work"]), ("sealer", ["money", "seal"])):
            self.family.start(name, [sys.executable, "-m", "flask", *command], environment)

    def _wait_ready(self, address: Address) -> None:
        until = time.monotonic() + READY_SECONDS
        last = "no answer"
        while time.monotonic() < until:
            self.family.watch()
            try:
                with urllib.request.urlopen(f"{address.url}/readyz", timeout=2) as answer:  # noqa: S310
                    if answer.status == 200:
                        return
            except urllib.error.HTTPError as refusal:
                last = f"answer {refusal.code}: {refusal.read(300).decode(errors='replace')}"
            except OSError as refusal:
                last = str(refusal)
            self.family.pause(0.05)
        web = next(child for child in self.family.children if child.name == "web server")
        raise Failed(f"The web server was not ready within {READY_SECONDS} s ({last}). Its log:\n{web.tail()}")

    # ---- the way down

    def _down(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # once is enough: nothing interrupts the cleaning up
        if not self.family.children and not self.server:
            return
        self.family.end()
        if self.server:
            try:
                self.server.stop()
            except PostgresError as failure:
                say(str(failure))
        say("Everything is ended.")

    # ---- words

    def _step(self, what: str, how: str) -> None:
        say(f"  {what:<22}{how}")

    def _greet(self, environment: dict[str, str]) -> None:
        self._step("Web server", f"ready after {time.monotonic() - self.began:.1f} s")
        say(f"\nOpen     {environment['BASE_URL']}")
        say(f"Mails    {environment['STANDIN_BASE']}/_mail")
        try:
            shown = json.loads((self.instance / "demo.json").read_text())
        except (OSError, ValueError):
            shown = {}
        if shown.get("sign_ins"):
            say("\nSign in as")
        for entry in shown.get("sign_ins", []):
            say(f"  {entry['role']:<18}{entry['email']:<42}{entry['password']}")
        say("\nVouchers, tills and shops: instance/demo.json. Logs: instance/logs.")
        say("Ctrl-C ends everything.")


def sources() -> str:
    """A fingerprint of all that decides about tables and demo data."""
    total = hashlib.sha256()
    for folder in ("migrations", "demo", "foundation", "people", "money", "vouchers", "marketplace"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                total.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return total.hexdigest()


def clear(instance: Path) -> None:
    """Remove what a demo made: database, secrets, mails, logs. What others put into the folder stays."""
    Server(instance / "postgres").remove()
    for name in TEMPORARY:
        (instance / name).unlink(missing_ok=True)
    for path in instance.glob("standin.json*"):
        path.unlink()
    for name in ("mail", "logs"):
        shutil.rmtree(instance / name, ignore_errors=True)


def clean() -> int:
    """For `make clean`: databases of the tests too."""
    demo = Demo({})
    lock = demo._only_one()
    end_leftovers(demo.instance)
    for data in demo.instance.glob("*/data"):
        Server(data.parent).remove()
    shutil.rmtree(demo.instance)
    lock.close()
    return 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(clean() if "--clean" in sys.argv else Demo(dict(os.environ)).run())
