"""Ways to pay as a page shows them: one card each, for `ui.choice`."""

from collections.abc import Sequence

from money.payments.methods import MethodOffer


def list_choices(offers: Sequence[MethodOffer]) -> list[dict[str, object]]:
    """List the cards of these offers: what is said of each and when what is bought holds, in one note."""
    return [
        {
            "value": offer.method,
            "label": offer.label,
            "note": " ".join(str(part) for part in (offer.note, offer.moment) if part),
            "symbol": offer.symbol,
        }
        for offer in offers
    ]


def find_chosen(offers: Sequence[MethodOffer], *chosen: str | None) -> str | None:
    """Find the way to pay that stands chosen: the first that was named, else the only one there is."""
    named = next(filter(None, chosen), None)
    return named or (offers[0].method if len(offers) == 1 else None)
