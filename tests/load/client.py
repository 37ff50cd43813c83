"""A browser as small as can be: kept connections, cookies, forms as the page gives them. Eight make the load."""

import http.client
import re
import threading
import time
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
INPUT = re.compile(r"<input\b[^>]*>")
SELECT = re.compile(r'<select\b[^>]*name="([^"]+)".*?</select>', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]+)"')


def attribute(tag: str, name: str) -> str:
    """An attribute of a tag, unescaped; empty when it is not there."""
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


class Visitor:
    """One connection with its cookies."""

    def __init__(self, base: str) -> None:
        self.host = urlsplit(base).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=60)
        self.cookies: dict[str, str] = {}
        self.reconnected = 0
        self.path = "/"
        self.csrf = ""

    def send(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, str]:
        """Send one request; gives status and text, follows no redirect (its address is in `path`)."""
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Host": self.host, **headers}
        answer = self._answer(method, path, body, sent)
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _sign, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        self.path = answer.headers.get("Location", path)
        return answer.status, text

    def _answer(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        """Send it on the kept connection, and once more on a new one when the server had just closed it: idle for its
        five seconds on a busy machine, or a worker that ended after its last request."""
        try:
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.reconnected += 1
            self.connection.close()
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()

    def open(self, path: str) -> str:
        """A page; what is not 200 is an error of the measurement."""
        status, text = self.send("GET", path)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}: {text[:300]}")
        return text

    def fill(self, page: str, action: str, **changes: str) -> str:
        """Fill in and send the form with this action; gives the page that it leads to."""
        form = next(f for f in FORM.findall(page) if attribute(f, "action").startswith(action))
        values = fields(form) | changes
        target = attribute(form, "action")
        header = {"Content-Type": "application/x-www-form-urlencoded"}
        status, text = self.send("POST", target, urlencode(values), **header)
        if status in (302, 303):
            return self.open(self.path)
        raise RuntimeError(f"{target} answered {status}: {' '.join(re.sub('<[^>]+>', ' ', text).split())[:400]}")


def fields(form: str) -> dict[str, str]:
    """What a form would send when nobody changes anything; of each choice the first."""
    values: dict[str, str] = {}
    for tag in INPUT.findall(form):
        name, kind = attribute(tag, "name"), attribute(tag, "type")
        if not name or (kind == "radio" and name in values) or kind in {"submit", "checkbox"}:
            continue
        values[name] = attribute(tag, "value")
    for found in SELECT.finditer(form):
        options = [o for o in OPTION.findall(found[0]) if o]
        if options:
            values[found[1]] = unescape(options[0])
    return values


def at_once(number: int, act: Callable[[int, int], Any], times: int, every: float = 0) -> list[float]:
    """`number` threads call `act(thread, nth)` so often in all; gives the seconds that each call took.

    `every`: seconds from one call of a thread to its next. Whoever is late calls at once, and its time counts from when
    it was due: a server that stands still for a second is seen by all that should have come, not by the few that wait.
    """
    seconds: list[list[float]] = [[] for _thread in range(number)]
    failures: list[BaseException] = []

    def run(thread: int) -> None:
        try:
            first = time.perf_counter() + every * thread / number
            for nth in range(times // number):
                began = time.perf_counter()
                if every:
                    due = first + nth * every
                    time.sleep(max(0, due - began))
                    began = due
                act(thread, nth)
                seconds[thread].append(time.perf_counter() - began)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sorted(s for row in seconds for s in row)
