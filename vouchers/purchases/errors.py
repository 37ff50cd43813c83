"""What purchases refuse: each code and its sentence once."""

from foundation.errors import Invalid, NotFound
from foundation.languages import _
from money.amount import euro
from vouchers.network.errors import not_on_sale


def picture_unknown() -> NotFound:
    """Say that there is no such picture."""
    return NotFound(_("Dieses Bild gibt es nicht (mehr)."), "picture_unknown")


def tax_stated(field: str) -> Invalid:
    """Say that texts of buyers may not state VAT: whoever states it on a document owes it (§ 14c UStG)."""
    return Invalid(_("Bitte schreiben Sie hier nichts über die Umsatzsteuer."), "states_tax", field=field)


def amount_outside_range(minimum: int, maximum: int, field: str) -> Invalid:
    """Say for how many cents a voucher of this programme may be sold."""
    sentence = _("Bitte wählen Sie einen Betrag von %(least)s bis %(most)s.", least=euro(minimum), most=euro(maximum))
    return Invalid(sentence, "amount_outside_range", field=field)


def programme_not_on_sale() -> NotFound:
    """Say that the programme is not sold at present, so that there is no page of it."""
    return NotFound(not_on_sale().sentence, "programme_not_on_sale")


def sale_number_unknown() -> NotFound:
    """Say that no voucher was sold under this number."""
    return NotFound(_("Zu dieser Nummer gibt es keinen Gutschein."), "sale_number_unknown")
