"""Things done at the same moment, by real threads with sessions of their own."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from flask import Flask

from foundation.database import session

IS_WAITED_FOR = sa.text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
)


def at_once(app: Flask, action: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    """Call `action` with each value in a thread of its own, all released together. Gives back results or exceptions."""
    wanted = list(values)
    results: list[Any] = [None] * len(wanted)
    gate = threading.Barrier(len(wanted))

    def run(place: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                results[place] = action(wanted[place])
            except Exception as error:
                results[place] = error
            finally:
                session.remove()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(wanted))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def after_commit(app: Flask, action: Callable[[], Any]) -> Any:
    """Begin `action` in a thread, commit the present transaction once it waits for that, and give back its result.

    Fails when it does not wait. Nothing depends on a lock timeout, which never comes under libfaketime.
    """
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.extend(at_once(app, lambda _: action(), [None])))
    thread.start()
    while not session.scalar(IS_WAITED_FOR):
        assert thread.is_alive(), f"it did not wait: {results}"
        time.sleep(0.01)
    session.commit()
    thread.join()
    return results[0]
