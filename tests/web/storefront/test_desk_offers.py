"""The retailer's offers: who may, whose, what a wrong form does, and an import from file to shelf."""

import io
import re
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import session, transact
from marketplace.catalogue.models import Offer, Stock
from people import persons
from people.models import Outlet
from people.web.security import password_hash
from tests.builders.catalogue import a_shop, an_offer
from tests.web.test_sign_in import PASSWORD, address, member, sign_in

pytestmark = pytest.mark.usefixtures("context")
GOOD = {
    "name": "Brett", "sku": "b1", "category_slug": "haushalt", "price": "12,50", "vat_rate_bp": "1900", "on_hand": "3",
    "status": "published", "kind": "goods", "storage_class": "ambient", "version": "0",
}  # fmt: skip


@pytest.fixture
def shop(context: Flask) -> Outlet:
    return a_shop()


def enter(client: FlaskClient, shop: Outlet, role: str = "retailer_owner") -> None:
    email = address()

    def make() -> None:
        person = persons.create(email=email, password_hash=password_hash(PASSWORD), confirmed=True)
        persons.join(person.id, shop.organisation_id, role)

    transact(make)
    assert sign_in(client, email) == 302


def offers(shop: Outlet) -> list[Offer]:
    session.rollback()
    query = sa.select(Offer).where(Offer.outlet_id == shop.id).execution_options(populate_existing=True)
    return list(session.scalars(query.order_by(Offer.sku)))


def count(offer_id: UUID) -> int | None:
    session.rollback()
    return session.get_one(Stock, offer_id, populate_existing=True).on_hand


def upload(client: FlaskClient, text: str | bytes, **fields: str) -> tuple[int, str]:
    data = text.encode() if isinstance(text, str) else text
    form = {"file": (io.BytesIO(data), "liste.csv"), "category_slug": "haushalt", **fields}
    answer = client.post("/desk/angebote/import", data=form, content_type="multipart/form-data")
    return answer.status_code, answer.headers.get("Location") or answer.text


def test_strangers_and_shoppers_stay_out(client: FlaskClient, shop: Outlet) -> None:
    offer = an_offer(shop.id)
    paths = ("/desk/angebote", "/desk/angebote/neu", f"/desk/angebote/{offer.id}", "/desk/angebote/import")
    for path in paths:
        assert client.get(path).status_code in {302, 401}
    sign_in(client, member("auditor"))
    for path in paths:
        assert client.get(path).status_code == 403
    assert client.post(f"/desk/angebote/{offer.id}/verbergen").status_code == 403
    assert offers(shop)[0].status == "published"


def test_a_clerk_sees_but_does_not_change(client: FlaskClient, shop: Outlet) -> None:
    offer = an_offer(shop.id, name="Fester Preis")
    enter(client, shop, "retailer_clerk")
    text = client.get("/desk/angebote").text
    assert "Fester Preis" in text
    assert "/verbergen" not in text
    for path in ("/desk/angebote/neu", f"/desk/angebote/{offer.id}", "/desk/angebote/import"):
        assert client.get(path).status_code == 403
    for path in ("/desk/angebote/neu", f"/desk/angebote/{offer.id}", f"/desk/angebote/{offer.id}/bestand"):
        assert client.post(path, data=GOOD).status_code == 403
    assert [(o.name, o.version) for o in offers(shop)] == [("Fester Preis", 1)]


def test_another_shops_offer_does_not_exist(client: FlaskClient, shop: Outlet) -> None:
    other = a_shop()
    offer = an_offer(other.id, name="Fremd")
    enter(client, shop)
    assert client.get(f"/desk/angebote/{offer.id}").status_code == 404
    assert client.get(f"/desk/angebote?laden={other.slug}").status_code == 404
    for verb in ("", "/bestand", "/verbergen", "/zeigen"):
        assert client.post(f"/desk/angebote/{offer.id}{verb}", data=GOOD | {"version": "1"}).status_code == 404
    assert [(o.name, o.status, o.version) for o in offers(other)] == [("Fremd", "published", 1)]
    assert count(offer.id) == 5


def test_a_new_offer_is_added_and_shown(client: FlaskClient, shop: Outlet) -> None:
    enter(client, shop)
    assert "Noch keine Angebote" in client.get("/desk/angebote").text
    answer = client.post("/desk/angebote/neu", data=GOOD | {"content": "500 g", "description": "eins\r\nzwei"})
    assert answer.status_code == 303
    made = offers(shop)[0]
    assert (made.name, made.price_cents, made.content_amount, made.description) == ("Brett", 1250, 500, "eins\nzwei")
    assert count(made.id) == 3
    assert "Brett" in client.get(f"/laden/{shop.slug}").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"price": "viel"}, "ist kein Betrag"),
        ({"price": ""}, "Bitte geben Sie einen Betrag ein."),
        ({"name": ""}, "Der Name fehlt"),
        ({"sku": ""}, "Die Artikelnummer fehlt"),
        ({"content": "viel"}, "Das verstehen wir nicht."),
        ({"on_hand": "drei"}, "Bitte eine ganze Zahl"),
        ({"category_slug": "nichts"}, "Diese Kategorie gibt es nicht."),
        ({"category_slug": "brot"}, "Ohne Zutaten dürfen Lebensmittel nicht gezeigt werden."),
        ({"category_slug": "kleidung"}, "Ohne Angabe der Fasern"),
        ({"gtin": "123"}, "Prüfziffer"),
        ({"vat_rate_bp": "x"}, "Diese Auswahl gibt es nicht."),
        ({"name": "x" * 200}, "Das ist zu lang."),
    ],
)
def test_a_wrong_form_says_what_and_adds_nothing(
    client: FlaskClient, shop: Outlet, changes: dict[str, str], sentence: str
) -> None:
    enter(client, shop)
    answer = client.post("/desk/angebote/neu", data=GOOD | changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert offers(shop) == []


def test_a_change_needs_the_version_that_was_seen(client: FlaskClient, shop: Outlet) -> None:
    offer = an_offer(shop.id, sku="b1")
    enter(client, shop)
    form = client.get(f"/desk/angebote/{offer.id}").text
    assert re.search(r'name="version" value="1"', form)
    first = client.post(f"/desk/angebote/{offer.id}", data=GOOD | {"version": "1", "price": "9,99"})
    second = client.post(f"/desk/angebote/{offer.id}", data=GOOD | {"version": "1", "price": "1,11"})
    assert (first.status_code, second.status_code) == (303, 409)
    assert "inzwischen geändert" in second.text
    assert [(o.price_cents, o.version) for o in offers(shop)] == [(999, 2)]


def test_stock_is_counted_from_the_list(client: FlaskClient, shop: Outlet) -> None:
    offer = an_offer(shop.id)
    enter(client, shop)
    path = f"/desk/angebote/{offer.id}/bestand"
    assert client.post(path, data={"on_hand": "12"}).status_code == 303
    assert count(offer.id) == 12
    assert client.post(path, data={"on_hand": "-1"}).status_code == 422
    assert count(offer.id) == 12
    assert client.post(path, data={"on_hand": ""}).status_code == 303
    assert count(offer.id) is None


def test_hide_and_show(client: FlaskClient, shop: Outlet) -> None:
    offer = an_offer(shop.id)
    enter(client, shop)
    assert client.post(f"/desk/angebote/{offer.id}/verbergen").status_code == 303
    assert offers(shop)[0].status == "hidden"
    assert client.get(f"/angebot/{offer.id}-{offer.slug}").status_code == 404
    assert client.post(f"/desk/angebote/{offer.id}/zeigen").status_code == 303
    assert offers(shop)[0].status == "published"


def test_the_list_is_searched_and_filtered(client: FlaskClient, shop: Outlet) -> None:
    an_offer(shop.id, name="Kanne", sku="k1")
    an_offer(shop.id, name="Tasse 100%", status="hidden", sku="t_1")
    enter(client, shop)
    assert "Tasse" not in client.get("/desk/angebote?q=kann").text
    assert "Kanne" not in client.get("/desk/angebote?status=hidden").text
    assert "Tasse" in client.get("/desk/angebote?q=100%25").text
    assert "Kanne" not in client.get("/desk/angebote?q=_").text
    assert "Nichts gefunden" in client.get("/desk/angebote?q=gibtsnicht").text


def test_an_import_is_previewed_then_applied_once(client: FlaskClient, shop: Outlet) -> None:
    enter(client, shop)
    status, where = upload(client, "SKU,Name,Regular price,Stock\na1,Brett,12.50,3\na2,Topf,20,1\n")
    assert status == 303
    preview = client.get(where).text
    assert "Alle Zeilen sind in Ordnung." in preview
    assert offers(shop) == []
    path = where.split("?")[0]
    assert client.post(path, data={"laden": shop.slug}).status_code == 303
    assert [o.name for o in offers(shop)] == ["Brett", "Topf"]
    assert client.post(path, data={"laden": shop.slug}).status_code == 303
    assert [o.version for o in offers(shop)] == [1, 1]
    assert "Die Liste ist übernommen." in client.get(where).text


def test_an_import_with_faults_names_lines_and_takes_only_what_is_agreed(client: FlaskClient, shop: Outlet) -> None:
    enter(client, shop)
    _status, where = upload(client, "SKU,Name,Regular price\na1,Brett,12.50\na2,=1+1,3\n")
    text = " ".join(client.get(where).text.split())
    assert re.search(r'<th scope="row" class="number">3</th>.*fehlerhaft.*Formel', text, re.DOTALL)
    path = where.split("?")[0]
    client.post(path, data={"laden": shop.slug})
    assert offers(shop) == []
    client.post(path, data={"laden": shop.slug, "only_good": "1"})
    assert [o.sku for o in offers(shop)] == ["a1"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Die Datei ist leer."),
        (b"PK\x03\x04", "Das ist eine Excel-Datei."),
        (b"nur eine Spalte\nx", "Die erste Zeile muss die Namen der Spalten enthalten"),
        (b'SKU,Name\n1,"offen', "Ab Zeile 2 ist die Datei nicht lesbar"),
    ],
)
def test_an_unreadable_file_is_refused_with_a_sentence(
    client: FlaskClient, shop: Outlet, data: bytes, sentence: str
) -> None:
    enter(client, shop)
    status, text = upload(client, data)
    assert status == 422
    assert sentence in text


def test_a_file_of_more_than_two_megabytes_is_refused(client: FlaskClient, shop: Outlet) -> None:
    enter(client, shop)
    kind = "multipart/form-data; boundary=x"
    answer = client.post("/desk/angebote/import", data=b"x" * (2 * 1024 * 1024 + 1), content_type=kind)
    assert answer.status_code == 413
    assert "2 Megabyte" in answer.text


def test_without_a_file_there_is_a_sentence(client: FlaskClient, shop: Outlet) -> None:
    enter(client, shop)
    answer = client.post("/desk/angebote/import", data={}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Bitte wählen Sie eine Datei." in answer.text


def test_another_shops_import_does_not_exist(client: FlaskClient, app: Flask, shop: Outlet) -> None:
    enter(client, shop)
    _status, where = upload(client, "SKU,Name,Regular price\na1,Brett,12.50\n")
    stranger, other = app.test_client(), a_shop()
    enter(stranger, other)
    path = where.split("?")[0]
    assert stranger.get(path).status_code == 404
    assert stranger.get(where).status_code == 404
    stranger.post(path, data={"only_good": "1"})
    assert offers(shop) == offers(other) == []
