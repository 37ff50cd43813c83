"""What happens later by itself: a debit becomes final, a session expires, a dispute arrives."""

from collections.abc import Callable
from typing import Any

from . import ids
from .state import Work

Json = dict[str, Any]
_VERBS: dict[str, Callable[[Work, str], None]] = {}
_NEVER = 32_503_680_000  # the year 3000: only /_advance brings it forward


def task(verb: str) -> Callable[[Callable[[Work, str], None]], Callable[[Work, str], None]]:
    """Registers what to do with an object when its time has come."""

    def register(function: Callable[[Work, str], None]) -> Callable[[Work, str], None]:
        _VERBS[verb] = function
        return function

    return register


def later(work: Work, verb: str, object_id: str, seconds: int | None) -> None:
    due = _NEVER if seconds is None else work.now + seconds
    work.add({"object": "_task", "id": ids.new("task"), "verb": verb, "about": object_id, "due": due})


def forget(work: Work, verb: str, object_id: str) -> None:
    for task_id in work.ids("_task"):
        note = work.peek(task_id)
        if note["verb"] == verb and note["about"] == object_id:
            work.drop(task_id)


def due(work: Work) -> list[Json]:
    """Tasks whose time has come, oldest first."""
    now = work.now
    return sorted((note for note in work.all("_task") if note["due"] <= now), key=lambda note: note["due"])


def run(work: Work, note: Json) -> None:
    work.drop(note["id"])
    _VERBS[note["verb"]](work, note["about"])


def hurry(work: Work, verbs: set[str], about: str | None = None) -> int:
    """Runs tasks of these kinds now, whatever their time, also those that only follow from them."""
    done = 0
    while True:
        waiting = [
            note for note in work.all("_task") if note["verb"] in verbs and (about is None or note["about"] == about)
        ]
        if not waiting:
            return done
        for note in waiting:
            run(work, note)
            done += 1
