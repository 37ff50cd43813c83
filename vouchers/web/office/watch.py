"""The office: what the watch found, shops whose payout waits, and the decisions."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import Invalid, NotAllowed, Refused
from foundation.forms import accept_fields
from foundation.languages import _
from foundation.wiring import audience
from people.web.guards import acting_person_id, require_fresh_sign_in, requires
from vouchers.watch import cases, holds, queries, rules
from vouchers.watch.states import CaseState
from vouchers.web.fields import place, read_refusal

PERMISSION = queries.PERMISSION
_holds = requires(PERMISSION)


def watcher() -> None:
    """A guard for those who hold the permission; whoever decides lets money go, and has signed in lately."""
    _holds()
    if request.method == "POST":
        require_fresh_sign_in()


watcher.permission = PERMISSION  # type: ignore[attr-defined]
pages = audience("office_watch", __name__, guard=watcher, url_prefix="/office/auffaelligkeiten")


@pages.get("")
def worklist(errors: dict[str, object] | None = None) -> str:
    """Open cases, holds, what was decided, and the rules with their numbers."""
    sight = queries.load_sight(acting_person_id())
    return render_template(
        "vouchers/office/watch/worklist.html",
        cases=queries.list_cases(sight, open_ones=True),
        decided=queries.list_cases(sight, open_ones=False),
        holds=queries.list_open_holds(sight),
        rules=rules.list_rules(),
        names=rules.RULE_NAMES,
        notes=rules.RULE_NOTES,
        errors=errors or {},
        values=request.form,
        most=holds.MAX_NOTE_LENGTH,
    )


@pages.post("/<uuid:case_id>")
def decide(case_id: UUID) -> Response | tuple[str, int]:
    """Harmless or confirmed, with a note."""
    note = request.form.get("note", "")[: holds.MAX_NOTE_LENGTH + 1]
    return _do(
        lambda: transact(cases.decide, case_id, acting_person_id(), state=_state(), note=note),
        _("Entschieden."),
        f"n-{case_id}",
    )


@pages.post("/auszahlung/<uuid:hold_id>")
@accept_fields("note")
def release(hold_id: UUID) -> Response | tuple[str, int]:
    """Let a shop be paid again."""
    note = request.form.get("note", "")[: holds.MAX_NOTE_LENGTH + 1]
    return _do(
        lambda: transact(holds.release_hold, hold_id, acting_person_id(), note=note),
        _("Das Geschäft wird wieder ausgezahlt."),
        f"h-{hold_id}",
    )


def _state() -> CaseState:
    """What was decided; anything else leaves the case open, which deciding refuses."""
    state = request.form.get("state", "")
    return CaseState(state) if state in set(CaseState) else CaseState.OPEN


def _do(action: Callable[[], None], done: str, note_id: str) -> Response | tuple[str, int]:
    try:
        action()
    except Invalid as error:
        return worklist(place(read_refusal(error), {"note": note_id})), 422
    except (NotAllowed, Refused) as error:
        return worklist({"form": str(error.sentence)}), 403 if isinstance(error, NotAllowed) else 409
    flash(done, "ok")
    return redirect(url_for("office_watch.worklist"), 303)
