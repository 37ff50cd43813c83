"""What the till's pages refuse before a room is asked: each code and its sentence once."""

from foundation.errors import Invalid, NotAllowed, NotFound, NotSignedIn, Refused
from foundation.languages import _
from money.amount import euro


def device_unknown() -> NotSignedIn:
    """Say that this device is no till, or not any more."""
    return NotSignedIn(_("Dieses Gerät ist keine Kasse (mehr)."), "device_unknown")


def till_locked() -> NotSignedIn:
    """Ask for the PIN of a person who works at this till."""
    return NotSignedIn(_("Die Kasse ist gesperrt. Bitte geben Sie Ihre PIN ein."), "till_locked")


def practice_for_lead_only() -> NotAllowed:
    """Say that only who leads the shop's tills switches one to practice."""
    return NotAllowed(_("Nur die Leitung kann die Kasse in den Übungsmodus schalten."), "practice_for_lead_only")


def late_refund_for_lead_only() -> NotAllowed:
    """Say that only who leads the shop's tills gives back what was redeemed on an earlier day."""
    sentence = _("Nach dem Tag der Einlösung gibt nur die Leitung zurück. Bitte öffnen Sie die Kasse mit ihrer PIN.")
    return NotAllowed(sentence, "late_refund_for_lead_only")


def form_key_missing() -> Invalid:
    """Say that a form came without its key, so that nothing could find a repetition."""
    return Invalid(_("Bitte beginnen Sie noch einmal mit dem Scannen."), "form_key_missing")


def receipt_no_too_long(field: str) -> Invalid:
    """Say how long the number of the shop's own receipt may be."""
    return Invalid(_("Die Belegnummer hat höchstens 60 Zeichen."), "receipt_no_too_long", field=field)


def reason_missing() -> Invalid:
    """Ask for the reason of a void or a refund, and say how long it may be."""
    sentence = _("Bitte geben Sie einen Grund mit höchstens 200 Zeichen an.")
    return Invalid(sentence, "return_reason_missing", field="reason")


def practice_voucher() -> NotFound:
    """Say that a voucher to practise with was presented at a till that does not practise; it is no secret."""
    sentence = _("Das ist ein Übungsgutschein. Er gilt nur an einer Kasse, die im Übungsmodus ist.")
    return NotFound(sentence, "practice_voucher")


def taken_before_practice() -> Refused:
    """Say that what is asked for again was done for real, before the till was switched to practice."""
    sentence = _(
        "Das war keine Übung: Es wurde gebucht, bevor der Übungsmodus an war. Schalten Sie ihn aus und sehen Sie unter"
        " „Heute“ nach."
    )
    return Refused(sentence, "taken_before_practice")


def receipt_unknown() -> NotFound:
    """Say that the link of a receipt leads to none."""
    return NotFound(_("Diesen Beleg gibt es nicht."), "till_receipt_unknown")


def split_receipt_unknown() -> NotFound:
    """Say that no receipt with these marks is being paid with several vouchers."""
    sentence = _("Diesen Bon gibt es nicht. Bitte geben Sie seine Summe noch einmal ein.")
    return NotFound(sentence, "split_receipt_unknown")


def more_than_missing(missing_cents: int) -> Invalid:
    """Say how many cents of the receipt are still to be paid."""
    return Invalid(_("Für diesen Bon fehlen nur noch %(left)s.", left=euro(missing_cents)), "more_than_missing")
