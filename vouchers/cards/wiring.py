"""How cards and counters plug into the application; their pages: `vouchers.web.counter.wiring`."""

from flask import Flask

from foundation.wiring import Package
from vouchers.cards import credit_lines, models, numbers, party_names, proofs

PACKAGE = Package(modules=(models,), filters={"card_number": numbers.format_number})


def plug(app: Flask) -> None:
    """Register tables, sentences, proofs and a filter of templates."""
    PACKAGE.plug(app)
    for room in (proofs, party_names, credit_lines):
        room.plug()
