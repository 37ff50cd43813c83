"""Selling a card: which one, for how much, how it was paid; the receipt; taking it back."""

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from foundation import clock
from foundation.database import transact
from foundation.errors import DomainError, Invalid
from foundation.forms import accept_fields
from foundation.http import status_of
from foundation.languages import _
from foundation.security import allow_scanning, limit
from foundation.wiring import audience
from people.web.guards import requires
from vouchers.cards import limits, queries, selling, statements
from vouchers.cards.models import Counter
from vouchers.web.counter import place
from vouchers.web.counter.forms import MAX_NUMBER_CHARACTERS, CardSaleForm

pages = audience("counter", __name__, guard=requires(place.PERMISSION), url_prefix="/schalter")


@pages.get("")
def sell() -> str:
    """Show which card, and what was sold today."""
    if not place.list_own_counters():
        return render_template("vouchers/counter/selling/nowhere.html")
    return _show_start({})


@pages.post("/karte")
@limit("60 per minute")
@accept_fields("card", "stelle")
def card() -> str | tuple[str, int]:
    """The card on the counter: its programme, and the form for amount and payment."""
    counter = place.find_counter()
    try:
        found = selling.look_up_card(counter.id, request.form.get("card", "")[:400])
    except DomainError as error:
        return _show_start({"card": str(error.sentence)}), status_of(error)
    return _show_offer(counter, found.number, {}, str(uuid4()), 200)


@pages.post("/verkauf")
@limit("60 per minute")
@accept_fields(CardSaleForm, "stelle")
def sale() -> str | Response | tuple[str, int]:
    """Activate the card: the money is in the drawer."""
    counter = place.find_counter()
    try:
        wanted = CardSaleForm().load(request.form.to_dict())
        sold = transact(selling.sell_card, counter.id, clerk_id=place.require_clerk().id, **wanted)
    except ValidationError as error:
        return _show_refused(counter, error.normalized_messages())
    except Invalid as error:
        return _show_refused(counter, {str(error.details.get("field", "form")): str(error.sentence)})
    except DomainError as error:
        return _show_start({"card": str(error.sentence)}), status_of(error)
    return redirect(url_for("counter.receipt", sale_id=sold.id), 303)


@pages.get("/verkauf/<uuid:sale_id>")
def receipt(sale_id: UUID) -> str:
    """Show the receipt to print, and for half an hour the way back."""
    mine = {counter.id: counter for counter in place.list_own_counters()}
    sold = queries.load_sale(sale_id, mine)
    return render_template(
        "vouchers/counter/selling/receipt.html",
        sale=sold,
        counter=mine[sold.counter_id],
        programme=sold.card.batch.programme,
        may_undo=sold.undone_at is None and clock.now() - sold.sold_at <= selling.UNDO_TTL,
        address=place.find_link_values(mine[sold.counter_id]),
    )


@pages.post("/verkauf/<uuid:sale_id>/zuruecknehmen")
@accept_fields("reason", "stelle")
def undo(sale_id: UUID) -> Response:
    """Give the money back; the card is destroyed."""
    sold = queries.load_sale(sale_id, [counter.id for counter in place.list_own_counters()])
    reason = request.form.get("reason", "")[:300]
    try:
        transact(
            selling.undo_sale, sale_id, counter_id=sold.counter_id, clerk_id=place.require_clerk().id, reason=reason
        )
        flash(
            _("Der Verkauf ist zurückgenommen. Geben Sie das Geld zurück und legen Sie die Karte zum Vernichten."), "ok"
        )
    except DomainError as error:
        flash(str(error.sentence), "bad")
    return redirect(url_for("counter.receipt", sale_id=sale_id), 303)


def _show_start(errors: dict[str, str]) -> str:
    allow_scanning()
    counter, mine = place.find_counter(), place.list_own_counters()
    today = clock.today()
    return render_template(
        "vouchers/counter/selling/sell.html",
        counter=counter,
        mine=mine,
        choices=[(found.id, found.name) for found in mine],
        stock=queries.count_stock(counter.id),
        sold=statements.list_sold(counter.id, today, today),
        errors=errors,
        address=place.find_link_values(counter),
    )


def _show_refused(counter: Counter, errors: dict[str, Any]) -> tuple[str, int]:
    number = request.form.get("card", "")[:MAX_NUMBER_CHARACTERS]
    return _show_offer(counter, number, errors, request.form.get("key", "")[: selling.MAX_KEY_CHARACTERS], 422)


def _show_offer(counter: Counter, number: str, errors: dict[str, Any], key: str, status: int) -> tuple[str, int]:
    try:
        found = selling.look_up_card(counter.id, number)
    except DomainError as error:
        return _show_start({"card": str(error.sentence)}), status_of(error)
    minimum, maximum = limits.find_amount_range(found.batch.programme)
    page = render_template(
        "vouchers/counter/selling/offer.html",
        counter=counter,
        card=found,
        programme=found.batch.programme,
        face=found.batch.face_cents,
        minimum=minimum,
        maximum=maximum,
        values=request.form,
        errors=errors,
        key=key,
    )
    return page, status
