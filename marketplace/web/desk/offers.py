"""A retailer's offers: list, change, stock, hide. Only of the shops in which the person may."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from foundation.database import transact
from foundation.errors import Refused
from foundation.languages import _
from foundation.security import limit
from marketplace.catalogue import changing, errors, queries
from marketplace.catalogue.categories import count_by_category, list_shelf_options
from marketplace.catalogue.errors import OfferUnfit
from marketplace.catalogue.models import Offer
from marketplace.catalogue.queries import DeskOffer
from marketplace.catalogue.states import OfferKind, OfferStatus, StorageClass
from marketplace.web.arguments import clean, read_cursor
from marketplace.web.desk.blueprint import pages
from marketplace.web.desk.chosen_shop import CHANGE, SEE, choose_shop
from marketplace.web.desk.forms import OfferForm, make_draft_from_form, make_form_values
from people.models import Outlet
from people.web.guards import list_current_outlets, requires


def _own(offer_id: UUID, permission: str) -> DeskOffer:
    """An offer of one of the person's shops; others' do not exist here."""
    requires(permission)()
    return queries.load_desk_offer(offer_id, {outlet.id for outlet in list_current_outlets(permission)})


@pages.get("/angebote", endpoint="offer_list")
def list_offers() -> str:
    """Show all offers of a shop, hidden ones too, by name."""
    return _show_list({})


def _show_list(errors: dict[str, str]) -> str:
    """Show the list as its address filters it, or as the form that was refused on it says."""
    outlet, mine = choose_shop(SEE)
    text = clean(request.values.get("q", ""), 80)
    status = request.values.get("status", "")
    status = status if status in tuple(OfferStatus) else ""
    after = read_cursor("ab")
    rows = queries.list_desk_offers(outlet.id, text=text, status=status, after=after)
    shown = rows[: queries.DESK_PAGE_SIZE]
    kept_filters: dict[str, Any] = {"laden": outlet.slug, "q": text or None, "status": status or None}
    more = None
    if len(rows) > queries.DESK_PAGE_SIZE:
        more = url_for("desk.offer_list", **kept_filters, ab=f"{shown[-1].id}.{shown[-1].slug}")
    return render_template(
        "marketplace/desk/offers/listing.html",
        outlet=outlet,
        outlets=mine,
        shop_options=[(o.slug, o.name) for o in mine],
        kept_values={name: value for name, value in kept_filters.items() if value},
        rows=shown,
        text=text,
        status=status,
        more=more,
        begin=url_for("desk.offer_list", **kept_filters) if after else None,
        errors=errors,
        typed=request.form.get("on_hand"),
        may_change=outlet.id in {o.id for o in list_current_outlets(CHANGE)},
    )


def _form(offer: Offer | None, outlet: Outlet, values: dict[str, Any], errors: dict[str, Any]) -> str:
    return render_template(
        "marketplace/desk/offers/edit.html",
        offer=offer,
        outlet=outlet,
        values=values,
        errors=errors,
        shelves=list_shelf_options(),
    )


@pages.get("/angebote/neu", endpoint="offer_new")
def show_new() -> str:
    """Show an empty form for a new offer."""
    outlet, _mine = choose_shop(CHANGE)
    values = {"category_slug": "", "vat_rate_bp": 1900, "version": 0}
    kinds = {"status": OfferStatus.PUBLISHED, "kind": OfferKind.GOODS, "storage_class": StorageClass.AMBIENT}
    return _form(None, outlet, values | kinds, {})


@pages.post("/angebote/neu", endpoint="offer_create")
@limit("60 per minute")
def create() -> ResponseReturnValue:
    """Add an offer, or show the form again with what is wrong."""
    outlet, _mine = choose_shop(CHANGE)

    def act(values: dict[str, Any]) -> UUID:
        return transact(changing.add, outlet.id, make_draft_from_form(values, None)).id

    return _submitted(None, outlet, act, _("Das Angebot ist angelegt."))


@pages.get("/angebote/<uuid:offer_id>", endpoint="offer_edit")
def edit(offer_id: UUID) -> str:
    """Show the form of one offer as it is now."""
    found = _own(offer_id, CHANGE)
    return _form(found.offer, found.outlet, make_form_values(found.offer, found.on_hand), {})


@pages.post("/angebote/<uuid:offer_id>", endpoint="offer_save")
@limit("60 per minute")
def save(offer_id: UUID) -> ResponseReturnValue:
    """Change an offer, or show the form again with what is wrong."""
    found = _own(offer_id, CHANGE)

    def act(values: dict[str, Any]) -> UUID:
        draft = make_draft_from_form(values, found.offer)
        return transact(changing.change, offer_id, draft, version=values["version"]).id

    return _submitted(found.offer, found.outlet, act, _("Die Änderung ist gespeichert."))


def _submitted(
    offer: Offer | None, outlet: Outlet, act: Callable[[dict[str, Any]], UUID], done: str
) -> ResponseReturnValue:
    typed = request.form.to_dict()
    try:
        saved = act(OfferForm().load(typed))
    except ValidationError as error:
        return _form(offer, outlet, typed, error.normalized_messages()), 422
    except OfferUnfit as error:
        return _form(offer, outlet, typed, error.faults), 422
    except Refused as error:
        return _form(offer, outlet, typed, {"version": str(error.sentence)}), 409
    count_by_category.cache_clear()
    flash(done, "ok")
    return redirect(url_for("desk.offer_edit", offer_id=saved), 303)


@pages.post("/angebote/<uuid:offer_id>/bestand", endpoint="offer_stock")
@limit("120 per minute")
def set_stock(offer_id: UUID) -> ResponseReturnValue:
    """Set how many pieces are on hand, from the list of offers."""
    _own(offer_id, CHANGE)
    typed = request.form.get("on_hand", "").strip()
    if typed and not (typed.isdecimal() and len(typed) <= 7):
        return _show_list({f"s-{offer_id}": str(errors.stock_not_whole().sentence)}), 422
    transact(changing.set_stock, offer_id, int(typed) if typed else None)
    return _back(_("Der Bestand ist gespeichert."))


@pages.post("/angebote/<uuid:offer_id>/verbergen", endpoint="offer_hide")
def hide(offer_id: UUID) -> ResponseReturnValue:
    """Take an offer off the marketplace; it stays on the desk."""
    _own(offer_id, CHANGE)
    transact(changing.hide, offer_id)
    return _back(_("Das Angebot wird nicht mehr gezeigt."))


@pages.post("/angebote/<uuid:offer_id>/zeigen", endpoint="offer_publish")
def publish(offer_id: UUID) -> ResponseReturnValue:
    """Show a hidden offer on the marketplace again."""
    _own(offer_id, CHANGE)
    transact(changing.publish, offer_id)
    return _back(_("Das Angebot wird wieder gezeigt."))


def _back(sentence: str) -> ResponseReturnValue:
    count_by_category.cache_clear()
    flash(sentence, "ok")
    kept_filters = {name: request.form[name][:100] for name in ("laden", "q", "status", "ab") if request.form.get(name)}
    return redirect(url_for("desk.offer_list", **kept_filters), 303)  # type: ignore[arg-type]
