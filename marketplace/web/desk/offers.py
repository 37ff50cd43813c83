"""A retailer's offers: list, change, stock, hide, import. Only of the shops in which the person may."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from foundation.database import session, transact
from foundation.errors import Invalid, NotAllowed, NotFound, Refused
from foundation.languages import _
from foundation.security import limit
from marketplace.catalogue import changing, queries
from marketplace.catalogue.changing import OfferUnfit
from marketplace.catalogue.importing import applying
from marketplace.catalogue.importing.reading import MAX_FILE_BYTES
from marketplace.catalogue.models import Offer
from marketplace.shops import directory
from marketplace.web.arguments import clean, read_argument
from marketplace.web.desk.blueprint import pages
from marketplace.web.desk.offer_forms import ImportForm, OfferForm, make_draft_from_form, make_form_values
from people.models import Outlet
from people.web.guards import list_current_outlets, requires

SEE, CHANGE = "offers.see", "offers.change"
STATUSES = ("published", "hidden")
MAX_LINES_SHOWN = 500


def _here(permission: str) -> tuple[Outlet, list[Outlet]]:
    """The shop that `laden` names, or the first, among those with a window in which the person may."""
    requires(permission)()
    shops = directory.load_shops()
    mine = [outlet for outlet in list_current_outlets(permission) if outlet.id in shops]
    if not mine:
        raise NotAllowed(_("Keines Ihrer Geschäfte hat ein Schaufenster auf dem Marktplatz."))
    wanted = request.args.get("laden") or request.form.get("laden")
    if not wanted:
        return mine[0], mine
    chosen = next((outlet for outlet in mine if outlet.slug == wanted), None)
    if chosen is None:
        raise NotFound(_("Dieses Geschäft gehört nicht zu Ihrem Zugang."))
    return chosen, mine


def _own(offer_id: UUID, permission: str) -> tuple[Offer, int | None]:
    """An offer of one of the person's shops; others' do not exist here."""
    requires(permission)()
    mine = {outlet.id for outlet in list_current_outlets(permission)}
    offer = session.get(Offer, offer_id)
    if offer is None or offer.outlet_id not in mine:
        raise NotFound(_("Dieses Angebot gibt es in Ihrem Geschäft nicht."))
    return queries.load_offer_of_outlet(offer_id, offer.outlet_id)


def _cursor(text: str) -> tuple[str, UUID] | None:
    offer, _dot, slug = text.partition(".")
    try:
        return clean(slug, 80), UUID(offer)
    except ValueError:
        return None


@pages.get("/angebote", endpoint="offer_list")
def listing() -> str:
    """All offers of a shop, hidden ones too, by name."""
    outlet, mine = _here(SEE)
    text = read_argument("q")
    status = request.args.get("status", "")
    status = status if status in STATUSES else ""
    after = _cursor(request.args.get("ab", ""))
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
        may_change=outlet.id in {o.id for o in list_current_outlets(CHANGE)},
    )


def _form(offer: Offer | None, outlet: Outlet, values: dict[str, Any], errors: dict[str, Any]) -> str:
    return render_template(
        "marketplace/desk/offers/edit.html",
        offer=offer,
        outlet=outlet,
        values=values,
        errors=errors,
        shelves=[(s.slug, f"– {s.word}" if s.parent else s.word) for s in queries.load_categories().values()],
    )


@pages.get("/angebote/neu", endpoint="offer_new")
def new() -> str:
    """An empty form."""
    outlet, _mine = _here(CHANGE)
    values = {"category_slug": "", "vat_rate_bp": 1900, "status": "published", "kind": "goods", "version": 0}
    return _form(None, outlet, values | {"storage_class": "ambient"}, {})


@pages.post("/angebote/neu", endpoint="offer_create")
@limit("60 per minute")
def create() -> ResponseReturnValue:
    """Add an offer."""
    outlet, _mine = _here(CHANGE)

    def act(values: dict[str, Any]) -> UUID:
        return transact(changing.add, outlet.id, make_draft_from_form(values, None)).id

    return _submitted(None, outlet, act, _("Das Angebot ist angelegt."))


@pages.get("/angebote/<uuid:offer_id>", endpoint="offer_edit")
def edit(offer_id: UUID) -> str:
    """The form of one offer."""
    offer, on_hand = _own(offer_id, CHANGE)
    outlet = session.get_one(Outlet, offer.outlet_id)
    return _form(offer, outlet, make_form_values(offer, on_hand), {})


@pages.post("/angebote/<uuid:offer_id>", endpoint="offer_save")
@limit("60 per minute")
def save(offer_id: UUID) -> ResponseReturnValue:
    """Change an offer."""
    offer, _on_hand = _own(offer_id, CHANGE)
    outlet = session.get_one(Outlet, offer.outlet_id)

    def act(values: dict[str, Any]) -> UUID:
        draft = make_draft_from_form(values, offer)
        return transact(changing.change, offer_id, draft, version=values["version"]).id

    return _submitted(offer, outlet, act, _("Die Änderung ist gespeichert."))


def _submitted(
    offer: Offer | None, outlet: Outlet, act: Callable[[dict[str, Any]], UUID], done: str
) -> ResponseReturnValue:
    typed = request.form.to_dict()
    try:
        saved = act(OfferForm().load(typed))
    except ValidationError as error:
        return _form(offer, outlet, typed, error.normalized_messages()), 422
    except OfferUnfit as error:
        session.rollback()
        return _form(offer, outlet, typed, error.faults), 422
    except Refused as error:
        session.rollback()
        return _form(offer, outlet, typed, {"version": str(error.sentence)}), 409
    queries.count_by_category.forget()
    flash(done, "ok")
    return redirect(url_for("desk.offer_edit", offer_id=saved), 303)


@pages.post("/angebote/<uuid:offer_id>/bestand", endpoint="offer_stock")
@limit("120 per minute")
def stock(offer_id: UUID) -> ResponseReturnValue:
    """Count the shelf anew, from the list."""
    _own(offer_id, CHANGE)
    typed = request.form.get("on_hand", "").strip()
    if typed and not (typed.isdecimal() and len(typed) <= 7):
        raise Invalid(_("Bitte eine ganze Zahl, oder nichts, wenn nicht gezählt wird."), field="on_hand")
    transact(changing.set_stock, offer_id, int(typed) if typed else None)
    return _back(_("Der Bestand ist gespeichert."))


@pages.post("/angebote/<uuid:offer_id>/verbergen", endpoint="offer_hide")
def hide(offer_id: UUID) -> ResponseReturnValue:
    """Take it off the marketplace."""
    _own(offer_id, CHANGE)
    transact(changing.hide, offer_id)
    return _back(_("Das Angebot wird nicht mehr gezeigt."))


@pages.post("/angebote/<uuid:offer_id>/zeigen", endpoint="offer_publish")
def publish(offer_id: UUID) -> ResponseReturnValue:
    """Show it again."""
    _own(offer_id, CHANGE)
    transact(changing.publish, offer_id)
    return _back(_("Das Angebot wird wieder gezeigt."))


def _back(sentence: str) -> ResponseReturnValue:
    queries.count_by_category.forget()
    flash(sentence, "ok")
    kept_filters = {name: request.form[name][:100] for name in ("laden", "q", "status", "ab") if request.form.get(name)}
    return redirect(url_for("desk.offer_list", **kept_filters), 303)  # type: ignore[arg-type]


@pages.get("/angebote/import", endpoint="import_start")
def start_import() -> str:
    """Choose a file."""
    outlet, mine = _here(CHANGE)
    return _import_form(outlet, mine, {}, {})


def _import_form(outlet: Outlet, mine: list[Outlet], values: dict[str, str], errors: dict[str, Any]) -> str:
    return render_template(
        "marketplace/desk/offers/start_import.html",
        outlet=outlet,
        outlets=mine,
        shop_options=[(o.slug, o.name) for o in mine],
        values=values,
        errors=errors,
        shelves=[(s.slug, f"– {s.word}" if s.parent else s.word) for s in queries.load_categories().values()],
    )


@pages.post("/angebote/import", endpoint="import_upload")
@limit("20 per minute")
def upload() -> ResponseReturnValue:
    """Keep the file and show what it would do."""
    outlet, mine = _here(CHANGE)
    file, typed = request.files.get("file"), request.form.to_dict()
    try:
        if file is None or not file.filename:
            raise Invalid(_("Bitte wählen Sie eine Datei."), "file_missing")
        content = file.read(MAX_FILE_BYTES + 1)
        kept_upload, _plan = transact(
            applying.keep_upload,
            outlet.id,
            filename=file.filename,
            content=content,
            defaults=ImportForm().defaults(typed),
        )
    except ValidationError as error:
        return _import_form(outlet, mine, typed, error.normalized_messages()), 422
    except Invalid as error:
        session.rollback()
        return _import_form(outlet, mine, typed, {"file": str(error.sentence)}), 422
    return redirect(url_for("desk.import_preview", upload_id=kept_upload.id, laden=outlet.slug), 303)


@pages.get("/angebote/import/<uuid:upload_id>", endpoint="import_preview")
def preview(upload_id: UUID) -> str:
    """What the file would do, line by line, before anything is done; afterwards what was done."""
    outlet, _mine = _here(CHANGE)
    kept_upload = applying.load_upload(outlet.id, upload_id)
    plan = None if kept_upload.result is not None else applying.preview_upload(kept_upload)
    order = {"wrong": 0, "add": 1, "change": 1, "skip": 2, "same": 3}
    entries = sorted(plan.entries, key=lambda e: (order[e.action], e.line)) if plan else []
    return render_template(
        "marketplace/desk/offers/preview.html",
        outlet=outlet,
        upload=kept_upload,
        plan=plan,
        entries=entries[:MAX_LINES_SHOWN],
        hidden_lines=max(0, len(entries) - MAX_LINES_SHOWN),
        result=kept_upload.result,
    )


@pages.post("/angebote/import/<uuid:upload_id>", endpoint="import_apply")
@limit("20 per minute")
def apply(upload_id: UUID) -> ResponseReturnValue:
    """Take the list over, all of it or its good lines."""
    outlet, _mine = _here(CHANGE)
    only_good = request.form.get("only_good") == "1"
    try:
        transact(applying.apply_upload, outlet.id, upload_id, only_good=only_good)
        flash(_("Die Liste ist übernommen."), "ok")
    except (Invalid, Refused) as error:
        session.rollback()
        flash(str(error.sentence), "bad")
    return redirect(url_for("desk.import_preview", upload_id=upload_id, laden=outlet.slug), 303)
