"""The cards at a counter: what is on the way, what is there."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import DomainError
from foundation.languages import _
from foundation.wiring import audience
from people.web.guards import requires
from vouchers.cards import moving, numbers, queries
from vouchers.web.counter import place

pages = audience("counter_stock", __name__, guard=requires(place.PERMISSION), url_prefix="/schalter/bestand")


@pages.get("")
def stock() -> str:
    """How many cards are there, and which were sent."""
    counter = place.here()
    coming = [(numbers.shown(first), numbers.shown(last), n) for first, last, n in queries.on_the_way(counter.id)]
    return render_template(
        "vouchers/counter/stock/stock.html",
        counter=counter,
        stock=queries.stock_of(counter.id),
        coming=coming,
        address=place.address(counter),
    )


@pages.post("/angekommen")
def receive() -> Response:
    """These cards have arrived."""
    counter, form = place.here(), request.form
    try:
        count = transact(
            moving.move,
            "received",
            form.get("first", "")[:40],
            form.get("last", "")[:40],
            issuer_id=counter.issuer_id,
            counter_id=counter.id,
            by=f"person:{place.me().id}",
        )
        flash(_("%(n)s Karten liegen jetzt im Bestand.", n=count), "ok")
    except DomainError as error:
        flash(str(error.sentence), "bad")
    return redirect(url_for("counter_stock.stock", **place.address(counter)), 303)  # type: ignore[arg-type]
