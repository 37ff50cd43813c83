"""Another shop's orders, offers, tills, people and redemptions; signed links used for other purposes."""

import io
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import session, transact
from marketplace.catalogue.models import Offer, OfferUpload, Stock
from marketplace.orders import links as order_links
from marketplace.orders.models import Order
from money.payments import links as payment_links
from people.models import Membership, Outlet
from people.queries import find_person
from tests.builders import orders as shops
from tests.builders import vouchers as build
from tests.builders.form_fields import choose_taken
from vouchers.network import programmes
from vouchers.partners import collecting, endpoints
from vouchers.partners.models import WebhookDelivery, WebhookEndpoint
from vouchers.practice import setup
from vouchers.practice.models import PracticeToken
from vouchers.purchases import links
from vouchers.tills import devices, holds, redeeming, staff, tokens
from vouchers.tills.models import Till, TillStaff, TillToken
from vouchers.tills.redeeming import RedemptionOrder

ANSWERS = {403, 404}


def told(outlet_id: UUID) -> tuple[UUID, UUID, UUID]:
    """A server of the shop, a message on its way there, and a practice key."""
    url, events = "https://kasse.example.org/", ["redemption.created"]
    endpoint_id, _secret = transact(endpoints.add, outlet_id, url=url, events=events, person_id=None)
    transact(collecting.write_message, outlet_id, "test", "{}", endpoint_id=endpoint_id)
    transact(setup.add_key, outlet_id, "Hersteller")
    delivery = session.scalars(sa.select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == endpoint_id)).one()
    key = session.scalars(sa.select(PracticeToken.id).where(PracticeToken.outlet_id == outlet_id)).one()
    return endpoint_id, delivery, key


class Scene:
    """A shop with one of everything, and the owner of another shop."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.shop, other = shops.shop(), shops.shop()
        shops.operator()
        programme = build.programme()
        programmes.accept(programme.id, self.shop.id)
        programmes.accept(programme.id, other.id)
        self.programme_id = programme.id
        self.voucher = build.voucher(programme.id, 50_00)
        self.offer = shops.offer(self.shop)
        session.commit()
        self.bearer = transact(devices.add_till, self.shop.id, name="Kasse", person_id=None)[1]
        self.foreign = transact(devices.add_till, other.id, name="Kasse", person_id=None)[1]
        self.till_id = session.scalars(sa.select(Till.id).where(Till.outlet_id == self.shop.id)).one()
        self.staff_id = transact(staff.add_staff, self.shop.id, alias="Anna", pin="7305")
        self.key = str(uuid4())
        self.taken = redeeming.redeem(self.bearer, RedemptionOrder(self.voucher.token, 10_00, self.key))
        self.redemption = UUID(self.taken.body["redemption_id"])
        self.endpoint_id, self.delivery_id, self.practice_key = told(self.shop.id)
        self.ordered = shops.ordered(self.offer)
        self.order = self.ordered.orders[0]
        owner = shops.staff("retailer_owner", self.shop.organisation_id)
        person = find_person(owner)
        assert person
        self.owner_id = person.id
        shops.sign_in(client, owner)
        table = "SKU,Name,Regular price,Stock\nneu-1,Neues Brett,3,1\n"
        file = {"file": (io.BytesIO(table.encode()), "l.csv"), "category_slug": "haushalt", "laden": self.shop.slug}
        client.post("/desk/angebote/import", data=file, content_type="multipart/form-data")
        self.upload = session.scalars(sa.select(OfferUpload.id).where(OfferUpload.outlet_id == self.shop.id)).one()
        client.post("/abmelden")
        shops.sign_in(client, shops.staff("retailer_owner", other.organisation_id))
        assert client.get("/desk/angebote").status_code == 200

    def state(self) -> tuple[object, ...]:
        session.rollback()
        session.expire_all()
        offer = session.get_one(Offer, self.offer.id)
        return (
            session.get_one(Order, self.order.id).state,
            (offer.name, offer.status, session.get_one(Stock, offer.id).on_hand),
            session.get_one(Till, self.till_id).revoked_at,
            (
                session.get_one(TillStaff, self.staff_id).active,
                bytes(session.get_one(TillStaff, self.staff_id).pin_hash),
            ),
            session.scalar(sa.select(sa.func.count()).where(Membership.organisation_id == self.shop.organisation_id)),
            session.scalar(sa.select(sa.func.count()).where(Offer.outlet_id == self.shop.id)),
            session.scalar(sa.select(sa.func.count()).where(Till.outlet_id == self.shop.id)),
            redeeming.look(self.bearer, self.voucher.token)["remaining_cents"],
            session.get_one(WebhookEndpoint, self.endpoint_id).active,
            session.get_one(WebhookEndpoint, self.endpoint_id).secret,
            session.get_one(WebhookDelivery, self.delivery_id).next_at,
            session.get_one(PracticeToken, self.practice_key).revoked_at,
            len(tokens.list_tokens(self.till_id)),
        )


@pytest.fixture
def scene(client: FlaskClient, context: Flask) -> Scene:
    return Scene(client)


def test_no_address_of_the_desk_opens_another_shops_things(scene: Scene) -> None:
    before = scene.state()
    known = {
        "order": scene.order.id,
        "offer_id": scene.offer.id,
        "till_id": scene.till_id,
        "staff_id": scene.staff_id,
        "upload_id": scene.upload,
        "organisation": scene.shop.organisation_id,
        "person": scene.owner_id,
        "redemption_id": scene.redemption,
        "outlet_id": scene.shop.id,
        "form": "csv",
        "programme_id": scene.programme_id,
        "hash_": tokens.hash_bearer(scene.bearer).hex(),
        "endpoint_id": scene.endpoint_id,
        "delivery_id": scene.delivery_id,
        "key_id": scene.practice_key,
    }
    tried = 0
    for rule in scene.client.application.url_map.iter_rules():
        if not rule.arguments or not str(rule.rule).startswith(("/desk", "/punkt")):
            continue
        path = str(rule.rule)
        for name in rule.arguments:
            path = path.replace(f"<uuid:{name}>", str(known[name]))
            path = path.replace(f"<{name}>", str(known[name])).replace(f"<any(csv, txt):{name}>", str(known[name]))
        assert "<" not in path, path
        form = {
            "pin": "9713", "role": "retailer_owner", "email": "dieb@example.org", "name": "Dieb", "reason": "nur so",
            "code": "12345678", "seen": "1", "collected": "1", "on_hand": "0", "price": "0,01", "sku": "x",
            "version": "1", "category_slug": "haushalt", "vat_rate_bp": "1900", "status": "hidden", "kind": "goods",
            "storage_class": "ambient",
        }  # fmt: skip
        form = choose_taken(scene.client, path, form)
        for laden in ({}, {"laden": scene.shop.slug}):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                answer = scene.client.open(
                    path, method=method, query_string=laden, data=form if method == "POST" else None
                )
                assert answer.status_code in ANSWERS, (method, path, answer.status_code)
                tried += 1
    assert tried >= 30
    assert scene.state() == before


def test_forms_that_name_another_shop_are_refused(scene: Scene) -> None:
    before = scene.state()
    outlet = str(scene.shop.id)
    for path, form in (
        ("/desk/kassen/anmelden", {"outlet": outlet, "name": "Meine"}),
        ("/desk/kassen/zugang", {"outlet": outlet, "name": "Meine"}),
        ("/desk/kassensysteme", {"outlet": outlet, "name": "Meine", "scopes": "look"}),
        ("/desk/kassensysteme/uebung", {"outlet": outlet, "name": "Meine"}),
        (
            "/desk/kassensysteme/meldungen",
            {"outlet": outlet, "url": "https://x.example.org/", "events": "hold.created"},
        ),
        ("/desk/kassen/personen", {"outlet": outlet, "alias": "Dieb", "pin": "9713"}),
        ("/desk/angebote/neu", {"laden": scene.shop.slug, "name": "Brett", "sku": "b", "price": "1"}),
        ("/desk/angebote/import", {"laden": scene.shop.slug}),
    ):
        assert scene.client.post(path, data=form).status_code in ANSWERS, path
    assert scene.state() == before


def test_another_shops_till_learns_and_changes_nothing(scene: Scene, app: Flask) -> None:
    before = scene.state()
    till = app.test_client()
    head = {"Authorization": f"Bearer {scene.foreign}"}
    found = till.get(f"/api/v1/redemptions/by-key/{scene.key}", headers=head)
    assert (found.status_code, found.get_json()["code"]) == (404, "not_found")
    for verb, body in (("void", {"reason": "x"}), ("refunds", {"reason": "x", "amount_cents": 100})):
        keyed = head | {"Idempotency-Key": str(uuid4())}
        answer = till.post(f"/api/v1/redemptions/{scene.redemption}/{verb}", json=body, headers=keyed)
        unknown = till.post(f"/api/v1/redemptions/{uuid4()}/{verb}", json=body, headers=keyed)
        assert (answer.status_code, answer.get_json()["code"], answer.get_json()["title"]) == (
            unknown.status_code, unknown.get_json()["code"], unknown.get_json()["title"],
        )  # fmt: skip
        assert answer.status_code == 404
    till.set_cookie("till", scene.foreign, path="/kasse")
    place = session.scalars(
        sa.select(Till.outlet_id)
        .join(TillToken, TillToken.till_id == Till.id)
        .where(TillToken.hash == tokens.hash_bearer(scene.foreign))
    ).one()
    clerk_id = transact(staff.add_staff, place, alias="Bert", pin="7306")
    till.post("/kasse/person", data={"staff": str(scene.staff_id), "pin": "7305"})
    assert till.get("/kasse/heute").location == "/kasse/person"
    till.post("/kasse/person", data={"staff": str(clerk_id), "pin": "7306"})
    assert till.get("/kasse/heute").status_code == 200
    form = {"reason": "x", "key": str(uuid4()), "amount": "1,00", "email": "dieb@example.org", "all": "1"}
    tried = 0
    for rule in app.url_map.iter_rules():
        path = str(rule.rule).replace("<uuid:redemption_id>", str(scene.redemption)).replace("<key>", scene.key)
        if not rule.arguments or not path.startswith("/kasse") or "<" in path:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = till.open(path, method=method, data=choose_taken(till, path, form) if method == "POST" else None)
            refused = 302 if "/storno/" in path else 404  # the cashier reads the sentence on the next page
            assert answer.status_code == refused, (method, path, answer.status_code)
            tried += 1
    assert tried >= 9
    assert scene.state() == before


# Whole and right, so that only the voucher's shop can be what is wrong.
BODIES = {
    "void": {"reason": "x"},
    "refunds": {"reason": "x", "amount_cents": 100},
    "capture": {"amount_cents": 100},
    "release": {},
}


def test_another_shops_cash_system_reads_takes_and_ends_nothing(scene: Scene, app: Flask) -> None:
    held = holds.hold(scene.bearer, scene.voucher.token, cents=5_00, key=str(uuid4()), expires_in_seconds=600).body[
        "hold_id"
    ]
    before = scene.state()
    system = app.test_client()
    head = {"Authorization": f"Bearer {scene.foreign}"}
    known = {"redemption_id": scene.redemption, "hold_id": held, "key": scene.key}
    tried = 0
    for rule in app.url_map.iter_rules():
        path = str(rule.rule)
        if not path.startswith("/api/v1/") or not rule.arguments or "date" in rule.arguments:
            continue
        for name in rule.arguments:
            path = path.replace(f"<uuid:{name}>", str(known[name])).replace(f"<{name}>", str(known[name]))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            body = BODIES[path.rsplit("/", 1)[-1]] if method == "POST" else None
            answer = system.open(path, method=method, json=body, headers=head | {"Idempotency-Key": str(uuid4())})
            assert answer.status_code == 404, (method, path, answer.status_code)
            tried += 1
    assert tried >= 7
    assert scene.state() == before


def test_a_signed_link_holds_for_its_own_purpose_only(scene: Scene, app: Flask) -> None:
    group = scene.ordered.group
    assert group.payment_id
    payment = payment_links.status_url(group.payment_id).rpartition("/")[2]
    signed = {"order": order_links.sign_group(group.id), "sale": links.sign_order(uuid4()), "payment": payment}
    paths = {"order": "/bestellung/{}", "sale": "/gutscheine/bestellung/{}", "payment": "/bezahlen/{}"}
    guest = app.test_client()
    for made_for, text in signed.items():
        for used_at, path in paths.items():
            status = guest.get(path.format(text)).status_code
            assert (status == 200) == (made_for == used_at != "sale"), (made_for, used_at, status)
    other = shops.ordered(shops.offer(session.get_one(Outlet, scene.shop.id)))
    path = f"/bestellung/{signed['order']}/{other.orders[0].id}/stornieren"
    assert guest.post(path).status_code == 404
    session.rollback()
    assert session.get_one(Order, other.orders[0].id, populate_existing=True).state == "new"
