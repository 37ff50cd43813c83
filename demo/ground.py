"""The invented shops, points, issuers and programmes of the demo, on real towns."""

import json
from datetime import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from demo import gates, goods
from foundation import clock
from foundation.database import session, uuid7
from marketplace.catalogue import changing
from marketplace.catalogue.drafts import OfferDraft
from marketplace.catalogue.importing import applying
from marketplace.catalogue.importing.planning import ImportDefaults
from marketplace.catalogue.models import Offer, Stock
from marketplace.handover.models import CollectionRule, HandoverPoint
from marketplace.shops.models import Storefront
from people.models import Municipality, Organisation, Outlet, Postcode
from vouchers.network import programmes
from vouchers.network.programmes import ProgrammeDraft

DATA = Path(__file__).resolve().parent / "data"
PROGRAMMES: tuple[dict[str, Any], ...] = (
    {
        "issuer": "muensterland",
        "slug": "muensterland-gutschein",
        "name": "Münsterland-Gutschein",
        "town": None,
        "design": "feld",
        "wording": "Gilt in allen Geschäften des Münsterlands, die das Zeichen tragen.",
    },
    {
        "issuer": "stadtgutschein",
        "slug": "coesfeld-gutschein",
        "name": "Coesfeld-Gutschein",
        "town": "Coesfeld",
        "design": "stadt",
        "wording": "Gilt nur in Geschäften in Coesfeld.",
    },
    {
        "issuer": "stadtgutschein",
        "slug": "duelmen-gutschein",
        "name": "Dülmen-Gutschein",
        "town": "Dülmen",
        "design": "allee",
        "wording": "Gilt nur in Geschäften in Dülmen.",
    },
)
POINTS: tuple[dict[str, Any], ...] = (
    {
        "slug": "buecherei-nottuln",
        "name": "Büchereiverein Nottuln",
        "kind": "association",
        "town": "Nottuln",
        "postcode": "48301",
        "street": "Kirchplatz 3",
        "phone": "02502 5550201",
        "hours": "Tu,Th 15:00-18:00; Sa 10:00-12:30",
        "storage": ["ambient"],
        "capacity": 20,
    },
    {
        "slug": "bahnhof-coesfeld",
        "name": "Radstation am Bahnhof Coesfeld",
        "kind": "partner",
        "town": "Coesfeld",
        "postcode": "48653",
        "street": "Bahnhofstraße 28",
        "phone": "02541 5550202",
        "hours": "Mo-Fr 06:00-21:00; Sa 08:00-18:00",
        "storage": ["ambient", "cool"],
        "capacity": 40,
    },
    {
        "slug": "buergerhaus-senden",
        "name": "Bürgerhaus Senden",
        "kind": "partner",
        "town": "Senden",
        "postcode": "48308",
        "street": "Schulstraße 1",
        "phone": "02597 5550203",
        "hours": "Mo-Fr 08:00-12:30,14:00-17:00",
        "storage": ["ambient"],
        "capacity": 15,
    },
)


def shops() -> list[dict[str, Any]]:
    """The 24 invented shops as the file tells them."""
    found: list[dict[str, Any]] = json.loads((DATA / "shops.json").read_text(encoding="utf-8"))
    return found


def ags_of(town: str) -> str:
    """The official key of a town by its name."""
    return session.scalars(sa.select(Municipality.ags).where(Municipality.name == town)).one()


def point_of(postcode: str, nth: int) -> tuple[float, float]:
    """A place near the middle of a postcode (WGS 84); shops of one postcode stand beside each other."""
    at = session.scalars(sa.select(Postcode).where(Postcode.postcode == postcode).limit(1)).one()
    return at.latitude + (nth % 3 - 1) * 0.0031, at.longitude + (nth % 4 - 1.5) * 0.0042


def organisation(slug: str, name: str, kind: str, place: dict[str, Any], **more: Any) -> Organisation:
    """A legal entity at an address."""
    made = Organisation(
        slug=slug,
        name=name,
        legal_name=name if "(Vorführung)" in name else f"{name} (erfunden)",
        kind=kind,
        street=place["street"],
        postcode=place["postcode"],
        town=place["town"],
        email=f"{slug}@demo.example.org",
        phone=place["phone"],
        **more,
    )
    session.add(made)
    session.flush()
    return made


def lay() -> None:
    """Everything that stands before the first customer comes."""
    _issuers()
    for nth, shop in enumerate(shops()):
        _shop(shop, nth)
    for nth, point in enumerate(POINTS):
        _point(point, nth)
    _programmes()


def _issuers() -> None:
    greven = {"street": "Airportallee 1", "postcode": "48268", "town": "Greven", "phone": "02571 5550301"}
    coesfeld = {"street": "Markt 8", "postcode": "48653", "town": "Coesfeld", "phone": "02541 5550302"}
    organisation("muensterland", "Münsterland e.V. (Vorführung)", "issuer", greven)
    organisation("stadtgutschein", "Stadtgutschein Baumberge e.V. (Vorführung)", "issuer", coesfeld)
    organisation("betrieb", "Betrieb des Marktplatzes (Vorführung)", "operator", coesfeld)


def _shop(shop: dict[str, Any], nth: int) -> None:
    owner = organisation(shop["slug"], shop["name"], "retailer", shop, vat_id=f"DE{900000000 + nth}")
    latitude, longitude = point_of(shop["postcode"], nth)
    outlet = Outlet(
        organisation_id=owner.id,
        slug=shop["slug"],
        name=shop["name"],
        trade=shop["trade"],
        street=shop["street"],
        postcode=shop["postcode"],
        ags=ags_of(shop["town"]),
        latitude=latitude,
        longitude=longitude,
        phone=shop["phone"],
        email=owner.email,
        opening_hours=shop["hours"],
        step_free=shop["step_free"],
    )
    session.add(outlet)
    session.flush()
    session.add(
        Storefront(
            outlet_id=outlet.id,
            story=shop["story"],
            payment_kinds=shop["payment"],
            handover_kinds=shop["handover"],
            published=True,
            imprint=f"{owner.legal_name}, {shop['postcode']} {shop['town']}. USt-IdNr. {owner.vat_id}",
        )
    )
    session.add(CollectionRule(outlet_id=outlet.id, ready_hours=2 + nth % 3, cutoff=time(15 + nth % 3), capacity=12))
    session.flush()
    if shop["goods"] == ["woocommerce"]:
        _import(outlet)
    _put_up(outlet, goods.drafts(shop["slug"], shop["goods"], shop["count"]))


def _import(outlet: Outlet) -> None:
    """The clothes shop comes with its own product list, through the importer that every shop uses."""
    data = (DATA / "woocommerce_products.csv").read_bytes()
    applying.apply_list(
        outlet.id, data, ImportDefaults(category_slug="kleidung", fibres="100 % Baumwolle"), only_good=True
    )
    for offer in session.scalars(sa.select(Offer).where(Offer.outlet_id == outlet.id).order_by(Offer.sku)):
        if not offer.has_variants:  # the list names no stock; somebody has counted since
            changing.set_stock(offer.id, 3 + len(offer.name) % 8)


def _put_up(outlet: Outlet, drafts: list[OfferDraft]) -> None:
    for draft in drafts:
        changing.check(draft)
        offer = Offer(id=uuid7(), outlet_id=outlet.id)
        changing.write(offer, draft)
        session.add(offer)
        session.flush([offer])
        session.add(Stock(offer_id=offer.id, on_hand=draft.on_hand, updated_at=clock.now()))
    session.flush()


def _point(point: dict[str, Any], nth: int) -> None:
    kind = "association" if point["kind"] == "association" else "retailer"
    keeper = organisation(point["slug"], point["name"], kind, point)
    latitude, longitude = point_of(point["postcode"], nth + 1)
    session.add(
        HandoverPoint(
            organisation_id=keeper.id,
            slug=point["slug"],
            name=point["name"],
            kind=point["kind"],
            street=point["street"],
            postcode=point["postcode"],
            ags=ags_of(point["town"]),
            latitude=latitude,
            longitude=longitude,
            opening_hours=point["hours"],
            phone=point["phone"],
            storage_classes=point["storage"],
            capacity=point["capacity"],
        )
    )
    session.flush()


def _programmes() -> None:
    for wanted in PROGRAMMES:
        issuer = session.scalars(sa.select(Organisation).where(Organisation.slug == wanted["issuer"])).one()
        ags = ags_of(wanted["town"]) if wanted["town"] else None
        draft = ProgrammeDraft(
            slug=wanted["slug"],
            name=wanted["name"],
            towns=[ags] if ags else None,
            month_cents=2_000_000_00,
            design=wanted["design"],
            wording=wanted["wording"],
        )
        programme = programmes.create(issuer.id, draft)
        gates.shop_terms(programme)
        places = sa.select(Outlet).where(Outlet.ags == ags) if ags else sa.select(Outlet)
        for outlet in session.scalars(places).unique():
            programmes.accept(programme.id, outlet.id, vat_rates=gates.rates_of(outlet.trade))
    gates.pass_all()
