"""What the stand-in remembers: objects by id, under one lock, in a file that survives kill -9.

Everything is an object with `id` and `object` (its kind), also our own notes (`_delivery`, `_task`, `_key`, `_fault`).
A `Work` is one unit: it hands out copies, and on commit writes what differs as one line of a journal. A torn last line
is ignored at the next start; each start rewrites the journal and swaps it in atomically.
"""

import copy
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .options import Options

Json = dict[str, Any]


class State:
    """The store. Use it through `work()`."""

    def __init__(self, path: Path | None = None, options: Options | None = None) -> None:
        self.options = options or Options()
        self.lock = threading.RLock()
        self.changed = threading.Condition()
        # Where our own pages are reached; known once the server has its port.
        self.base = ""
        self.objects: dict[str, Json] = {}
        self.kinds: dict[str, dict[str, None]] = {}
        self._path = path
        if path:
            self._load(path)
            self._journal = self._rewrite(path)

    @contextmanager
    def work(self, account: str | None = None) -> Iterator["Work"]:
        """One unit of work, alone. Commits at the end; an exception leaves the store as it was."""
        with self.lock:
            unit = Work(self, account)
            yield unit
            unit.commit()

    def offset(self) -> int:
        """Seconds by which /_advance has moved our clock."""
        clock = self.objects.get("_clock")
        return int(clock["offset"]) if clock else 0

    def now(self) -> float:
        return self.options.clock() + self.offset()

    def clear(self) -> None:
        with self.lock:
            self.objects, self.kinds = {}, {}
            if self._path:
                self._journal.close()
                self._journal = self._rewrite(self._path)

    def close(self) -> None:
        with self.lock:
            if self._path:
                self._journal.close()
                self._path = None

    def write(self, put: list[Json], drop: list[str]) -> None:
        """Takes over changed objects: first the file, then memory."""
        if not put and not drop:
            return
        if self._path:
            self._journal.write(json.dumps({"put": put, "drop": drop}, separators=(",", ":")) + "\n")
            self._journal.flush()
        self._apply(put, drop)
        with self.changed:
            self.changed.notify_all()

    def _apply(self, put: list[Json], drop: list[str]) -> None:
        for entry in put:
            self.objects[entry["id"]] = entry
            self.kinds.setdefault(entry["object"], {})[entry["id"]] = None
        for object_id in drop:
            gone = self.objects.pop(object_id, None)
            if gone:
                self.kinds[gone["object"]].pop(object_id, None)

    def _load(self, path: Path) -> None:
        if not path.exists():
            return
        for line in path.read_text("utf-8").splitlines():
            try:
                change = json.loads(line)
            except ValueError:
                continue  # torn by a kill in the middle of a write: that answer never left
            self._apply(change["put"], change["drop"])

    def _rewrite(self, path: Path) -> Any:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        with fresh.open("w", encoding="utf-8") as out:
            for entry in self.objects.values():
                out.write(json.dumps({"put": [entry], "drop": []}, separators=(",", ":")) + "\n")
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)
        return path.open("a", encoding="utf-8")


class Work:
    """One unit of work on the store; also carries who asks (`account`) and on which request."""

    def __init__(self, state: State, account: str | None) -> None:
        self.state = state
        self.account = account
        self.request: Json = {"id": None, "idempotency_key": None}
        self.options = state.options
        self._copies: dict[str, Json] = {}
        self._dropped: set[str] = set()

    @property
    def now(self) -> int:
        return int(self.state.now())

    def get(self, object_id: str | None) -> Json | None:
        """A copy to read or change; changes are written on commit."""
        if object_id is None or object_id in self._dropped:
            return None
        if object_id not in self._copies:
            stored = self.state.objects.get(object_id)
            if stored is None:
                return None
            self._copies[object_id] = copy.deepcopy(stored)
        return self._copies[object_id]

    def need(self, object_id: str | None) -> Json:
        """An object that must exist because another one names it."""
        found = self.get(object_id)
        if found is None:
            raise LookupError(f"stand-in lost {object_id}")
        return found

    def add(self, entry: Json) -> Json:
        self._dropped.discard(entry["id"])
        self._copies[entry["id"]] = entry
        return entry

    def drop(self, object_id: str) -> None:
        self._copies.pop(object_id, None)
        self._dropped.add(object_id)

    def ids(self, kind: str) -> list[str]:
        """Oldest first, those of this unit included."""
        known = self.state.kinds.get(kind, {})
        fresh = [i for i, entry in self._copies.items() if entry["object"] == kind and i not in known]
        return [i for i in known if i not in self._dropped] + fresh

    def peek(self, object_id: str) -> Json:
        """The object without a copy, for reading many; do not change it."""
        return self._copies.get(object_id) or self.state.objects[object_id]

    def all(self, kind: str) -> Iterator[Json]:
        """Every object of a kind, oldest first, to read only."""
        for object_id in self.ids(kind):
            yield self.peek(object_id)

    def rollback(self) -> None:
        self._copies.clear()
        self._dropped.clear()

    def commit(self) -> None:
        stored = self.state.objects
        put = [entry for object_id, entry in self._copies.items() if stored.get(object_id) != entry]
        drop = [object_id for object_id in self._dropped if object_id in stored]
        self.state.write(put, drop)
        self.rollback()
