"""How cards and counters plug into the application."""

from flask import Flask

from vouchers.cards import credit_lines, models, numbers, party_names, proof


def plug(app: Flask) -> None:
    """Register tables, sentences, proofs and a filter of templates. Pages: `web.counter.wiring`."""
    assert models
    proof.plug()
    party_names.plug()
    credit_lines.plug()
    app.jinja_env.filters["card_number"] = numbers.format_number
