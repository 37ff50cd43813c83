"""What cards and counters refuse: each code and its sentence once."""

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from money.amount import euro


def batch_name_missing(maximum: int) -> Invalid:
    """Say that a batch has a name, and how long it may be."""
    return Invalid(_("Bitte nennen Sie die Charge, höchstens %(n)s Zeichen.", n=maximum), "batch_name", field="name")


def batch_too_large(maximum: int) -> Invalid:
    """Say how many cards a batch has."""
    return Invalid(_("Eine Charge hat 1 bis %(most)s Karten.", most=maximum), "batch_count", field="count")


def batch_already_made() -> Refused:
    """Say that the key has made a batch before: its secrets are not shown again."""
    return Refused(
        _("Diese Charge gibt es schon. Ihre Geheimnisse wurden einmal ausgegeben und sind nirgends gespeichert."),
        "already_made",
    )


def numbers_used_up() -> Refused:
    """Say that no serial number is left."""
    return Refused(_("Die Kartennummern sind aufgebraucht."), "numbers_used_up")


def number_unreadable(field: str) -> Invalid:
    """Say what the number of a card looks like."""
    sentence = _("Das ist keine Kartennummer. Sie steht außen auf der Karte und hat neun Ziffern.")
    return Invalid(sentence, "card_number_unreadable", field=field)


def range_unreadable() -> Invalid:
    """Say what a range of cards is."""
    sentence = _("Ein Bereich beginnt mit der kleineren Nummer und hat höchstens 5000 Karten.")
    return Invalid(sentence, "card_range_unreadable", field="last")


def range_not_whole(missing: int, count: int) -> Refused:
    """Say how many cards of a range are not where such a movement begins."""
    sentence = _(
        "%(n)s von %(count)s Karten dieses Bereichs sind nicht da, wo das ginge. Es wurde nichts geändert.",
        n=missing,
        count=count,
    )
    return Refused(sentence, "range_not_whole")


def reason_missing() -> Invalid:
    """Say that a reason is needed, and how long it may be."""
    return Invalid(_("Bitte nennen Sie einen Grund, 3 bis 200 Zeichen."), "card_reason_missing", field="reason")


def counter_unknown() -> NotFound:
    """Say that there is no such counter, or that it is another issuer's."""
    return NotFound(_("Diese Verkaufsstelle gibt es nicht."), "counter_unknown")


def counter_not_yours() -> NotFound:
    """Say that the person does not sell at this counter."""
    return NotFound(_("Zu Ihrem Zugang gehört diese Verkaufsstelle nicht."), "counter_not_yours")


def counter_closed() -> Refused:
    """Say that the counter sells nothing."""
    return Refused(_("Diese Verkaufsstelle ist geschlossen."), "counter_closed")


def counter_town_missing() -> Invalid:
    """Say that a counter lies in a town."""
    return Invalid(_("Bitte wählen Sie einen Ort."), "counter_town_missing", field="ags")


def counter_field_missing(field: str, maximum: int) -> Invalid:
    """Say that a field of a counter is empty or too long."""
    sentence = _("Bitte füllen Sie dieses Feld aus, höchstens %(n)s Zeichen.", n=maximum)
    return Invalid(sentence, "counter_field_missing", field=field)


def counter_postcode_unreadable() -> Invalid:
    """Say what a postcode looks like."""
    return Invalid(_("Eine Postleitzahl hat fünf Ziffern."), "postcode_unreadable", field="postcode")


def counter_code_unreadable() -> Invalid:
    """Say what the short name of a counter looks like."""
    sentence = _("Das Kürzel hat 2 bis 8 Großbuchstaben oder Ziffern.")
    return Invalid(sentence, "counter_code_unreadable", field="code")


def counter_code_taken() -> Invalid:
    """Say that another counter has this short name."""
    return Invalid(_("Dieses Kürzel gibt es schon."), "counter_code_taken", field="code")


def credit_line_outside_range(maximum: int) -> Invalid:
    """Say how many cents a credit line has at most."""
    sentence = _("Ein Rahmen reicht von 0 bis %(most)s.", most=euro(maximum))
    return Invalid(sentence, "credit_line_outside_range", field="line")


def credit_line_not_covered(free: int) -> Refused:
    """Say how many cents of own money stand for a credit line."""
    sentence = _("Im Treuhandkonto liegen dafür nur %(free)s eigenes Geld.", free=euro(free))
    return Refused(sentence, "line_not_covered")


def credit_line_used_up(free: int) -> Refused:
    """Say for how many cents the counter may still sell."""
    return Refused(_("Der Rahmen dieser Verkaufsstelle reicht noch für %(free)s.", free=euro(free)), "credit_line")


def receipt_key_reused() -> Refused:
    """Say that this page has settled another receipt before."""
    return Refused(_("Diese Seite hat schon einen anderen Eingang gebucht."), "receipt_key_reused")


def nothing_open() -> Refused:
    """Say that the counter owes nothing."""
    return Refused(_("Diese Verkaufsstelle schuldet gerade nichts."), "nothing_open")


def sale_page_incomplete() -> Invalid:
    """Say that the page of a sale came without its key."""
    sentence = _("Diese Seite ist unvollständig. Bitte laden Sie sie neu.")
    return Invalid(sentence, "sale_page_incomplete", field="key")


def tender_missing() -> Invalid:
    """Say that the clerk notes how the buyer paid."""
    return Invalid(_("Bitte wählen Sie, wie bezahlt wurde."), "tender_missing", field="paid_by")


def sale_key_reused() -> Refused:
    """Say that this page has sold another card before."""
    sentence = _("Diese Seite hat schon eine andere Karte verkauft. Bitte beginnen Sie neu.")
    return Refused(sentence, "sale_key_reused")


def card_not_here() -> NotFound:
    """Say that the card is unknown or another counter's: one sentence, so that a clerk cannot try codes out."""
    return NotFound(_("Diese Karte liegt nicht im Bestand dieser Verkaufsstelle."), "card_not_here")


def card_sold() -> Refused:
    """Say that the card was sold before."""
    return Refused(_("Diese Karte ist schon verkauft."), "card_sold")


def card_blocked() -> Refused:
    """Say that the card is lost or destroyed."""
    return Refused(_("Diese Karte ist gesperrt. Bitte legen Sie sie beiseite."), "card_blocked")


def face_value(cents: int) -> Invalid:
    """Say for how many cents a card with a fixed value is sold."""
    return Invalid(_("Diese Karte kostet %(amount)s.", amount=euro(cents)), "face_value", field="amount")


def sale_unknown() -> NotFound:
    """Say that there is no such sale at this counter."""
    return NotFound(_("Diesen Verkauf gibt es hier nicht."), "card_sale_unknown")


def undo_too_late() -> Refused:
    """Say how long a sale can be taken back."""
    return Refused(_("Ein Verkauf lässt sich nur 30 Minuten lang zurücknehmen."), "undo_too_late")


def undo_settled() -> Refused:
    """Say that the counter has paid over what this sale brought."""
    return Refused(_("Dieser Verkauf ist schon abgerechnet."), "undo_settled")


def undo_spent() -> Refused:
    """Say that something of the voucher was redeemed or is reserved."""
    return Refused(_("Von diesem Gutschein wurde schon etwas eingelöst."), "undo_spent")
