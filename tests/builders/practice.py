"""A shop that practises: a practice key, a till that is switched over, vouchers that are worth nothing."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from foundation.clock import today
from foundation.database import session
from tests.builders import vouchers as build
from vouchers.practice import setup
from vouchers.practice.setup import NewPracticeVoucher


@dataclass(frozen=True)
class School:
    """A shop with its real till, that till's token, and a practice key."""

    shop: build.Shop
    organisation_id: UUID
    key: str


def school() -> School:
    """A shop whose till practises."""
    place = build.outlet()
    shop = build.till(place.id)
    setup.switch_on(shop.till_id, None)
    key = setup.add_key(place.id, "Sandkasten")
    session.commit()
    return School(shop, place.organisation_id, key)


def voucher(school: School, cents: int = 50_00, bonus: int = 0, bonus_until: date | None = None) -> NewPracticeVoucher:
    """A practice voucher, also with a bonus that ends earlier."""
    later = date(today().year + 3, 12, 31)
    parts = [("paid", cents, later)] + ([("bonus", bonus, bonus_until or today())] if bonus else [])
    made = setup.make_voucher(school.organisation_id, parts)
    session.commit()
    return made
