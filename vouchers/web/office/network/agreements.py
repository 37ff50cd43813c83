"""The issuer's agreements with shops: all versions, begin, change, end."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.clock import now
from foundation.languages import _
from foundation.wiring import audience
from people.models import Outlet
from people.web.guards import acting_person_id
from vouchers.network import agreements as actions
from vouchers.network import queries
from vouchers.network.notice import calculate_notice_end
from vouchers.stored_value.models import Acceptance
from vouchers.web.office.network import forms
from vouchers.web.office.network.access import attempt, clerk, programme_here

pages = audience("office_agreements", __name__, guard=clerk, url_prefix="/office/programme/<slug>/geschaefte")
Page = str | Response | tuple[str, int]
BY_ISSUER = ("issuer", "suspension")
RATES = ("0", "7", "19")  # per cent


@pages.get("")
def agreements(slug: str, errors: dict[str, object] | None = None, refused: dict[str, UUID] | None = None) -> str:
    """Show who takes the programme, and who did. `refused`: at which shop which form was, `change` or `end`."""
    found = programme_here(slug)
    rows, present = queries.list_agreements(found.id), now()
    holding = [(row, outlet) for row, outlet in rows if row.valid_until is None or row.valid_until > present]
    return render_template(
        "vouchers/office/network/agreements/agreements.html",
        programme=found,
        holding=holding,
        ended=[pair for pair in rows if pair not in holding],
        shops=[(str(shop.id), f"{shop.name}, {shop.municipality.name}") for shop in queries.list_possible_shops(found)],
        most=found.max_outlets,
        notice=calculate_notice_end(),
        errors=errors or {},
        values=request.form,
        rates=request.form.getlist("vat_rates"),
        rate_options=[(rate, f"{rate} %") for rate in RATES],
        refused=refused or {},
        field_ids=_name_fields(holding, refused or {}),
    )


@pages.post("")
def begin(slug: str) -> Page:
    """Begin an agreement: the shop takes the programme from now on."""
    found = programme_here(slug)
    errors = attempt(forms.BeginForm, actions.begin, found.id, person_id=acting_person_id())
    return _answer(slug, errors, _("Das Geschäft nimmt den Gutschein ab sofort an."))


@pages.post("/<uuid:outlet_id>/aendern")
def change(slug: str, outlet_id: UUID) -> Page:
    """Agree other terms with a shop from now on."""
    found = programme_here(slug)
    errors = attempt(forms.ChangeForm, actions.change, found.id, outlet_id, person_id=acting_person_id())
    return _answer(slug, errors, _("Die neue Fassung gilt ab sofort."), {"change": outlet_id})


@pages.post("/<uuid:outlet_id>/beenden")
def end(slug: str, outlet_id: UUID) -> Page:
    """End an agreement, at once or with notice."""
    found = programme_here(slug)
    if request.form.get("by", "issuer") not in BY_ISSUER:
        return agreements(slug, {"form": _("So endet keine Vereinbarung.")}), 422
    errors = attempt(forms.EndForm, actions.end, found.id, outlet_id, person_id=acting_person_id())
    done = _("Die Vereinbarung ist beendet. Was eingelöst wurde, wird noch ausgezahlt.")
    return _answer(slug, errors, done, {"end": outlet_id})


def _name_fields(rows: list[tuple[Acceptance, Outlet]], refused: dict[str, UUID]) -> dict[str, str]:
    """Name the fields of the row whose form was refused: every row has some of the same name."""
    prefixes = {"change": {"commission": "c", "vat_rates": "v", "reason": "r"}, "end": {"when": "w", "reason": "e"}}
    return {
        name: f"{prefix}-{row.id}"
        for row, outlet in rows
        for act, at in refused.items()
        if at == outlet.id
        for name, prefix in prefixes[act].items()
    }


def _answer(slug: str, errors: dict[str, object], done: str, refused: dict[str, UUID] | None = None) -> Page:
    if errors:
        return agreements(slug, errors, refused), 422
    flash(done, "ok")
    return redirect(url_for("office_agreements.agreements", slug=slug), 303)
