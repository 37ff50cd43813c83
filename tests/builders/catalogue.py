"""Shops and their offers for tests. Everything is new each time: names and ids never meet another test's."""

import secrets
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from foundation.database import session, uuid7
from marketplace.catalogue import changing
from marketplace.catalogue.drafts import OfferDraft
from marketplace.catalogue.models import Offer
from marketplace.shops import directory, storefronts
from people.models import Organisation, Outlet

HOURS = "Mo-Fr 09:00-12:30,14:30-18:30; Sa 09:00-13:00"
COESFELD, MUENSTER = "05558012", "05515000"


def a_word() -> str:
    """A word that no other test uses and that no stemmer changes."""
    return "q" + "".join(secrets.choice("bcdfgklmnprt") + secrets.choice("aou") for _ in range(5)) + "x"


def a_shop(
    *,
    name: str | None = None,
    trade: str = "feinkost",
    ags: str = COESFELD,
    opening_hours: str = HOURS,
    payment_kinds: Iterable[str] = ("voucher", "card", "sepa", "pickup"),
    handover_kinds: Iterable[str] = ("shop", "point"),
    published: bool = True,
    **outlet: Any,
) -> Outlet:
    """A shop with its window, committed."""
    unique = secrets.token_hex(5)
    organisation = Organisation(
        id=uuid7(),
        slug=f"firma-{unique}",
        name=name or f"Laden {unique}",
        legal_name=f"{name or 'Laden'} {unique} GmbH",
        kind="retailer",
        street="Markt 1",
        postcode="48653",
        town="Coesfeld",
        email=f"{unique}@laden.example",
        phone="02541 100",
    )
    place = {"postcode": "48653", "latitude": 51.9458, "longitude": 7.1681, "step_free": True}
    made = Outlet(
        id=uuid7(),
        organisation_id=organisation.id,
        slug=f"laden-{unique}",
        name=organisation.name,
        trade=trade,
        street="Markt 1",
        ags=ags,
        phone="02541 100",
        email=organisation.email,
        opening_hours=opening_hours,
        **(place | outlet),
    )
    session.add_all([organisation, made])
    session.flush()
    storefronts.save_storefront(
        made.id, payment_kinds=payment_kinds, handover_kinds=handover_kinds, story="Seit 1920.", published=published
    )
    session.commit()
    directory.clear_cache()
    return made


def a_draft(**changes: Any) -> OfferDraft:
    """A draft that may be published."""
    values: dict[str, Any] = {
        "sku": secrets.token_hex(6),
        "name": "Holzbrett",
        "price_cents": 12_50,
        "category_slug": "haushalt",
        "on_hand": 5,
    }
    return OfferDraft(**(values | changes))


def an_offer(outlet_id: UUID, *, variant_of: UUID | None = None, **changes: Any) -> Offer:
    """A published offer with five on the shelf, committed."""
    made = changing.add(outlet_id, a_draft(**changes), variant_of=variant_of)
    session.commit()
    return made


def some_food(**changes: Any) -> dict[str, Any]:
    """What a food offer needs to be shown."""
    values = {
        "category_slug": "brot",
        "ingredients": "_Weizenmehl_, Wasser, Salz",
        "allergens": "Weizen",
        "vat_rate_bp": 700,
    }
    return values | changes
