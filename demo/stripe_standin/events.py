"""Events: a snapshot of what changed, and a note that it has to be delivered."""

import fnmatch
import secrets
from typing import Any

from stripe._api_version import _ApiVersion

from . import ids
from .shapes import blank, public
from .state import Work

Json = dict[str, Any]
API_VERSION = _ApiVersion.CURRENT


def emit(work: Work, kind: str, about: Json, before: Json | None = None) -> Json:
    """Records the event; the dispatcher sends it after the commit."""
    data: Json = {"object": public(about)}
    if before is not None:
        data["previous_attributes"] = before
    event = blank(
        "event",
        id=ids.new("evt"),
        api_version=API_VERSION,
        created=work.now,
        data=data,
        pending_webhooks=1,
        request=dict(work.request),
        type=kind,
        _account=about.get("_account"),
        _delivered=False,
    )
    if about.get("_account"):
        event["account"] = about["_account"]
    work.add(event)
    _queue(work, event)
    return event


def _queue(work: Work, event: Json) -> None:
    from_now, state, copies = 0.0, "due", 1
    for fault in faults_for(work, event["type"]):
        if fault["kind"] == "webhook_never":
            state = "never"
        elif fault["kind"] == "webhook_duplicate":
            copies = max(2, int(fault["copies"]))
        elif fault["kind"] == "webhook_late":
            from_now += float(fault["seconds"])
        elif fault["kind"] == "webhook_shuffled":
            # A place in the disorder; a flush delivers in the order of `due`.
            from_now += float(fault["seconds"]) * secrets.randbelow(1000) / 1000
    for _copy in range(copies):
        work.add(
            {
                "object": "_delivery",
                "id": ids.new("wd"),
                "event": event["id"],
                "due": work.state.now() + from_now,
                "attempts": 0,
                "state": state,
                "last": None,
            }
        )


def faults_for(work: Work, event_type: str) -> list[Json]:
    """The webhook faults that hit this event; counts them down."""
    hit = []
    for fault_id in work.ids("_fault"):
        fault = work.peek(fault_id)
        if not fault["kind"].startswith("webhook_") or not fnmatch.fnmatchcase(event_type, fault["event"]):
            continue
        if fault["left"] is not None and fault["left"] <= 0:
            continue
        own = work.need(fault_id)
        own["used"] += 1
        if own["left"] is not None:
            own["left"] -= 1
        hit.append(own)
    return hit
