"""What the checkout refuses: each code and its sentence once."""

from uuid import UUID

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from money.amount import euro


def checkout_unknown() -> NotFound:
    """Say that there is no such draft any more."""
    return NotFound(_("Diese Bestellung ist nicht mehr offen."), "checkout_unknown")


def order_being_paid() -> Refused:
    """Say that the basket's payment is under way already."""
    return Refused(_("Für diesen Warenkorb läuft schon eine Zahlung."), "order_being_paid")


def cart_empty() -> Refused:
    """Say that there is nothing to order."""
    return Refused(_("Ihr Warenkorb ist leer."), "cart_empty")


def cart_changed() -> Refused:
    """Say that a line needs the shopper's consent first."""
    return Refused(
        _("In Ihrem Warenkorb hat sich etwas geändert. Bitte sehen Sie die markierten Zeilen an."), "cart_changed"
    )


def checkout_outdated() -> Refused:
    """Say that a shop came into the basket after the draft was begun."""
    return Refused(_("Ihr Warenkorb hat sich geändert. Bitte gehen Sie noch einmal zur Kasse."), "checkout_outdated")


def contact_name_missing() -> Invalid:
    """Ask for a name of at most 120 characters."""
    return Invalid(_("Bitte sagen Sie uns Ihren Namen."), "contact_name_missing", field="name")


def phone_not_valid() -> Invalid:
    """Say that this is no telephone number."""
    return Invalid(_("Bitte prüfen Sie die Telefonnummer."), "phone_not_valid", field="phone")


def window_missing(shop: str, outlet_id: UUID) -> Invalid:
    """Ask where and when the goods of this shop shall be collected."""
    return Invalid(
        _("Bitte wählen Sie, wo und wann Sie bei %(shop)s abholen.", shop=shop),
        "window_missing",
        field=f"window-{outlet_id}",
    )


def window_not_offered(shop: str, outlet_id: UUID) -> Invalid:
    """Say that the chosen window is not one of those that can be chosen now."""
    return Invalid(
        _("Diese Abholzeit bei %(shop)s ist nicht mehr möglich. Bitte wählen Sie eine neue.", shop=shop),
        "window_not_offered",
        field=f"window-{outlet_id}",
    )


def window_gone(shop: str, outlet_id: UUID) -> Refused:
    """Say that the window is over, past the cut-off or full by now; the basket stays."""
    return Refused(
        _(
            "Die Abholzeit bei %(shop)s ist nicht mehr möglich. Bitte wählen Sie eine neue; "
            "Ihr Warenkorb bleibt, wie er ist.",
            shop=shop,
        ),
        "window_gone",
        outlets=[str(outlet_id)],
    )


def not_chosen() -> Refused:
    """Say that place, time or contact are missing."""
    return Refused(_("Es fehlt noch etwas: Bitte wählen Sie, wo und wann Sie abholen."), "not_chosen")


def page_old() -> Refused:
    """Say that the form belongs to an earlier attempt."""
    return Refused(_("Diese Seite ist nicht mehr aktuell. Bitte prüfen Sie Ihre Bestellung noch einmal."), "page_old")


def order_total_differs(now_cents: int, shown_cents: int) -> Refused:
    """Say what the sum is now, in cents; nothing was ordered."""
    return Refused(
        _(
            "Die Summe hat sich geändert. Sie beträgt jetzt %(now)s statt %(shown)s. Es wurde nichts bestellt.",
            now=euro(now_cents),
            shown=euro(shown_cents),
        ),
        "order_total_differs",
        total_cents=now_cents,
    )


def age_not_confirmed(age_years: int) -> Invalid:
    """Ask for the confirmation that the shopper is old enough (JuSchG)."""
    return Invalid(
        _("Bitte bestätigen Sie, dass Sie mindestens %(age)s Jahre alt sind.", age=age_years),
        "age_not_confirmed",
        field="of_age",
    )


def group_closed() -> Refused:
    """Say that the orders are paid, or came to nothing."""
    return Refused(_("Diese Bestellung ist nicht mehr zu bezahlen."), "group_closed")


def no_operator() -> Refused:
    """Say that no organisation runs the marketplace yet."""
    return Refused(_("Der Marktplatz ist noch nicht fertig eingerichtet."), "no_operator")


def vouchers_not_taken() -> Refused:
    """Say that none of these shops takes vouchers."""
    return Refused(_("Diese Läden nehmen keinen Gutschein."), "vouchers_not_taken")


def voucher_not_known() -> Invalid:
    """Say that code and PIN name no voucher."""
    return Invalid(
        _("Diesen Gutschein kennen wir nicht. Bitte prüfen Sie Code und PIN."), "voucher_not_known", field="voucher"
    )


def voucher_twice() -> Invalid:
    """Say that this voucher was entered already."""
    return Invalid(_("Diesen Gutschein haben Sie schon eingegeben."), "voucher_twice", field="voucher")


def too_many_vouchers() -> Invalid:
    """Say how many vouchers an order can have."""
    return Invalid(_("Auf einmal gehen höchstens zehn Gutscheine."), "too_many_vouchers", field="voucher")


def voucher_empty() -> Invalid:
    """Say that nothing is left on the voucher."""
    return Invalid(_("Auf diesem Gutschein ist kein Guthaben mehr."), "voucher_empty", field="voucher")


def voucher_not_taken_here() -> Invalid:
    """Say that the voucher pays nothing in these shops."""
    return Invalid(
        _("Mit diesem Gutschein lässt sich in diesen Läden nichts bezahlen."), "voucher_not_taken_here", field="voucher"
    )
