"""What is refused at the end of days: each code and its sentence once."""

from datetime import date

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _, show_date


def difference_unknown() -> NotFound:
    """Say that there is no such difference, or that it has ended."""
    return NotFound(_("Diesen Unterschied gibt es nicht mehr."), "difference_unknown")


def owner_unknown() -> Invalid:
    """Say that a person does not handle this bank."""
    return Invalid(_("Bitte wählen Sie jemanden, der die Bank bearbeitet."), "owner_unknown", field="owner")


def reason_missing(minimum: int, maximum: int) -> Invalid:
    """Ask why a difference stays, in so many characters."""
    sentence = _(
        "Bitte schreiben Sie mit %(minimum)s bis %(maximum)s Zeichen, warum der Unterschied bleibt.",
        minimum=minimum,
        maximum=maximum,
    )
    return Invalid(sentence, "difference_reason_missing", field="reason")


def already_proposed() -> Refused:
    """Say that a reason waits for another person."""
    return Refused(_("Dazu liegt schon ein Vorschlag vor."), "already_proposed")


def not_proposed() -> Refused:
    """Say that nothing was proposed, or that the difference has changed since."""
    return Refused(_("Dazu liegt kein Vorschlag vor, oder der Unterschied ist nicht mehr derselbe."), "not_proposed")


def own_reason() -> Refused:
    """Say that nobody accepts a reason of their own."""
    return Refused(_("Den Vorschlag haben Sie selbst gemacht. Eine andere Person muss zustimmen."), "own_reason")


def day_closed(day: date) -> Invalid:
    """Say that nothing is typed for a day on which bank and books have agreed."""
    sentence = _(
        "Der %(day)s ist abgeschlossen: Bank und Bücher stimmen an diesem Tag überein. Bitte prüfen Sie den Tag.",
        day=show_date(day),
    )
    return Invalid(sentence, "day_closed", field="booked_on")


def day_open(day: date) -> Refused:
    """Say that a month cannot be closed while this day is open."""
    sentence = _(
        "Der %(day)s ist noch offen: Bank, Zahlungsdienst und Bücher stimmen nicht überein, oder ein Auszug fehlt.",
        day=show_date(day),
    )
    return Refused(sentence, "day_open")
