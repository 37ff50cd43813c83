"""The first page of the checkout: who orders, where and when. Works for guests and without script."""

from typing import Any
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from foundation.database import transact
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from foundation.security import limit
from marketplace.cart.queries import Bag
from marketplace.checkout import steps
from marketplace.checkout.draft import CheckoutDraft, find_draft
from marketplace.checkout.options import list_all_options
from marketplace.handover.places import HandoverPlace
from marketplace.handover.windows import Window
from marketplace.web.forms import (
    ContactForm,
    load_form,
    name_errors,
)
from marketplace.web.storefront.blueprint import pages
from marketplace.web.storefront.cart_cookie import find_current_cart
from marketplace.web.storefront.checkout_flow import lead_back, lead_to, load_current_draft
from people.web.guards import current_person

Choices = list[tuple[Bag, list[tuple[HandoverPlace, list[Window]]]]]


@pages.post("/bestellen", endpoint="checkout_begin")
@limit("60 per minute")
def begin() -> ResponseReturnValue:
    """Go from the basket to the checkout: the goods are held for 15 minutes."""
    cart_id = find_current_cart()
    if cart_id is None:
        flash(_("Ihr Warenkorb ist leer."), "info")
        return lead_to("cart_show")
    try:
        transact(steps.begin, cart_id)
    except Refused as error:
        return lead_back(error, cart_id)
    return lead_to("checkout_where")


@pages.get("/bestellen", endpoint="checkout_where")
def show_where() -> ResponseReturnValue:
    """First page: who, and for each shop where and when."""
    try:
        draft = load_current_draft()
    except (NotFound, Refused):
        return lead_to("cart_show")
    return _where_page(draft, _values(draft), {})


@pages.post("/bestellen/abholung", endpoint="checkout_choose")
@limit("60 per minute")
def choose() -> ResponseReturnValue:
    """Take down the first page. Wrong or gone choices come back with the page as it was filled in."""
    try:
        draft = load_current_draft()
    except (NotFound, Refused):
        return lead_to("cart_show")
    try:
        contact = load_form(ContactForm)
        transact(steps.choose, draft.row.id, chosen=_read_choices(draft), **contact)
    except ValidationError as error:
        return _where_page(load_current_draft(), request.form.to_dict(), error.normalized_messages()), 422
    except Invalid as error:
        return _where_page(load_current_draft(), request.form.to_dict(), name_errors(error)), 422
    except Refused as error:
        if error.code == "window_full":
            full: list[str] = error.details["outlets"]  # type: ignore[assignment]
            named = {f"window-{outlet}": str(error.sentence) for outlet in full}
            return _where_page(load_current_draft(), request.form.to_dict(), named), 409
        return lead_back(error, draft.row.cart_id)
    return lead_to("checkout_pay")


@pages.post("/bestellen/verlassen", endpoint="checkout_leave")
def leave() -> ResponseReturnValue:
    """Go back to the basket; what was held can be sold again."""
    cart_id = find_current_cart()
    draft_id = find_draft(cart_id) if cart_id else None
    if draft_id:
        transact(steps.leave, draft_id)
    return lead_to("cart_show")


def _read_choices(draft: CheckoutDraft) -> dict[UUID, UUID | None]:
    found: dict[UUID, UUID | None] = {}
    for part in draft.parts:
        raw = request.form.get(f"window-{part.bag.outlet.id}", "")
        try:
            found[part.bag.outlet.id] = UUID(raw[:40])
        except ValueError:
            found[part.bag.outlet.id] = None
    return found


def _values(draft: CheckoutDraft) -> dict[str, str]:
    """What the first page is filled in with: what was chosen, else what we know of who is signed in."""
    person = current_person()
    values = {
        "name": draft.row.name or (person.name if person else ""),
        "email": draft.row.email or (person.email if person else ""),
        "phone": draft.row.phone,
    }
    for part in draft.parts:
        if part.window:
            values[f"window-{part.bag.outlet.id}"] = str(part.window.id)
    return values


def _all_at(choices: Choices) -> dict[str, str]:
    """With ?ort=…: the first time at that one place, for each shop that delivers there."""
    wanted = request.args.get("ort", "")
    return {
        f"window-{bag.outlet.id}": str(found[0].id)
        for bag, places in choices
        for place, found in places
        if found and str(place.id) == wanted
    }


def _shared(choices: Choices) -> list[HandoverPlace]:
    """The pick-up points at which everything can be collected at once, when there are several shops."""
    if len(choices) < 2:
        return []
    ids = [{place.id for place, found in places if found} for _bag, places in choices]
    return [place for place, _found in choices[0][1] if place.is_point and place.id in set.intersection(*ids)]


def _where_page(draft: CheckoutDraft, values: dict[str, Any], errors: dict[str, Any]) -> str:
    bags = [part.bag for part in draft.parts]
    choices = list(zip(bags, list_all_options(draft.row.id, bags), strict=True))
    return render_template(
        "marketplace/storefront/checkout/where.html",
        draft=draft,
        choices=choices,
        shared=_shared(choices),
        values=values | (_all_at(choices) if request.method == "GET" else {}),
        errors=errors,
    )
