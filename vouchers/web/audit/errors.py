"""What the auditor's pages refuse: each code with its sentence, once."""

from foundation.errors import Invalid, NotFound
from foundation.languages import _
from vouchers.network.errors import town_unknown


def choice_unknown() -> Invalid:
    """What narrows the list is no id."""
    return Invalid(_("Diese Auswahl gibt es nicht."), "choice_unknown", field="wessen")


def books_not_here() -> NotFound:
    """Say that there are no such books, or they are another issuer's."""
    return NotFound(_("Diese Bücher gibt es hier nicht."), "books_unknown")


def town_not_here() -> NotFound:
    """Say that the official key is no town's of the region, so that there is no page of it."""
    return NotFound(town_unknown().sentence, "town_not_here")
