"""The pages for shoppers: found, shown, refused; each within its handful of statements."""

import re
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation import clock
from foundation.clock import BERLIN
from foundation.database import transact, uuid7
from marketplace.catalogue import changing, words
from marketplace.catalogue.changing import make_draft
from marketplace.shops import directory, storefronts
from people.models import Outlet
from tests.builders.catalogue import MUENSTER, a_shop, a_word, an_offer, some_food

pytestmark = pytest.mark.usefixtures("context")
TUESDAY_TEN = datetime(2026, 11, 24, 10, 0, tzinfo=BERLIN)
SUNDAY = datetime(2026, 11, 29, 10, 0, tzinfo=BERLIN)


@pytest.fixture
def shop(context: Flask) -> Outlet:
    return a_shop(name=f"Laden {a_word()}")


@pytest.fixture(autouse=True)
def forgetful() -> None:
    words.look_up_terms.cache_clear()
    directory.clear_cache()


def page(client: FlaskClient, path: str, at: datetime = TUESDAY_TEN, status: int = 200, **options: Any) -> str:
    with clock.at(at):
        answer = client.get(path, headers={"Accept-Language": "de"}, **options)
    assert answer.status_code == status, answer.text[:500]
    return re.sub(r"[ \n\t]+", " ", answer.text)


@pytest.mark.parametrize("path", ["/hilfe", "/impressum", "/datenschutz", "/barrierefreiheit", "/reihenfolge"])
def test_the_pages_that_only_say_something(client: FlaskClient, path: str) -> None:
    assert "<h1>" in page(client, path)


def test_home_has_search_doors_map_and_says_that_shops_are_invented(client: FlaskClient, shop: Outlet) -> None:
    text = page(client, "/")
    for part in ('name="q"', 'name="ort"', 'href="/laeden"', 'href="/gutscheine"', 'href="/g"', "erfunden"):
        assert part in text
    assert 'href="/laeden?ort=coesfeld"' in text


def test_home_shows_what_is_open_near_a_place_and_remembers_it(client: FlaskClient, shop: Outlet) -> None:
    here = a_shop(name="Ganz nah", postcode="48653", latitude=51.94, longitude=7.17)
    assert f"/laden/{here.slug}" in page(client, "/?ort=48653") or "Jetzt geöffnet bei Coesfeld" in page(client, "/")
    assert client.get_cookie("place").value == "48653"
    assert f"/laden/{here.slug}" not in page(client, "/", at=SUNDAY)
    page(client, "/suche?ort=&q=x")
    assert client.get_cookie("place") is None


def test_home_says_so_when_no_shop_is_open(own_database: Flask) -> None:
    directory.clear_cache()
    assert "Gerade hat kein Laden geöffnet" in page(own_database.test_client(), "/", at=SUNDAY)
    directory.clear_cache()


def test_a_hit_says_shop_town_distance_price_unit_price_and_when(client: FlaskClient, shop: Outlet) -> None:
    word = a_word()
    an_offer(shop.id, name=word, price_cents=199, content_amount=500, content_unit="g", **some_food())
    text = page(client, f"/suche?q={word}&ort=48653")
    for part in (word, f"{shop.name}, Coesfeld", "km", "1,99", "3,98\u202f€ je kg", "heute bis 12:30 abholen"):
        assert part in text, part
    assert "1 Treffer" in text
    assert 'href="/reihenfolge"' in text


@pytest.mark.parametrize(
    ("instant", "words_"),
    [
        (datetime(2026, 11, 24, 12, 15, tzinfo=BERLIN), "heute ab 14:30 abholen"),
        (datetime(2026, 11, 24, 13, 0, tzinfo=BERLIN), "heute ab 14:30 abholen"),
        (datetime(2026, 11, 24, 19, 0, tzinfo=BERLIN), "ab morgen 9:00 abholen"),
        (datetime(2026, 11, 28, 14, 0, tzinfo=BERLIN), "ab Mo 9:00 abholen"),
    ],
)
def test_the_line_under_a_hit_follows_the_clock(
    client: FlaskClient, shop: Outlet, instant: datetime, words_: str
) -> None:
    word = a_word()
    an_offer(shop.id, name=word)
    assert words_ in page(client, f"/suche?q={word}", at=instant)


def test_other_lines_are_honest(client: FlaskClient, shop: Outlet) -> None:
    word, counter = a_word(), a_shop(handover_kinds=())
    an_offer(shop.id, name=f"{word} eins", on_hand=0)
    an_offer(shop.id, name=f"{word} zwei", on_hand=None)
    an_offer(shop.id, name=f"{word} drei", kind="service", category_slug="dienstleistung", on_hand=None)
    an_offer(counter.id, name=f"{word} vier")
    text = page(client, f"/suche?q={word}")
    assert text.count("zurzeit ausverkauft") == 1
    assert text.count("auf Anfrage") == 2
    assert text.count("nur im Geschäft") == 1


def test_filters_are_in_the_address(client: FlaskClient, shop: Outlet) -> None:
    word, far = (
        a_word(),
        a_shop(ags=MUENSTER, postcode="48143", latitude=51.96, longitude=7.63, handover_kinds=["shop"]),
    )
    an_offer(shop.id, name=f"{word} nah")
    an_offer(far.id, name=f"{word} fern")
    assert "2 Treffer" in page(client, f"/suche?q={word}&ort=48653")
    near = page(client, f"/suche?q={word}&ort=48653&km=10")
    assert f"{word} nah" in near
    assert f"{word} fern" not in near
    assert f"{word} fern" not in page(client, f"/suche?q={word}&weg=point")
    assert "Dazu haben wir nichts gefunden" in page(client, f"/suche?q={word}&offen=1", at=SUNDAY)
    assert "Dazu haben wir nichts gefunden" in page(client, f"/suche?q={word}&kategorie=musik")


def test_no_hit_offers_ways_on(client: FlaskClient, shop: Outlet) -> None:
    text = page(client, "/suche?q=qxqxqxqxq")
    for part in ("02541 900 900", "Dazu haben wir nichts gefunden", 'href="/suche?kategorie=lebensmittel"'):
        assert part in text


def test_an_unknown_place_is_said(client: FlaskClient, shop: Outlet) -> None:
    assert "Den Ort „Atlantis“ kennen wir nicht" in page(client, "/suche?q=x&ort=Atlantis")


@pytest.mark.parametrize(
    "query",
    [
        "q=%00&ort=%00",
        "km=abc&ab=zzz&kategorie=%27&weg=x",
        "ab=1.x",
        "q=" + "a" * 3000,
        "ab=99999999999999.00000000-0000-0000-0000-000000000000",
    ],
)
def test_odd_addresses_break_nothing(client: FlaskClient, shop: Outlet, query: str) -> None:
    page(client, f"/suche?{query}")
    page(client, f"/laden/{shop.slug}?{query}")


def test_more_hits_than_a_page_go_on(client: FlaskClient, shop: Outlet) -> None:
    word = a_word()
    for number in range(26):
        an_offer(shop.id, name=f"{word} {number}")
    first = page(client, f"/suche?q={word}")
    more = re.search(r'rel="next" href="([^"]+)"', first)
    assert more is not None
    second = page(client, more[1].replace("&amp;", "&"))
    titles = re.compile(rf">({word} \d+)</a>")
    assert len(set(titles.findall(first)) | set(titles.findall(second))) == 26
    assert 'rel="next"' not in second


def test_shops_are_found_by_name_too(client: FlaskClient, shop: Outlet) -> None:
    assert f'href="/laden/{shop.slug}"' in page(client, f"/suche?q={shop.name.split()[1]}")


def test_the_list_of_shops_is_filtered(client: FlaskClient, shop: Outlet) -> None:
    other = a_shop(ags=MUENSTER, trade="goldschmied")
    assert f"/laden/{shop.slug}" in page(client, "/laeden?ort=coesfeld")
    assert f"/laden/{other.slug}" not in page(client, "/laeden?ort=coesfeld")
    assert f"/laden/{other.slug}" in page(client, "/laeden?gewerbe=goldschmied")
    assert f"/laden/{shop.slug}" not in page(client, "/laeden?gewerbe=goldschmied")
    assert f"/laden/{shop.slug}" not in page(client, "/laeden?offen=1", at=SUNDAY)
    assert "Hier ist gerade kein Laden dabei" in page(client, "/laeden?ort=nirgendwo")


def test_a_shop_page_answers_everything(client: FlaskClient, shop: Outlet) -> None:
    an_offer(shop.id, name="Ein Brett")
    text = page(client, f"/laden/{shop.slug}")
    for part in (
        "Dienstag, 24. November (heute)",
        "09:00 – 12:30 und 14:30 – 18:30",
        "geschlossen",
        "tel:02541100",
        "ohne Stufen",
        "Gutschein, Karte online, Lastschrift oder bei Abholung",
        "an einer Abholstelle",
        "GmbH",
        "Gewerblicher Verkäufer",
        "Ein Brett",
        "Seit 1920.",
        "geöffnet bis 12:30",
    ):
        assert part in text, part


def test_a_holiday_has_its_name_in_the_hours(client: FlaskClient, shop: Outlet) -> None:
    text = page(client, f"/laden/{shop.slug}", at=datetime(2026, 6, 3, 10, tzinfo=BERLIN))
    assert "geschlossen (Fronleichnam)" in text


def test_a_shop_without_window_is_not_there(client: FlaskClient, shop: Outlet) -> None:
    offer = an_offer(shop.id)
    transact(storefronts.unpublish_storefront, shop.id)
    page(client, f"/laden/{shop.slug}", status=404)
    page(client, f"/angebot/{offer.id}-{offer.slug}", status=404)
    page(client, "/laden/gibt-es-nicht", status=404)


def test_an_offer_page_answers_the_four_questions(client: FlaskClient, shop: Outlet) -> None:
    offer = an_offer(
        shop.id,
        name="Roggenbrot",
        price_cents=199,
        content_amount=500,
        content_unit="g",
        deposit_cents=25,
        age_limit=16,
        gtin="4006381333931",
        manufacturer="Backhaus",
        **some_food(),
    )
    text = page(client, f"/angebot/{offer.id}-{offer.slug}")
    for part in (
        "Wo ist es?",
        "Wie bekomme ich es?",
        "Wie bezahle ich?",
        "Wen kann ich fragen?",
        "Heute bis 12:30 abholen",
        "1,99",
        "3,98\u202f€ je kg",
        "500 g",
        "inkl. 7 % MwSt.",
        "zzgl. Pfand",
        "0,25",
        "ab 16 Jahren",
        "4006381333931",
        "<strong>Weizenmehl</strong>, Wasser, Salz",
        '<strong>Allergene:</strong> <span lang="de">Weizen',
        "Backhaus",
        "(gewerblich)",
        "Noch 5 vorrätig.",
    ):
        assert part in text, part
    assert re.search(
        rf'action="/warenkorb/hinein".*name="offer_id" value="{offer.id}".*name="quantity"', text, re.DOTALL
    )


def test_addresses_lead_to_the_one_with_the_right_name(client: FlaskClient, shop: Outlet) -> None:
    parent = an_offer(shop.id, name="Topf", has_variants=True)
    child = an_offer(shop.id, name="Topf rot", variant_of=parent.id, attributes={"Farbe": "rot"})
    right = f"/angebot/{parent.id}-topf"
    for path in (f"/angebot/{parent.id}", f"/angebot/{parent.id}-falsch"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (301, right)
    assert client.get(f"/angebot/{child.id}-topf-rot").status_code == 301
    text = page(client, right)
    assert re.search(rf'<select[^>]*name="offer_id".*<option value="{child.id}"\s*>rot, ', text, re.DOTALL)


def test_what_cannot_be_ordered_has_no_basket(client: FlaskClient, shop: Outlet) -> None:
    counter = a_shop(handover_kinds=())
    for offer in (
        an_offer(shop.id, on_hand=0),
        an_offer(shop.id, kind="service", category_slug="dienstleistung", on_hand=None),
        an_offer(counter.id),
    ):
        text = page(client, f"/angebot/{offer.id}-{offer.slug}")
        assert "/warenkorb/hinein" not in text
        assert "Im Laden anrufen" in text


def test_hidden_and_unknown_offers_are_not_there(client: FlaskClient, shop: Outlet) -> None:
    offer = an_offer(shop.id, status="hidden")
    page(client, f"/angebot/{offer.id}-{offer.slug}", status=404)
    page(client, f"/angebot/{uuid7()}-x", status=404)
    page(client, "/angebot/unsinn", status=404)


def test_a_struck_price_is_explained(client: FlaskClient, shop: Outlet) -> None:
    with clock.at(datetime(2026, 10, 1, 10, tzinfo=BERLIN)):
        offer = an_offer(shop.id, price_cents=1000)
    with clock.at(datetime(2026, 11, 20, 10, tzinfo=BERLIN)):
        draft = make_draft(offer, 5, price_cents=800, announce=True)
        transact(changing.change, offer.id, draft, version=1)
    text = page(client, f"/angebot/{offer.id}-{offer.slug}")
    assert re.search(r"<s>.*10,00.*</s>.*niedrigster Preis der letzten 30 Tage", text, re.DOTALL)


def test_the_same_product_elsewhere_is_named(client: FlaskClient, shop: Outlet) -> None:
    other = a_shop(name="Anderswo")
    offer = an_offer(shop.id, gtin="4000161050308")
    an_offer(other.id, gtin="4000161050308")
    text = page(client, f"/angebot/{offer.id}-{offer.slug}")
    assert "Dasselbe in anderen Läden" in text
    assert "Anderswo, Coesfeld" in text


def test_names_are_escaped(client: FlaskClient, shop: Outlet) -> None:
    offer = an_offer(shop.id, name="<script>alert(1)</script>", description="<b>x</b>")
    for path in (f"/angebot/{offer.id}-{offer.slug}", f"/laden/{shop.slug}", "/suche?q=<script>"):
        text = page(client, path)
        assert "<script>alert" not in text
        assert "<b>x" not in text


def test_every_page_needs_a_handful_of_statements(app: Flask, client: FlaskClient, shop: Outlet) -> None:
    word = a_word()
    offer = an_offer(shop.id, name=word)
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    paths = {"/": 0, f"/suche?q={word}": 2, f"/laden/{shop.slug}": 2, f"/angebot/{offer.id}-{offer.slug}": 2}
    sa.event.listen(sa.engine.Engine, "before_cursor_execute", note)
    try:
        for path, most in paths.items():
            page(client, path)
            seen.clear()
            page(client, path)
            assert len(seen) <= most, seen
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", note)
