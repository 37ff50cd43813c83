"""What lapsing refuses: each code with its sentence, once."""

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _


def run_unknown() -> NotFound:
    """Say that there is no such run, or it is another issuer's."""
    return NotFound(_("Diesen Lauf gibt es nicht."), "run_unknown")


def cutoff_not_passed() -> Invalid:
    """Say that paid value lasts until the end of its last day in Berlin."""
    return Invalid(_("Verfallen kann nur, was bis gestern geendet hat."), "cutoff_not_passed", field="cutoff")


def run_open() -> Refused:
    """Say that a run of the same programme and kind waits or is under way."""
    return Refused(_("Ein Lauf für dieses Programm ist noch offen."), "run_open")


def nothing_to_lapse() -> Refused:
    """Say that no lot ended by that day with value on it."""
    sentence = _("Bis zu diesem Tag hat nichts geendet, worauf noch Guthaben liegt.")
    return Refused(sentence, "nothing_to_lapse")


def run_changed() -> Refused:
    """Say that the list of lots is not the one that was proposed."""
    return Refused(_("Die Liste ist nicht mehr die, die vorgeschlagen wurde."), "run_changed")


def more_than_approved() -> Refused:
    """Say that goods came back meanwhile: two people did not agree to so much."""
    return Refused(_("Es ist mehr darauf als freigegeben."), "more_than_approved")


def not_lapsed() -> NotFound:
    """Say that nothing of the lot lapsed in that run."""
    return NotFound(_("Dieser Anteil ist nicht verfallen."), "not_lapsed")


def undo_waiting() -> Refused:
    """Say that the same undoing waits for a second person."""
    return Refused(_("Das ist schon vorgeschlagen."), "undo_waiting")


def already_undone() -> Refused:
    """Say that what lapsed was returned before."""
    return Refused(_("Dieser Verfall ist schon zurückgenommen."), "already_undone")
