"""How cards and counters plug into the application."""

from flask import Flask

from vouchers.cards import counters, models, numbers, proof, telling


def plug(app: Flask) -> None:
    """Register tables, sentences, proofs and a filter of templates. Pages: `web.counter.wiring`."""
    assert models
    proof.plug()
    telling.plug()
    counters.plug()
    app.jinja_env.filters["card_number"] = numbers.shown
