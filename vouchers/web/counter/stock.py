"""The cards at a counter: what is on the way, what is there."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import DomainError
from foundation.languages import _
from foundation.wiring import audience
from people.web.guards import requires
from vouchers.cards import movements, numbers, queries
from vouchers.cards.movements import CardMove
from vouchers.cards.states import CardMovementKind
from vouchers.web.counter import place

pages = audience("counter_stock", __name__, guard=requires(place.PERMISSION), url_prefix="/schalter/bestand")


@pages.get("")
def stock() -> str:
    """Show how many cards are there, and which were sent."""
    counter = place.find_counter()
    coming = [
        (numbers.format_number(first), numbers.format_number(last), n)
        for first, last, n in queries.list_ranges_on_the_way(counter.id)
    ]
    return render_template(
        "vouchers/counter/stock/stock.html",
        counter=counter,
        stock=queries.count_stock(counter.id),
        coming=coming,
        address=place.find_link_values(counter),
    )


@pages.post("/angekommen")
def receive() -> Response:
    """Note that these cards have arrived."""
    counter, form = place.find_counter(), request.form
    try:
        count = transact(
            movements.move_cards,
            CardMove(
                CardMovementKind.RECEIVED, form.get("first", "")[:40], form.get("last", "")[:40], counter_id=counter.id
            ),
            issuer_id=counter.issuer_id,
            by=f"person:{place.require_clerk().id}",
        )
        flash(_("%(n)s Karten liegen jetzt im Bestand.", n=count), "ok")
    except DomainError as error:
        flash(str(error.sentence), "bad")
    return redirect(url_for("counter_stock.stock", **place.find_link_values(counter)), 303)  # type: ignore[arg-type]
