"""A wallet to look into: the demo's shopper has put three vouchers into it."""

import sqlalchemy as sa

from demo import history
from foundation.database import session, uuid7
from people.queries import find_person
from vouchers.stored_value.models import Programme
from vouchers.wallet import claiming

HELD = (("muensterland-gutschein", 5000), ("muensterland-gutschein", 2500), ("coesfeld-gutschein", 3000))


def fill(email: str) -> None:
    """Issue and claim them, once."""
    person = find_person(email)
    if person is None:
        return
    for slug, cents in HELD:
        programme = session.scalars(sa.select(Programme).where(Programme.slug == slug)).unique().one()
        for issued in history.issue(programme, [cents], None):
            claiming.claim(person.id, issued.token, "", key=uuid7().hex)
