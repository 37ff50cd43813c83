"""The issuer's office: runs of what lapses, their lots, their document, and giving back."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Answer

from foundation.clock import today
from foundation.database import transact
from foundation.errors import Invalid, NotFound, Refused
from foundation.forms import accept_fields
from foundation.languages import _, lazy
from foundation.wiring import audience
from money.amount import plain
from people.web.guards import acting_person_id, requires
from vouchers.approvals.proposing import MAX_REASON_LENGTH
from vouchers.lapsing import queries, running, undoing
from vouchers.lapsing.states import LapseOutcome
from vouchers.statistics import csv_files
from vouchers.stored_value.states import LotKind
from vouchers.web.fields import read_errors, read_refusal
from vouchers.web.office.access import list_issuers, list_options, list_own_programmes, load_own_programme
from vouchers.web.office.forms import RunForm, UndoForm

PERMISSION = "vouchers.propose"

pages = audience("office_lapse", __name__, guard=requires(PERMISSION), url_prefix="/office/verfall")


@pages.get("")
def runs(errors: dict[str, object] | None = None) -> str:
    """Show all runs, and the form for a new one. The proposed day is the last end of paid value."""
    return render_template(
        "vouchers/office/lapse/runs.html",
        runs=queries.list_runs(list_issuers(PERMISSION)),
        programmes=list_options(list_own_programmes(PERMISSION)),
        kinds=[(kind, queries.LOT_KIND_NAMES[kind]) for kind in LotKind],
        names=queries.LOT_KIND_NAMES,
        last_end=f"{today().year - 1}-12-31",
        values=request.form,
        errors=errors or {},
    )


@pages.post("")
@accept_fields(RunForm)
def propose() -> Answer | tuple[str, int]:
    """Write a run down and propose it."""
    try:
        data = RunForm().load(request.form)
        programme = load_own_programme(data["programme"], PERMISSION)
        transact(
            running.propose,
            programme.id,
            data["kind"],
            data["cutoff"],
            reason=data["reason"],
            person_id=acting_person_id(),
        )
    except ValidationError as error:
        return runs(read_errors(error)), 422
    except Invalid as error:
        return runs(read_refusal(error)), 422
    except Refused as error:
        return runs({"form": str(error.sentence)}), 409
    flash(_("Vorgeschlagen. Sobald eine zweite Person freigibt, wird der Verfall ausgeführt."), "ok")
    return redirect(url_for("office_lapse.runs"), 303)


@pages.get("/<uuid:run_id>")
def run(run_id: UUID, errors: dict[str, object] | None = None) -> str:
    """Show one run: how far it is, by year, its largest lots, what was skipped."""
    found = queries.load_run(run_id, list_issuers(PERMISSION))
    return render_template(
        "vouchers/office/lapse/run.html",
        run=found,
        proposal=queries.load_proposal(found),
        progress=queries.load_progress(run_id),
        years=queries.sum_by_year(run_id),
        items=queries.list_items(run_id),
        skipped=queries.list_items(run_id, outcome=LapseOutcome.SKIPPED),
        reason_of=queries.describe_skip,
        names=queries.LOT_KIND_NAMES,
        errors=errors or {},
        most=MAX_REASON_LENGTH,
    )


@pages.get("/<uuid:run_id>.csv")
def document(run_id: UUID) -> Response:
    """Show the document of a run: every lot, and what became of it."""
    queries.load_run(run_id, list_issuers(PERMISSION))
    head = tuple(
        map(
            str,
            (
                lazy("Gutschein"),
                lazy("Anteil"),
                lazy("Ausgegeben am"),
                lazy("Letzter Tag"),
                lazy("Aufgeschrieben EUR"),
                lazy("Verfallen EUR"),
                lazy("Ergebnis"),
                lazy("Grund"),
            ),
        )
    )
    words = {"open": _("offen"), "lapsed": _("verfallen"), "skipped": _("ausgelassen")}
    rows = (
        (
            item.voucher_id,
            item.lot_id,
            item.issued_on.isoformat(),
            item.legal_end.isoformat(),
            plain(item.cents),
            plain(item.lapsed_cents),
            words[item.outcome],
            queries.describe_skip(item.reason) if item.reason else "",
        )
        for item in queries.stream_items(run_id)
    )
    body = "".join(csv_files.stream_csv(head, rows))
    disposition = f'attachment; filename="verfall-{run_id.hex[-6:]}.csv"'
    return Response(body, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})


@pages.post("/<uuid:run_id>/zuruecknehmen")
@accept_fields(UndoForm)
def undo(run_id: UUID) -> Answer | tuple[str, int]:
    """Propose to give back what lapsed of one lot."""
    queries.load_run(run_id, list_issuers(PERMISSION))
    try:
        data = UndoForm().load(request.form)
        transact(
            undoing.propose, run_id, data["voucher"], data["lot"], reason=data["reason"], person_id=acting_person_id()
        )
    except ValidationError as error:
        return run(run_id, {"form": next(iter(read_errors(error).values()))}), 422
    except (Invalid, NotFound, Refused) as error:
        return run(run_id, {"form": str(error.sentence)}), 422 if isinstance(error, Invalid) else 409
    flash(_("Vorgeschlagen. Eine zweite Person muss freigeben."), "ok")
    return redirect(url_for("office_approvals.worklist"), 303)
