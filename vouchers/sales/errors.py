"""What selling refuses: each code and its sentence once."""

from foundation.errors import Invalid, Refused
from foundation.languages import _


def design_unknown() -> Invalid:
    """Say that there is no such artwork."""
    return Invalid(_("Bitte wählen Sie ein Motiv."), "design_unknown", field="design")


def message_too_long(maximum: int) -> Invalid:
    """Say how many characters a greeting may have."""
    return Invalid(_("Der Gruß ist zu lang (höchstens %(n)s Zeichen).", n=maximum), "message_too_long", field="message")


def recipient_name_too_long(maximum: int) -> Invalid:
    """Say how many characters the name of a buyer or a recipient may have."""
    sentence = _("Der Name ist zu lang (höchstens %(n)s Zeichen).", n=maximum)
    return Invalid(sentence, "recipient_name_too_long", field="recipient_name")


def delivery_day_outside_year() -> Invalid:
    """Say that a voucher is delivered within twelve months."""
    sentence = _("Bitte wählen Sie einen Tag innerhalb der nächsten zwölf Monate.")
    return Invalid(sentence, "delivery_day_outside_year", field="deliver_on")


def delivery_unknown() -> Invalid:
    """Say that a voucher does not reach anybody like that."""
    return Invalid(_("Bitte wählen Sie, wie der Gutschein ankommt."), "delivery_unknown", field="gift")


def recipient_email_missing() -> Invalid:
    """Say that a gift by mail needs an address."""
    sentence = _("Bitte geben Sie an, wer den Gutschein bekommt.")
    return Invalid(sentence, "recipient_email_missing", field="recipient_email")


def recipient_name_missing() -> Invalid:
    """Say that a letter needs a name."""
    sentence = _("Bitte geben Sie an, an wen der Brief geht.")
    return Invalid(sentence, "recipient_name_missing", field="recipient_name")


def street_missing() -> Invalid:
    """Say that a letter needs a street, within its length."""
    return Invalid(_("Bitte geben Sie Straße und Hausnummer an."), "street_missing", field="street")


def town_line_missing() -> Invalid:
    """Say that a letter needs postcode and town, within their length."""
    return Invalid(_("Bitte geben Sie Postleitzahl und Ort an."), "town_line_missing", field="town_line")


def order_placed() -> Refused:
    """Say that nothing can be added to an order that was placed."""
    return Refused(_("Diese Bestellung ist schon abgeschickt. Bitte beginnen Sie eine neue."), "order_placed")


def already_ordered() -> Refused:
    """Say that a sale cannot be changed any more: its order was placed."""
    return Refused(_("Diese Bestellung ist schon abgeschickt."), "already_ordered")


def basket_full(maximum: int) -> Refused:
    """Say how many vouchers an order holds."""
    return Refused(
        _("In eine Bestellung passen %(n)s Gutscheine. Für mehr nehmen Sie bitte die Liste.", n=maximum), "basket_full"
    )


def last_line() -> Refused:
    """Say that an order keeps at least one voucher."""
    return Refused(_("Das ist der letzte Gutschein der Bestellung."), "last_line")


def total_changed() -> Refused:
    """Say that the page showed another amount than is owed now."""
    return Refused(_("Der Betrag hat sich geändert. Bitte prüfen Sie die Angaben noch einmal."), "total_changed")


def already_paid() -> Refused:
    """Say that nothing is owed for this order any more."""
    return Refused(_("Diese Bestellung ist schon bezahlt."), "already_paid")


def not_resendable() -> Refused:
    """Say that the voucher is a letter, not delivered, used, or withdrawn."""
    return Refused(_("Diesen Gutschein können wir nicht noch einmal schicken."), "not_resendable")


def not_correctable() -> Refused:
    """Say that the voucher is a letter, not paid, used, or withdrawn."""
    return Refused(_("Die Adresse dieses Gutscheins lässt sich nicht mehr ändern."), "not_correctable")


def same_address() -> Refused:
    """Say that the voucher goes there already."""
    return Refused(_("Das ist die Adresse, an die der Gutschein schon geht."), "same_address")


def too_many_mails() -> Refused:
    """Say that a voucher is mailed at most five times in 24 hours."""
    return Refused(_("Das geht höchstens fünfmal am Tag. Bitte rufen Sie uns an."), "too_often")


def letter_not_waiting() -> Refused:
    """Say that the letter was posted, withdrawn, or that its voucher is in use."""
    return Refused(_("Dieser Brief ist schon verschickt oder wurde widerrufen."), "not_waiting")


def letter_not_printed() -> Refused:
    """Say that a letter is printed before it is posted: its codes would not exist."""
    return Refused(_("Bitte drucken Sie den Brief zuerst."), "not_printed")


def tender_unknown() -> Refused:
    """Say that no payment is found for a sale."""
    return Refused(_("Zu diesem Gutschein finden wir keine Zahlung."), "no_tender")


def language_unknown() -> Invalid:
    """Say how a list names the languages."""
    return Invalid(_("Bitte schreiben Sie de oder en."), "language_unknown", field="language")


def day_unreadable() -> Invalid:
    """Say how a list writes a day."""
    return Invalid(_("Bitte schreiben Sie den Tag so: 24.12.2026"), "day_unreadable", field="day")


def list_gone() -> Invalid:
    """Say that the checked list came back without its key."""
    return Invalid(_("Bitte laden Sie die Liste noch einmal hoch."), "list_gone", field="list")


def page_incomplete() -> Invalid:
    """Say that the page of an order did not say which total it showed."""
    return Invalid(_("Bitte laden Sie die Seite neu und bestellen Sie noch einmal."), "page_incomplete")


def list_too_large() -> Invalid:
    """Say how large a list of recipients may be."""
    sentence = _("Die Datei ist zu groß. Erlaubt sind höchstens 200 Kilobyte.")
    return Invalid(sentence, "recipient_list_too_large", field="list")


def list_too_long(maximum: int) -> Invalid:
    """Say how many lines a list of recipients may have."""
    sentence = _("Die Liste hat mehr als %(n)s Zeilen. Bitte teilen Sie sie auf.", n=maximum)
    return Invalid(sentence, "recipient_list_too_long", field="list")


def list_columns_missing(missing: str) -> Invalid:
    """Say which columns the header of a list lacks; `missing`: their names, with commas."""
    sentence = _(
        "In der ersten Zeile fehlt: %(missing)s. Alle Spalten: Name; E-Mail; Betrag; Gruß; Sprache; Tag.",
        missing=missing,
    )
    return Invalid(sentence, "recipient_list_columns_missing", field="list")


def picture_too_large() -> Invalid:
    """Say how many bytes an uploaded picture may have."""
    sentence = _("Das Bild ist zu groß. Bitte nehmen Sie eines mit höchstens 1,8 Megabyte.")
    return Invalid(sentence, "picture_too_large", field="picture")


def picture_not_readable() -> Invalid:
    """Say that the file is no picture of a kind that we read."""
    sentence = _("Das ist kein Bild, das wir lesen können. Es gehen JPEG, PNG und WebP.")
    return Invalid(sentence, "picture_not_readable", field="picture")


def picture_has_too_many_pixels() -> Invalid:
    """Say that a picture would unpack to more than we draw."""
    sentence = _("Das Bild hat zu viele Bildpunkte. Bitte verkleinern Sie es.")
    return Invalid(sentence, "picture_has_too_many_pixels", field="picture")


def picture_too_small() -> Invalid:
    """Say how many pixels a picture has at least."""
    sentence = _("Das Bild ist zu klein. Es sollte mindestens 80 Bildpunkte breit und hoch sein.")
    return Invalid(sentence, "picture_too_small", field="picture")


def picture_too_detailed() -> Invalid:
    """Say that a picture does not become small enough to be stored, whatever its quality."""
    sentence = _("Das Bild hat zu viele Einzelheiten. Bitte nehmen Sie ein anderes.")
    return Invalid(sentence, "picture_too_detailed", field="picture")
