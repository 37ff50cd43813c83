"""Agreements with other programmes: propose, consent, end. Each side decides with two people."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.languages import _
from foundation.wiring import audience
from people.web.guards import acting_person_id
from vouchers.network import queries, reciprocity
from vouchers.web.office.network import forms
from vouchers.web.office.network.access import attempt, clerk, programme_here

pages = audience("office_partners", __name__, guard=clerk, url_prefix="/office/programme/<slug>/verbund")
Page = str | Response | tuple[str, int]


@pages.get("")
def partners(slug: str, errors: dict[str, object] | None = None) -> str:
    """Show where else the programme is taken, whose vouchers are taken here, and what waits for our consent."""
    found = programme_here(slug)
    others = [other for other in queries.list_launched() if other.id != found.id]
    return render_template(
        "vouchers/office/network/partners/partners.html",
        programme=found,
        rows=queries.list_reciprocities(found.id),
        asked=reciprocity.list_consents_wanted(found.id),
        others=[(str(other.id), f"{other.name} ({other.issuer.name})") for other in others],
        errors=errors or {},
        values=request.form,
    )


@pages.post("")
def propose(slug: str) -> Page:
    """Propose an agreement with another programme."""
    found = programme_here(slug)
    errors = attempt(forms.PartnerForm, _propose, found.id)
    return _answer(slug, errors)


@pages.post("/zustimmen")
def consent(slug: str) -> Page:
    """Propose to consent to what the other side proposed."""
    found = programme_here(slug)
    errors = attempt(forms.PairForm, reciprocity.propose, side=found.id, person_id=acting_person_id())
    return _answer(slug, errors)


@pages.post("/beenden")
def end(slug: str) -> Page:
    """Propose to end an acceptance between two programmes."""
    found = programme_here(slug)
    errors = attempt(forms.PairForm, reciprocity.propose_end, side=found.id, person_id=acting_person_id())
    return _answer(slug, errors)


def _propose(own_id: UUID, *, partner: UUID, direction: str, reason: str) -> None:
    guest_id, host_id = (own_id, partner) if direction == "guest" else (partner, own_id)
    reciprocity.propose(guest_id, host_id, side=own_id, person_id=acting_person_id(), reason=reason)


def _answer(slug: str, errors: dict[str, object]) -> Page:
    if errors:
        return partners(slug, errors), 422
    flash(_("Vorgeschlagen. Es gilt, sobald eine zweite Person es freigibt."), "ok")
    return redirect(url_for("office_partners.partners", slug=slug), 303)
