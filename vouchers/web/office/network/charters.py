"""The network charter: proposing another version, and the annex for the supervisory authority."""

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from foundation.languages import _
from foundation.wiring import audience
from people.queries import list_municipalities
from people.web.guards import acting_person_id
from vouchers.network import charter, documents
from vouchers.web.office.network import forms
from vouchers.web.office.network.access import attempt, clerk, programme_here

pages = audience("office_charters", __name__, guard=clerk, url_prefix="/office/programme/<slug>/netzvereinbarung")


@pages.get("")
def propose(slug: str, errors: dict[str, object] | None = None) -> str:
    """Show the form, filled with what is in force."""
    found = programme_here(slug)
    return render_template(
        "vouchers/office/network/charters/propose.html",
        programme=found,
        limits=charter.read_limits(found),
        chosen=request.form.getlist("towns") or list(charter.read_limits(found).towns),
        town_options=[(town.ags, town.name) for town in list_municipalities()],
        errors=errors or {},
        values=request.form,
    )


@pages.post("")
def proposed(slug: str) -> str | Answer | tuple[str, int]:
    """Propose a version of the charter; another person approves it."""
    found = programme_here(slug)
    errors = attempt(forms.CharterForm, charter.propose, found.id, person_id=acting_person_id())
    if errors:
        return propose(slug, errors), 422
    flash(_("Vorgeschlagen. Sie gilt, sobald eine zweite Person sie freigibt."), "ok")
    return redirect(url_for("office_programmes.programme", slug=slug), 303)


@pages.get("/anlage.pdf")
def paper(slug: str) -> Response:
    """Give the annex for the supervisory authority as PDF."""
    found = programme_here(slug)
    name = f"netzvereinbarung-{found.slug}.pdf"
    return Response(
        documents.draw_charter(found),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@pages.get("/anlage.json")
def data(slug: str) -> Response:
    """Give the charter as data; amounts in cents."""
    return jsonify(documents.collect_charter_data(programme_here(slug)))
