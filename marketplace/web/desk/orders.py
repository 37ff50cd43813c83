"""A retailer's orders: what is new, what is collected today, accepting, ready, handing over. Only their own shops'."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from foundation.database import transact
from foundation.errors import Invalid, Refused
from foundation.forms import accept_fields
from foundation.languages import _
from foundation.security import allow_scanning, limit
from marketplace.orders import codes, errors, handing_over, progress, queries, states
from marketplace.orders.models import Order
from marketplace.web.desk.blueprint import pages
from marketplace.web.forms import HandOverForm, load_form_or_refuse, name_errors, parse_id
from people.web.guards import list_current_outlets, requires

PERMISSION = "orders.handle"


@pages.get("", endpoint="overview")
def show_overview() -> str:
    """New orders first, then what is collected today."""
    mine = _mine()
    allow_scanning()
    return render_template(
        "marketplace/desk/orders/overview.html",
        outlets=list_current_outlets("desk.see"),
        orders=queries.list_to_do(mine),
        today=queries.list_due_today(mine),
        labels=states.LABELS,
        kinds=states.SIGNALS,
    )


@pages.get("/bestellungen", endpoint="orders_search")
@limit("120 per minute")
def search() -> ResponseReturnValue:
    """Find by code, number or name; without words: what is done. One hit opens at once."""
    mine = _mine()
    words = request.args.get("q", "")[:80]
    found = queries.find_orders(words, outlet_ids=mine) if words.strip() else None
    if found and len(found) == 1:
        code = codes.parse_code(words)
        return redirect(url_for("desk.order_show", order=found[0].id, code=code), 303)
    allow_scanning()
    before = request.args.get("vor")
    return render_template(
        "marketplace/desk/orders/search.html",
        words=words,
        found=found,
        done=queries.list_ended(mine, parse_id(before) if before else None),
        page=queries.PAGE_SIZE,
        labels=states.LABELS,
        kinds=states.SIGNALS,
    )


@pages.get("/bestellungen/<uuid:order>", endpoint="order_show")
def show(order: UUID) -> str:
    """Show one order: what to pack, for when, and the next step."""
    return _page(queries.load_order_at_outlets(_mine(), order), {})


@pages.post("/bestellungen/<uuid:order>/annehmen", endpoint="order_accept")
@accept_fields()
def accept(order: UUID) -> ResponseReturnValue:
    """Accept an order: the shop will prepare it."""
    return _step(
        order, progress.accept, _("Angenommen. Wer bestellt hat, bekommt Bescheid, sobald Sie „Bereit“ melden.")
    )


@pages.post("/bestellungen/<uuid:order>/bereit", endpoint="order_ready")
@accept_fields()
def mark_ready(order: UUID) -> ResponseReturnValue:
    """Mark the order as ready; the shopper gets a mail."""
    return _step(order, progress.mark_ready, _("Bereit gemeldet."))


@pages.post("/bestellungen/<uuid:order>/ablehnen", endpoint="order_reject")
@accept_fields("reason")
def reject(order: UUID) -> ResponseReturnValue:
    """Reject an order that the shop cannot supply; the money goes back."""
    reason = request.form.get("reason", "")[:400]
    return _step(
        order,
        lambda id: progress.reject(id, reason),
        _("Abgelehnt. Wer bestellt hat, bekommt eine Nachricht und das Geld zurück."),
    )


@pages.post("/bestellungen/<uuid:order>/uebergeben", endpoint="order_hand_over")
@limit("60 per minute")
@accept_fields(HandOverForm)
def hand_over(order: UUID) -> ResponseReturnValue:
    """Give it out: by code, or to somebody staff checked; open money is taken first."""
    found = queries.load_order_at_outlets(_mine(), order)
    if found.point_id is not None:
        raise errors.handed_over_at_point()
    try:
        given = load_form_or_refuse(HandOverForm)
        done = transact(handing_over.hand_over, order, **given)
    except (Invalid, Refused) as error:
        return _page(queries.load_order_at_outlets(_mine(), order), name_errors(error)), 422 if isinstance(
            error, Invalid
        ) else 409
    flash(_("Übergeben: %(number)s.", number=found.number), "ok")
    assert done
    return redirect(url_for("desk.order_show", order=order), 303)


def _mine() -> list[UUID]:
    requires(PERMISSION)()
    return [outlet.id for outlet in list_current_outlets(PERMISSION)]


def _step(order: UUID, act: Callable[[UUID], Any], sentence: str) -> ResponseReturnValue:
    queries.load_order_at_outlets(_mine(), order)
    try:
        transact(act, order)
        flash(sentence, "ok")
    except Invalid as error:
        return _page(queries.load_order_at_outlets(_mine(), order), name_errors(error)), 422
    except Refused as error:
        flash(str(error.sentence), "warn")
    return redirect(url_for("desk.order_show", order=order), 303)


def _page(order: Order, errors: dict[str, str]) -> str:
    return render_template(
        "marketplace/desk/orders/show.html",
        order=order,
        group=order.group,
        events=queries.list_events([order.id]).get(order.id, []),
        labels=states.LABELS,
        kinds=states.SIGNALS,
        code=request.form.get("code") or codes.parse_code(request.args.get("code", "")) or "",
        reason=request.form.get("reason", ""),
        errors=errors,
    )
