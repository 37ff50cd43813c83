"""A look from within: the same requests in this process, to count statements and to name where the time goes."""

import cProfile
import importlib
import os
import pstats
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import sqlalchemy as sa
from flask import Flask

from foundation import database
from tests.load.client import Visitor

ROOT = Path(__file__).resolve().parents[2]
MOST_FUNCTIONS = 25
WARM = 6


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that run meanwhile on the application's two engines and past them, without BEGIN and COMMIT."""
    with app.app_context():
        engines = [app.extensions["autocommit_engine"], app.extensions["sqlalchemy"].engine]
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    directly = database.call_directly

    def note_directly(statement: str, values: dict[str, object]) -> Any:
        seen.append(statement)
        return directly(statement, values)

    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    database.call_directly = note_directly
    try:
        yield seen
    finally:
        database.call_directly = directly
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)


class Inside(Visitor):
    """The same visitor without a network."""

    def __init__(self, base: str, app: Flask) -> None:
        super().__init__(base)
        self.base, self.client = base, app.test_client(use_cookies=False)

    def send(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, str]:
        """One request; gives status and text, follows no redirect (its address is in `path`)."""
        given = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **headers}
        answer = self.client.open(urljoin(self.base, path), method=method, data=body, headers=given)
        for line in answer.headers.getlist("Set-Cookie"):
            name, _sign, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        self.path = answer.headers.get("Location", path)
        return answer.status_code, answer.get_data(as_text=True)


def application(environment: dict[str, str]) -> Flask:
    """The application on the measured site's database. Only once in a process: settings are read once."""
    os.environ.update(environment | {"LOG_LEVEL": "ERROR"})
    made: Flask = importlib.import_module("wsgi").app  # it reads the settings when it is imported
    return made


def look(app: Flask, act: Callable[[int, int], Any], *, profiled: bool) -> dict[str, Any]:
    """After some warming up: the statements of one act and, when wished, its profile."""
    for nth in range(WARM):
        act(0, nth)
    with statements(app) as seen:
        act(0, WARM)
    found: dict[str, Any] = {"statements": len(seen)}
    return found | ({"profile": _profile(act)} if profiled else {})


def _profile(act: Callable[[int, int], Any]) -> dict[str, Any]:
    """Own time by package, and the house's functions by cumulative time. A profiler doubles times: read shares."""
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    act(0, WARM + 1)
    profile.disable()
    rows = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # its stub forgets it
    packages: dict[str, float] = {}
    functions = []
    for (file, line, name), (_primitive, calls, own, cumulative, _callers) in rows.items():
        packages[_package(file)] = packages.get(_package(file), 0) + own
        if _package(file) == "house":
            functions.append((cumulative, f"{Path(file).relative_to(ROOT)}:{line} {name}", calls))
    whole = sum(packages.values()) or 1
    shares = sorted(packages.items(), key=lambda pair: -pair[1])
    return {
        "own_time_percent": {name: round(100 * own / whole, 1) for name, own in shares if own / whole >= 0.01},
        "cumulative": [
            {"function": name, "percent": round(100 * cumulative / whole, 1), "calls": calls}
            for cumulative, name, calls in sorted(functions, reverse=True)[:MOST_FUNCTIONS]
        ],
    }


def _package(file: str) -> str:
    if "site-packages/" in file:
        return file.split("site-packages/")[1].split("/")[0].removesuffix(".py")
    if file.startswith(str(ROOT / "tests")):
        return "load"
    if file.startswith(str(ROOT / "templates")):
        return "templates"
    return "house" if file.startswith(str(ROOT)) and ".venv" not in file else "python"
