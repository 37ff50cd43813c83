"""Counters: opening and closing one. Decision 0315."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, mail
from foundation.database import lock_one, session, uuid7
from people.models import Municipality, Organisation, OrganisationKind
from vouchers.cards import errors
from vouchers.cards.models import Counter

MAX_NAME_CHARACTERS = 80
CODE_SHAPE = re.compile(r"[A-Z0-9]{2,8}")
POSTCODE_SHAPE = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, kw_only=True)
class CounterDetails:
    """What a new counter is called, who runs it and where. `ags`: the official key of its town."""

    code: str
    name: str
    operator: str
    street: str
    postcode: str
    ags: str
    email: str
    phone: str


def open_counter(issuer_id: UUID, details: CounterDetails) -> UUID:
    """Open a counter, of an organisation of its own. It can sell nothing before it has a credit line and cards.

    Refuses (`Invalid`, with `field`) what is missing, too long or taken.
    """
    town = session.get(Municipality, details.ags)
    if town is None:
        raise errors.counter_town_missing()
    _check_details(details)
    operator = Organisation(
        id=uuid7(),
        slug=f"verkaufsstelle-{details.code.lower()}",
        name=details.name,
        legal_name=details.operator,
        kind=OrganisationKind.COUNTER,
        street=details.street,
        postcode=details.postcode,
        town=town.name,
        email=mail.normalise_address(details.email),
        phone=details.phone,
    )
    counter = Counter(
        id=uuid7(),
        issuer_id=issuer_id,
        organisation_id=operator.id,
        code=details.code,
        name=details.name,
        ags=details.ags,
    )
    session.add(operator)
    session.flush()
    session.add(counter)
    session.flush()
    audit.record("counter.opened", "counter", counter.id, code=details.code)
    return counter.id


def _check_details(details: CounterDetails) -> None:
    for field, maximum in (
        ("name", MAX_NAME_CHARACTERS),
        ("operator", 120),
        ("street", 120),
        ("phone", 40),
        ("email", 254),
    ):
        if not 1 <= len(getattr(details, field).strip()) <= maximum:
            raise errors.counter_field_missing(field, maximum)
    if not POSTCODE_SHAPE.fullmatch(details.postcode):
        raise errors.counter_postcode_unreadable()
    if not CODE_SHAPE.fullmatch(details.code):
        raise errors.counter_code_unreadable()
    if session.scalar(sa.select(Counter.id).where(Counter.code == details.code)):
        raise errors.counter_code_taken()


def set_active(counter_id: UUID, active: bool) -> None:
    """Open or close a counter. A closed one sells nothing; what it owes, it still owes."""
    counter = lock_one(Counter, counter_id)
    if counter.active != active:
        counter.active = active
        audit.record("counter.reopened" if active else "counter.closed", "counter", counter.id)


def load_own_counter(counter_id: UUID, issuer_ids: Iterable[UUID]) -> Counter:
    """Load a counter of one of these issuers. Refuses others (`NotFound`)."""
    counter = session.get(Counter, counter_id)
    if counter is None or counter.issuer_id not in set(issuer_ids):
        raise errors.counter_unknown()
    return counter
