"""At which counter the present person stands."""

from uuid import UUID

from flask import request

from foundation.errors import NotFound
from foundation.languages import _
from people.models import Person
from people.web.guards import current_person, list_memberships
from vouchers.cards import queries
from vouchers.cards.models import Counter

PERMISSION = "cards.sell"


def all_mine() -> list[Counter]:
    """The counters where the present person may sell, by name."""
    return queries.counters_of({m.organisation_id for m in list_memberships(PERMISSION)})


def here() -> Counter:
    """The counter that the page or form names, or the only one. Refuses foreign ones (`NotFound`)."""
    mine, named = all_mine(), request.values.get("stelle", "")
    for counter in mine:
        if str(counter.id) == named or not named:
            return counter
    raise NotFound(_("Zu Ihrem Zugang gehört diese Verkaufsstelle nicht."))


def me() -> Person:
    """Who stands there."""
    person = current_person()
    assert person is not None  # the guard saw to it
    return person


def address(counter: Counter) -> dict[str, UUID]:
    """What links of this counter carry, where a person has several."""
    return {"stelle": counter.id} if len(all_mine()) > 1 else {}
