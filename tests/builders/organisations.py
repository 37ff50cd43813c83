"""Legal entities with fresh names."""

import secrets

from foundation.database import session
from people.models import Organisation


def organisation(kind: str = "retailer") -> Organisation:
    """A legal entity of a kind, in the present transaction."""
    mark = secrets.token_hex(4)
    made = Organisation(
        slug=f"{kind}-{mark}",
        name=f"{kind} {mark}",
        legal_name=f"{kind} {mark} GmbH",
        kind=kind,
        street="Markt 1",
        postcode="48653",
        town="Coesfeld",
        email=f"{mark}@example.org",
        phone="02541 1",
    )
    session.add(made)
    session.flush()
    return made
