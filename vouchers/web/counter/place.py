"""At which counter the present person stands."""

from uuid import UUID

from flask import request

from people.models import Person
from people.web.guards import current_person, list_memberships
from vouchers.cards import errors, queries
from vouchers.cards.models import Counter

PERMISSION = "cards.sell"


def list_own_counters() -> list[Counter]:
    """List the counters where the present person may sell, by name."""
    return queries.list_counters_run_by({m.organisation_id for m in list_memberships(PERMISSION)})


def find_counter() -> Counter:
    """Find the counter that the page or form names, or the only one. Refuses foreign ones (`NotFound`)."""
    mine, named = list_own_counters(), request.values.get("stelle", "")
    for counter in mine:
        if str(counter.id) == named or not named:
            return counter
    raise errors.counter_not_yours()


def require_clerk() -> Person:
    """Return who stands there; the guard saw to it that somebody does."""
    person = current_person()
    assert person is not None  # the guard saw to it
    return person


def find_link_values(counter: Counter) -> dict[str, UUID]:
    """Find what links of this counter carry, where a person has several."""
    return {"stelle": counter.id} if len(list_own_counters()) > 1 else {}
