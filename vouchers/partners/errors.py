"""What partners are refused: each code with its sentence, once."""

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _


def address_not_valid() -> Invalid:
    """Say that the address is not https on a public name and a usual port."""
    sentence = _("Bitte geben Sie eine öffentliche Adresse an, die mit https:// beginnt.")
    return Invalid(sentence, "webhook_address_not_valid", field="url")


def events_not_valid() -> Invalid:
    """Say that no event was chosen, or one that there is not."""
    return Invalid(_("Bitte wählen Sie aus, was gemeldet werden soll."), "events_not_valid", field="events")


def too_many_endpoints() -> Refused:
    """Say that a shop has at most five servers."""
    return Refused(_("Mehr als fünf Adressen sind je Geschäft nicht möglich."), "too_many_endpoints")


def endpoint_unknown() -> NotFound:
    """Say that there is no such server, or it is another shop's."""
    return NotFound(_("Diese Adresse gibt es hier nicht."), "endpoint_unknown")


def message_unknown() -> NotFound:
    """Say that there is no such message to this server."""
    return NotFound(_("Diese Meldung gibt es hier nicht."), "message_unknown")


def period_not_valid() -> Invalid:
    """Say that the period ends before it begins."""
    return Invalid(_("Der Zeitraum endet, bevor er beginnt."), "period_not_valid", field="until")


def period_too_long() -> Invalid:
    """Say that an export covers at most a year."""
    return Invalid(_("Höchstens ein Jahr auf einmal."), "period_too_long", field="until")


def system_unknown() -> Invalid:
    """Say that the cash system is not one of this shop's tills."""
    return Invalid(_("Diese Kasse gibt es hier nicht."), "system_unknown", field="till")


def mapping_unknown() -> Invalid:
    """Say that a redemption is a business case or a payment in the cash system's books."""
    return Invalid(_("Bitte wählen Sie, wie Ihre Kasse Gutscheine bucht."), "mapping_unknown")


def too_many_practice_keys() -> Refused:
    """Say that a shop has at most ten keys to practise with."""
    return Refused(_("Mehr als zehn Übungsschlüssel sind je Geschäft nicht möglich."), "too_many_practice_keys")
