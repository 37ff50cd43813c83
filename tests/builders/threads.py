"""Things done at the same moment, by real threads with sessions of their own."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from foundation.database import session


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
