"""The keeper of a pick-up point: parcels expected, arrived, handed over. Only their own points' parcels."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from foundation.database import transact
from foundation.errors import Invalid, Refused
from foundation.forms import accept_fields
from foundation.languages import _
from foundation.security import allow_scanning, limit
from foundation.wiring import audience
from marketplace.handover.models import HandoverPoint
from marketplace.handover.queries import list_points
from marketplace.orders import codes, handing_over, progress, queries, states
from marketplace.orders.models import Order
from marketplace.web.forms import HandOverForm, load_form_or_refuse, name_errors
from people.web.guards import list_memberships, requires

pages = audience("point", __name__, guard=requires("point.see"), url_prefix="/punkt")


@pages.get("", endpoint="overview")
@limit("120 per minute")
def show_overview() -> ResponseReturnValue:
    """Show all parcels; with `q`, those found by code, number or name. One hit opens at once."""
    points = _mine()
    ids = [point.id for point in points]
    words = request.args.get("q", "")[:80]
    found = queries.find_orders(words, point_ids=ids) if words.strip() else None
    if found and len(found) == 1:
        return redirect(url_for("point.show", order=found[0].id, code=codes.parse_code(words)), 303)
    allow_scanning()
    return render_template(
        "marketplace/point/overview.html",
        points=points,
        words=words,
        found=found,
        parcels=queries.list_parcels(ids),
        given=queries.list_handed_over_today(ids),
        labels=states.LABELS,
        kinds=states.SIGNALS,
    )


@pages.get("/<uuid:order>")
def show(order: UUID) -> str:
    """Show one parcel of this keeper's points."""
    return _page(_own(order), {})


@pages.post("/<uuid:order>/angekommen")
@accept_fields()
def arrive(order: UUID) -> ResponseReturnValue:
    """Mark the parcel as arrived; the shopper gets a mail."""
    requires("handover.confirm")()
    _own(order)
    try:
        transact(progress.mark_arrived, order)
        flash(_("Angekommen. Wer bestellt hat, bekommt jetzt Bescheid."), "ok")
    except Refused as error:
        flash(str(error.sentence), "warn")
    return redirect(url_for("point.overview"), 303)


@pages.post("/<uuid:order>/uebergeben")
@limit("60 per minute")
@accept_fields(HandOverForm)
def hand_over(order: UUID) -> ResponseReturnValue:
    """Give it out by code, or to somebody the keeper checked."""
    requires("handover.confirm")()
    found = _own(order)
    try:
        given = load_form_or_refuse(HandOverForm)
        transact(handing_over.hand_over, order, code=given["code"], seen=given["seen"])
    except (Invalid, Refused) as error:
        return _page(_own(order), name_errors(error)), 422 if isinstance(error, Invalid) else 409
    flash(_("Übergeben: %(number)s.", number=found.number), "ok")
    return redirect(url_for("point.overview"), 303)


def _mine() -> list[HandoverPoint]:
    return list_points({m.organisation_id for m in list_memberships("point.see")})


def _own(order: UUID) -> Order:
    return queries.load_order_at_points([point.id for point in _mine()], order)


def _page(order: Order, errors: dict[str, str]) -> str:
    return render_template(
        "marketplace/point/show.html",
        order=order,
        group=order.group,
        labels=states.LABELS,
        kinds=states.SIGNALS,
        code=request.form.get("code") or codes.parse_code(request.args.get("code", "")) or "",
        errors=errors,
    )
