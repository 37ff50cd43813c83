"""Delivers events to the application: signed, retried, in the background, never with the store's lock held."""

import hashlib
import hmac
import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import balances, tasks
from .shapes import public
from .state import State

Json = dict[str, Any]
# A webhook target: an address, or (in tests of one process) a function of body and headers that gives the status.
Target = str | Callable[[bytes, dict[str, str]], int] | None
_log = logging.getLogger("stripe_standin")
_SENDERS = 4
_TICK = 0.25
_PAUSE = 0.02


def signature(secret: str, body: bytes, moment: int) -> str:
    """Stripe's scheme v1: HMAC-SHA-256 over `timestamp.body`."""
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"


class Dispatcher:
    """Runs due tasks and sends due events. One loop thread, a few senders."""

    def __init__(self, state: State, target: Target, secret: str) -> None:
        self.state = state
        self.target = target
        self.secret = secret
        self._busy: set[str] = set()
        self._stop = threading.Event()
        self._senders = ThreadPoolExecutor(_SENDERS, thread_name_prefix="standin-webhook")
        self._loop = threading.Thread(target=self._run, name="standin-dispatcher", daemon=True)

    def start(self) -> None:
        self._loop.start()

    def stop(self) -> None:
        self._stop.set()
        with self.state.changed:
            self.state.changed.notify_all()
        self._loop.join(timeout=5)
        self._senders.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.run_tasks()
                if self.state.options.deliver and self.target is not None:
                    for delivery_id in self._take(everything=False):
                        self._senders.submit(self._send, delivery_id)
            except Exception:
                _log.exception("dispatcher")
            with self.state.changed:
                self.state.changed.wait(_TICK)
            # Many changes, one look: each look reads all that waits.
            self._stop.wait(_PAUSE)

    def run_tasks(self) -> None:
        with self.state.lock:
            with self.state.work() as work:
                if self.state.options.available_after:
                    balances.refresh(work)
                notes = tasks.due(work)
            for note in notes:
                self._run_task(note)

    def _run_task(self, note: Json) -> None:
        try:
            with self.state.work() as work:
                tasks.run(work, note)
        except Exception:
            _log.exception("task %s", note)
            with self.state.work() as work:
                work.drop(note["id"])

    def flush(self, include_never: bool = False) -> Json:
        """Sends everything that waits, now and one after the other, whatever its time. Gives what became of each."""
        results = []
        for delivery_id in self._take(everything=True, include_never=include_never):
            status = self._send(delivery_id)
            results.append({"status": status, "delivered": status is not None and 200 <= status < 300})
        self._wait_for_senders()
        return {"sent": len(results), "delivered": sum(entry["delivered"] for entry in results), "results": results}

    def _wait_for_senders(self) -> None:
        """What the background had already begun is over, too, when a flush returns."""
        deadline = time.monotonic() + self.state.options.webhook_timeout
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.005)

    def _take(self, everything: bool, include_never: bool = False) -> list[str]:
        """Deliveries to send now, in the order of their time; nobody else takes the same ones."""
        with self.state.lock:
            now = self.state.now()
            waiting = [
                note
                for note in map(self.state.objects.__getitem__, self.state.kinds.get("_delivery", {}))
                if note["id"] not in self._busy
                and (
                    (note["state"] == "due" and (everything or note["due"] <= now))
                    or (include_never and note["state"] == "never")
                )
            ]
            waiting.sort(key=lambda note: note["due"])
            chosen = [note["id"] for note in waiting]
            self._busy.update(chosen)
            return chosen

    def _send(self, delivery_id: str) -> int | None:
        """One delivery; None when nobody answered."""
        try:
            with self.state.lock:
                note = self.state.objects.get(delivery_id)
                if note is None:
                    return None
                event = public(self.state.objects[note["event"]])
            body = json.dumps(event, indent=2).encode()
            status = self._post(body)
            self._note(delivery_id, status)
            return status
        except Exception:
            _log.exception("webhook delivery")
            return None
        finally:
            with self.state.lock:
                self._busy.discard(delivery_id)

    def _post(self, body: bytes) -> int | None:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            # The real time: the application checks the signature's age by its own clock.
            "Stripe-Signature": signature(self.secret, body, int(time.time())),
            "User-Agent": "Stripe/1.0 (stand-in)",
        }
        if self.target is None:
            return None
        if callable(self.target):
            return self.target(body, headers)
        request = urllib.request.Request(self.target, data=body, headers=headers, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=self.state.options.webhook_timeout) as reply:  # noqa: S310
                return int(reply.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return int(refused.code)
        except OSError:
            return None

    def _note(self, delivery_id: str, status: int | None) -> None:
        with self.state.work() as work:
            note = work.get(delivery_id)
            if note is None:
                return
            note["attempts"] += 1
            note["last"] = status
            if status is not None and 200 <= status < 300:
                work.drop(delivery_id)
                event = work.need(note["event"])
                event["_delivered"], event["pending_webhooks"] = True, 0
                return
            waits = self.state.options.retry_waits
            if note["attempts"] > len(waits):
                note["state"] = "failed"
            else:
                note["due"] = self.state.now() + waits[note["attempts"] - 1]
