"""Programmes of an issuer: the list, one programme with its launch gate as a checklist, the records of the gate."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.clock import today
from foundation.languages import _
from foundation.wiring import audience
from people.web.guards import acting_person_id
from vouchers.approvals import queries as approvals
from vouchers.network import charter, checklist, gate, limits, purpose, queries
from vouchers.network import programmes as actions
from vouchers.network.programmes import ProgrammeDraft
from vouchers.network.states import StepState
from vouchers.sales import conditions
from vouchers.stored_value.models import Programme
from vouchers.web.fields import place
from vouchers.web.office.network import forms
from vouchers.web.office.network.access import attempt, clerk, issuer_here, issuers, programme_here

pages = audience("office_programmes", __name__, guard=clerk, url_prefix="/office/programme")
Page = str | Response | tuple[str, int]


@pages.get("")
def programmes(errors: dict[str, object] | None = None, refused: str | None = None) -> str:
    """Show the programmes of one's issuers, and how far each came. `refused`: at which issuer a new one was."""
    found = queries.list_programmes([issuer.id for issuer in issuers()])
    return render_template(
        "vouchers/office/network/programmes/programmes.html",
        issuers=issuers(),
        rows=[
            (programme, _state(programme), checklist.list_steps(programme), _count_use(programme))
            for programme in found
        ],
        errors=errors or {},
        refused=refused,
        values=request.form,
    )


@pages.post("/neu/<slug>")
def create(slug: str) -> Page:
    """Create a programme of an issuer. It is a draft until it has passed the gate."""
    errors = attempt(forms.NewForm, _create, issuer_here(slug).id)
    if errors:
        return programmes(place(errors, {name: f"{name}-{slug}" for name in ("name", "slug", "wording")}), slug), 422
    flash(_("Angelegt. Als Nächstes schlagen Sie die Netzvereinbarung vor."), "ok")
    return redirect(url_for("office_programmes.programme", slug=request.form["slug"].strip()), 303)


def _create(issuer_id: UUID, *, slug: str, name: str, wording: str) -> None:
    actions.create(issuer_id, ProgrammeDraft(slug=slug.strip(), name=name.strip(), wording=wording.strip()))


@pages.get("/<slug>")
def programme(slug: str, errors: dict[str, object] | None = None) -> str:
    """Show one programme: what is missing before it may be sold, what bounds it, who stands for it."""
    found = programme_here(slug)
    versions, steps = queries.list_charters(found.id), checklist.list_steps(found)
    people = {person for row in versions for person in (row.proposed_by, row.approved_by)}
    return render_template(
        "vouchers/office/network/programmes/programme.html",
        programme=found,
        state=_state(found),
        steps=steps,
        ready=all(step.state == StepState.DONE for step in steps),
        limits=charter.describe_limits(charter.read_limits(found)),
        versions=versions,
        names=queries.load_person_names(people | {step.by for step in steps if step.by}),
        used=_count_use(found),
        waiting=approvals.count_waiting(found.issuer_id, found.id),
        draft=(conditions.VERSION, conditions.build_text(found)),
        errors=errors or {},
        values=request.form,
    )


@pages.post("/<slug>/bedingungen")
def terms(slug: str) -> Page:
    """Record a text that buyers or shops agree to."""
    return _gate(slug, forms.TermsForm, gate.record_terms, _("Der Text ist hinterlegt."))


@pages.post("/<slug>/steuer")
def vat(slug: str) -> Page:
    """Record that the tax side was signed off."""
    return _gate(slug, forms.NoteForm, gate.record_vat, _("Die steuerliche Freigabe ist hinterlegt."))


@pages.post("/<slug>/aufsicht")
def supervision(slug: str) -> Page:
    """Record the position of the supervisory authority."""
    return _gate(slug, forms.PositionForm, gate.record_supervision, _("Die Position der Aufsicht ist hinterlegt."))


@pages.post("/<slug>/verkaufen")
def launch(slug: str) -> Page:
    """Put a programme on sale once its gate is complete."""
    return _gate(slug, forms.NetworkForm, gate.launch, _("Der Gutschein wird ab jetzt verkauft."))


@pages.post("/<slug>/anhalten")
def stop(slug: str) -> Page:
    """Take a programme off sale; its vouchers stay good."""
    return _gate(slug, forms.StopForm, gate.stop, _("Der Verkauf ist angehalten. Verkaufte Gutscheine gelten weiter."))


def _gate(slug: str, form: type[forms.NetworkForm], act: Callable[..., object], done: str) -> Page:
    errors = attempt(form, act, programme_here(slug).id, person_id=acting_person_id())
    if errors:
        return programme(slug, errors), 422
    flash(done, "ok")
    return redirect(url_for("office_programmes.programme", slug=slug), 303)


def _state(found: Programme) -> tuple[str, str]:
    if found.on_sale and purpose.find_single_purpose([found.id]):
        return "bad", _("gesperrt: Einzweck-Gutschein")
    if found.on_sale:
        return "ok", _("wird verkauft")
    return ("off", _("Verkauf angehalten")) if found.launched_at else ("wait", _("in Vorbereitung"))


def _count_use(found: Programme) -> tuple[int, int]:
    """Shops that take it now, and cents sold this month."""
    return len(queries.list_network_shops(found.id)), limits.sum_sold(found.id, limits.first_of_month(today()))
