"""The house as processes that may be killed at any moment: PostgreSQL, web server, job worker, sealer, provider."""

import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from foundation import postgres_remains as remains
from foundation.postgres import Server
from tests.builders.ports import free_port
from tests.load.site import run, settings

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "instance" / "chaos"
NAME = "chaos"
COMMANDS = {
    "web": ("gunicorn", "--graceful-timeout", "2", "wsgi:app"),
    "worker": ("flask", "jobs", "work"),
    "sealer": ("flask", "money", "seal"),
}
TARGETS = ("web worker", "web", "worker", "sealer", "backend", "postmaster")
READY_SECONDS = 120


@dataclass
class House:
    """Everything that runs, and what was done to it. `ended`: processes that ended without being killed."""

    environment: dict[str, str]
    server: Server
    standin: str
    dice: random.Random
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    killed: dict[str, int] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    demo: dict[str, Any] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Where the web server answers."""
        return self.environment["BASE_URL"]

    def start(self, name: str) -> None:
        """Start one of the processes; what it says goes into a file."""
        command = COMMANDS.get(name) or self._provider()
        with (PLACE / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def _provider(self) -> tuple[str, ...]:
        place = self.standin.rpartition(":")[2]
        hook, secret = f"{self.base}/hooks/stripe", self.environment["STRIPE_WEBHOOK_SECRET"]
        state = str(PLACE / "standin.json")
        return ("demo.stripe_standin", "--port", place, "--state", state, "--webhook", hook, "--secret", secret)

    def kill(self, target: str) -> None:
        """Kill -9, and start again what does not come back by itself."""
        self.killed[target] = self.killed.get(target, 0) + 1
        if target in {"backend", "postmaster", "everything of PostgreSQL"}:
            self._kill_database(target)
        else:
            self._kill_process(target)

    def _kill_process(self, target: str) -> None:
        name = target.partition(" ")[0]
        process = self.running[name]
        if target == "web worker":
            children = psutil.Process(process.pid).children()
            if children:
                _kill(self.dice.choice(children))
            return
        for child in psutil.Process(process.pid).children(recursive=True):
            _kill(child)
        process.kill()
        process.wait()
        self.start(name)

    def _kill_database(self, target: str) -> None:
        data = Path(os.path.realpath(self.server.folder / "data"))
        postmaster = remains.find_postmaster(data)
        if postmaster is None:
            return
        children = psutil.Process(postmaster).children()
        if target == "backend":  # its postmaster ends all others and recovers
            backends = [child for child in children if "marktplatz" in _title(child)]
            if backends:
                _kill(self.dice.choice(backends))
            return
        if target != "postmaster":  # nobody may write what lies in its buffers: all die before the postmaster notices
            os.kill(postmaster, signal.SIGSTOP)
            for process in children:
                _kill(process)
        os.kill(postmaster, signal.SIGKILL)
        self.server.stop()
        self.server.start()

    def look_after(self) -> None:
        """Note and start again what ended although nobody killed it."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.ended.append(f"{name} ({process.returncode})")
                self.start(name)

    def wait_ready(self) -> None:
        """Wait until the web server answers and finds its database."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            self.look_after()
            try:
                with urllib.request.urlopen(f"{self.base}/readyz", timeout=3):
                    return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"The web server does not become ready again: see {PLACE}/web.log")

    def owner(self) -> psycopg.Connection[Any]:
        """A connection of the tables' owner."""
        return psycopg.connect(self.environment["MIGRATION_DATABASE_URL"], autocommit=True)

    def ask_provider(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the stand-in behind its own doors: faults, waiting messages."""
        data = None if body is None else json.dumps(body).encode()
        wanted = urllib.request.Request(f"{self.standin}{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(wanted, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def flask(self, *command: str) -> str:
        """What a command of the application prints."""
        return run(self.environment, "flask", *command)

    def close(self) -> None:
        """End everything."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.server.stop()


def _kill(process: psutil.Process) -> None:
    """Kill -9, unless it ended this very moment."""
    with suppress(psutil.NoSuchProcess):
        process.kill()


def _title(process: psutil.Process) -> str:
    """What a process of PostgreSQL says it is doing; nothing when it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def build(seed: int) -> House:
    """Build a house with the demo's data in a database of its own, and start all of it."""
    server = Server(PLACE / "postgres")
    server.remove()
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    server = Server(PLACE / "postgres")
    server.start()
    server.create_database(NAME)
    standin = f"http://127.0.0.1:{free_port()}"
    provider = {
        "STRIPE_API_BASE": standin,
        "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(24)}",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(24)}",
    }
    house = House(settings(free_port(), *server.urls(NAME)) | provider, server, standin, random.Random(seed))
    house.environment["MAIL_URL"] = f"maildir:{PLACE / 'mail'}"
    house.flask("db", "upgrade")
    run(house.environment, "demo.seed", "--write", str(PLACE / "demo.json"))
    house.demo = json.loads((PLACE / "demo.json").read_text(encoding="utf-8"))
    with house.owner() as owner:  # a till that redeems a thousand times a minute would be paused
        owner.execute("UPDATE watch_rule SET effect = 'case' WHERE effect = 'pause'")
    for name in ("provider", *COMMANDS):
        house.start(name)
    house.wait_ready()
    return house
