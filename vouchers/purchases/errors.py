"""What purchases refuse: each code and its sentence once."""

from foundation.errors import Invalid, NotFound
from foundation.languages import _
from money.amount import euro


def order_unknown() -> NotFound:
    """Say that there is no such order or no such sale in it."""
    return NotFound(_("Diese Bestellung gibt es nicht."), "order_unknown")


def programme_unknown() -> NotFound:
    """Say that there is no such programme."""
    return NotFound(_("Diesen Gutschein gibt es nicht."), "programme_unknown")


def picture_unknown() -> NotFound:
    """Say that there is no such picture."""
    return NotFound(_("Dieses Bild gibt es nicht (mehr)."), "picture_unknown")


def not_on_sale() -> NotFound:
    """Say that the programme is not sold at present."""
    return NotFound(_("Diesen Gutschein gibt es gerade nicht zu kaufen."), "not_on_sale")


def tax_stated(field: str) -> Invalid:
    """Say that people's words may not state VAT: whoever shows it on a paper owes it (§ 14c UStG)."""
    return Invalid(_("Bitte schreiben Sie hier nichts über die Umsatzsteuer."), "states_tax", field=field)


def amount_outside_range(minimum: int, maximum: int, field: str) -> Invalid:
    """Say for how many cents a voucher of this programme may be sold."""
    sentence = _("Bitte wählen Sie einen Betrag von %(least)s bis %(most)s.", least=euro(minimum), most=euro(maximum))
    return Invalid(sentence, "amount_outside_limits", field=field)
