"""Cash systems under load: every act has a key, is repeated with it until its answer is definite, and is written down.

The journal is the client's: a line before the first try, a line with the answer, each forced to disk (fsync) before the
next act. What it holds as answered was acknowledged, whatever died meanwhile.
"""

import http.client
import json
import os
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.load.client import Visitor

DONE = (200, 201)
AGAIN = (409, 429, 502, 503, 504)  # 409 in_progress alone; every other 409 is an answer
CHOICES = {"redeem": 5, "part": 2, "void": 2, "hold": 2}
PATIENCE_SECONDS = 180


class Journal:
    """Lines of JSON, on disk before anything else happens."""

    def __init__(self, place: Path) -> None:
        self.file = place.open("ab")
        self.lock = threading.Lock()

    def write(self, **line: Any) -> None:
        """Write one line and force it to disk."""
        with self.lock:
            self.file.write(json.dumps(line).encode() + b"\n")
            self.file.flush()
            os.fsync(self.file.fileno())

    def close(self) -> None:
        """Nothing more is written."""
        self.file.close()


def read_journal(place: Path) -> list[dict[str, Any]]:
    """Read every line of a journal."""
    return [json.loads(line) for line in place.read_bytes().splitlines()]


@dataclass
class Lane:
    """One cash system with vouchers of its own. `tries`: how often something was sent; `open`: never answered."""

    base: str
    bearer: str
    tokens: list[str]
    journal: Journal
    dice: random.Random
    stop: threading.Event
    tries: int = 0
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.base)

    def work(self) -> None:
        """Act until it is asked to stop."""
        while not self.stop.is_set():
            act = self.dice.choices(list(CHOICES), list(CHOICES.values()))[0]
            getattr(self, act)()

    def redeem(self) -> dict[str, Any] | None:
        """Redeem a few cents."""
        wanted = {"token": self.dice.choice(self.tokens), "amount_cents": self.dice.randint(1, 9)}
        return self.ask("redeem", "/redemptions", wanted)

    def part(self) -> None:
        """Redeem, and give a cent back."""
        if taken := self.redeem():
            path = f"/redemptions/{taken['redemption_id']}/refunds"
            self.ask("refund", path, {"amount_cents": 1, "reason": "zu viel"})

    def void(self) -> None:
        """Redeem, and take it back as a whole."""
        if taken := self.redeem():
            self.ask("void", f"/redemptions/{taken['redemption_id']}/void", {"reason": "vertippt"})

    def hold(self) -> None:
        """Set aside, then take it or a part of it, or let it go."""
        wanted = {"token": self.dice.choice(self.tokens), "amount_cents": self.dice.randint(2, 9)}
        if held := self.ask("hold", "/holds", wanted):
            path = f"/holds/{held['hold_id']}"
            if self.dice.random() < 0.3:
                self.ask("release", f"{path}/release", {})
            else:
                self.ask("capture", f"{path}/capture", self.dice.choice([{}, {"amount_cents": 1}]))

    def ask(self, kind: str, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Send it with one key until the answer is definite; gives what was answered, nothing when it was refused."""
        key, until = str(uuid4()), time.monotonic() + PATIENCE_SECONDS
        self.journal.write(key=key, kind=kind, asked=True)
        while time.monotonic() < until:
            status, said = self._send(path, key, body)
            if status in DONE:
                self.journal.write(key=key, kind=kind, done=True, replay=status == 200, answer=said)
                return said
            if status and status < 500 and (status not in AGAIN or said.get("code") not in {"in_progress", "unknown"}):
                self.journal.write(key=key, kind=kind, refused=said.get("code"), status=status)
                return None
            time.sleep(self.dice.uniform(0.05, 0.3))
        self.open.append(key)
        return None

    def _send(self, path: str, key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer; 0 where none came."""
        self.tries += 1
        head = {"Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json", "Idempotency-Key": key}
        try:
            status, text = self.visitor.send("POST", f"/api/v1{path}", json.dumps(body), **head)
            return status, json.loads(text)
        except (OSError, http.client.HTTPException, ValueError):
            self.visitor = Visitor(self.base)
            return 0, {}
