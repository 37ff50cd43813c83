"""A shop's list comes in: the real WooCommerce export, every kind of wrong line, again and again, one shop only."""

import csv
import io
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, transact
from foundation.errors import NotFound, Refused
from marketplace.catalogue.importing import applying
from marketplace.catalogue.importing.planning import ImportDefaults, ImportPlan, plan_import
from marketplace.catalogue.models import Offer, PriceChange, Stock
from people.models import Outlet
from tests.builders.catalogue import a_shop, an_offer
from tests.builders.threads import at_once

pytestmark = pytest.mark.usefixtures("context")
SAMPLE = Path(__file__).parent / "woocommerce_products.csv"
NOTHING = ImportDefaults(category_slug="haushalt")
COTTON = ImportDefaults(fibres="100 % Baumwolle")


@pytest.fixture
def shop(context: Flask) -> Outlet:
    return a_shop(trade="mode")


def a_list(*rows: dict[str, str]) -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def row(sku: str = "a1", **cells: str) -> dict[str, str]:
    return {"SKU": sku, "Type": "simple", "Name": "Brett", "Regular price": "12,50", "Stock": "3"} | cells


def offers(shop: Outlet) -> dict[str, Offer]:
    session.expire_all()
    return {offer.sku: offer for offer in session.scalars(sa.select(Offer).where(Offer.outlet_id == shop.id))}


def snapshot(shop: Outlet) -> list[tuple[object, ...]]:
    query = sa.select(Offer.__table__, Stock.on_hand).outerjoin(Stock).where(Offer.outlet_id == shop.id)
    session.rollback()
    return sorted(tuple(map(str, found)) for found in session.execute(query))


def bring_in(shop: Outlet, data: bytes, defaults: ImportDefaults = NOTHING, only_good: bool = False) -> dict[str, int]:
    return transact(applying.apply_list, shop.id, data, defaults, only_good=only_good)


def actions(planned: ImportPlan) -> list[tuple[int, str]]:
    return [(entry.line, entry.action) for entry in planned.entries]


def sentences(shop: Outlet, *rows: dict[str, str]) -> list[str]:
    planned = plan_import(shop.id, a_list(*rows), NOTHING)
    assert planned.entries[-1].action == "wrong"
    return planned.entries[-1].sentences


def test_the_sample_export_comes_in_with_its_variants(shop: Outlet) -> None:
    assert bring_in(shop, SAMPLE.read_bytes(), COTTON) == {"add": 20, "change": 0, "same": 0, "skip": 4, "wrong": 0}
    found = offers(shop)
    hoodie, red = found["cc-hoodie"], found["cc-hoodie-red"]
    assert (hoodie.has_variants, hoodie.price_cents, hoodie.category_slug) == (True, 4200, "kleidung")
    assert (red.variant_of, red.price_cents, red.attributes) == (hoodie.id, 4200, {"Color": "Red", "Logo": "No"})
    assert found["cc-beanie"].price_cents == 1800
    assert found["cc-hoodie-with-pocket"].status == "hidden"
    assert {offer.fibres for offer in found.values()} == {"100 % Baumwolle"}
    assert "cc-logo-collection" not in found
    assert "cp-donation" not in found


def test_without_fibres_clothes_come_in_hidden_and_say_why(shop: Outlet) -> None:
    planned = plan_import(shop.id, SAMPLE.read_bytes(), ImportDefaults())
    tee = next(entry for entry in planned.entries if entry.sku == "cc-tee")
    assert tee.draft is not None
    assert tee.draft.status == "hidden"
    assert "Fasern" in tee.sentences[0]


def test_a_second_time_changes_nothing(shop: Outlet) -> None:
    bring_in(shop, SAMPLE.read_bytes(), COTTON)
    before = snapshot(shop)
    assert bring_in(shop, SAMPLE.read_bytes(), COTTON) == {"add": 0, "change": 0, "same": 20, "skip": 4, "wrong": 0}
    assert snapshot(shop) == before


def test_a_changed_line_changes_its_offer_and_logs_the_price(shop: Outlet) -> None:
    bring_in(shop, a_list(row(), row("a2", Name="Topf")))
    made = offers(shop)["a1"].id
    with clock.at(clock.now() + timedelta(minutes=1)):  # the clock of the tests stands; the log is in order of time
        result = bring_in(shop, a_list(row(**{"Regular price": "11", "Stock": "9"}), row("a2", Name="Topf")))
    assert result == {"add": 0, "change": 1, "same": 1, "skip": 0, "wrong": 0}
    changed = offers(shop)["a1"]
    assert (changed.id, changed.price_cents, changed.version) == (made, 1100, 2)
    assert session.get_one(Stock, made).on_hand == 9
    log = sa.select(PriceChange.cents).where(PriceChange.offer_id == made).order_by(PriceChange.at)
    assert list(session.scalars(log)) == [1250, 1100]


def test_what_a_list_does_not_mention_stays(shop: Outlet) -> None:
    offer = an_offer(
        shop.id, sku="a1", description="Von Hand", manufacturer="Tischlerei", content_amount=2, content_unit="piece"
    )
    bring_in(shop, a_list({"SKU": "a1", "Regular price": "9,99", "Name": "Brett"}))
    changed = offers(shop)["a1"]
    assert (changed.id, changed.description, changed.manufacturer, changed.content_amount) == (
        offer.id, "Von Hand", "Tischlerei", 2,
    )  # fmt: skip
    assert session.get_one(Stock, offer.id).on_hand == 5


def test_a_line_without_number_is_known_by_its_gtin(shop: Outlet) -> None:
    offer = an_offer(shop.id, sku="eigene", gtin="4006381333931")
    bring_in(shop, a_list({"GTIN": "4006381333931", "Name": "Neu", "Regular price": "5"}))
    assert [(o.id, o.name) for o in offers(shop).values()] == [(offer.id, "Neu")]


def test_another_shops_offers_are_never_touched(shop: Outlet) -> None:
    other = a_shop()
    an_offer(other.id, sku="a1", gtin="4006381333931", name="Fremd")
    before = snapshot(other)
    bring_in(shop, a_list(row("a1", GTIN="4006381333931", Name="Meins")))
    assert snapshot(other) == before
    assert offers(shop)["a1"].name == "Meins"


def test_one_wrong_line_stops_the_whole_list(shop: Outlet) -> None:
    an_offer(shop.id, sku="a1")
    before = snapshot(shop)
    with pytest.raises(Refused) as caught:
        bring_in(shop, a_list(row(), row("a2", **{"Regular price": "viel"})))
    assert caught.value.details["lines"] == [3]
    assert snapshot(shop) == before


def test_or_only_the_good_lines_come_in(shop: Outlet) -> None:
    data = a_list(row(), row("a2", **{"Regular price": "viel"}), row("a3"))
    assert bring_in(shop, data, only_good=True) == {"add": 2, "change": 0, "same": 0, "skip": 0, "wrong": 1}
    assert sorted(offers(shop)) == ["a1", "a3"]


@pytest.mark.parametrize(
    ("cells", "part"),
    [
        ({"Regular price": ""}, "Der Preis fehlt."),
        ({"Regular price": "-3"}, "kein Betrag"),
        ({"Regular price": "0"}, "zwischen"),
        ({"Regular price": "30000"}, "zwischen"),
        ({"Sale price": "13"}, "höher als der Preis"),
        ({"Sale price": "3", "Date sale price ends": "morgen"}, "2026-11-30"),
        ({"Name": ""}, "Der Name fehlt"),
        ({"Name": "x" * 151}, "Der Name fehlt oder ist länger"),
        ({"Name": "=HYPERLINK(1)"}, "Formel"),
        ({"Name": "'=1+1"}, "Formel"),
        ({"SKU": "@a"}, "Formel"),
        ({"Stock": "drei"}, "keine ganze Zahl"),
        ({"Type": "subscription"}, "Produkttyp"),
        ({"Tax class": "luxus"}, "Steuerklasse"),
        ({"GTIN": "4006381333932"}, "Prüfziffer"),
        ({"Inhalt": "viel"}, "Inhalt"),
        ({"Altersgrenze": "12"}, "16 und 18"),
        ({"Lagerung": "warm"}, "Auswahl"),
        ({"SKU": "", "ID": ""}, "weder Artikelnummer noch GTIN"),
    ],
)
def test_each_fault_has_its_sentence_and_line(shop: Outlet, cells: dict[str, str], part: str) -> None:
    planned = plan_import(shop.id, a_list(row("good"), row(**cells)), NOTHING)
    assert actions(planned) == [(2, "add"), (3, "wrong")]
    assert any(part in sentence for sentence in planned.entries[1].sentences), planned.entries[1].sentences


def test_a_number_twice_names_the_first_line(shop: Outlet) -> None:
    assert sentences(shop, row(), row()) == ["Die Artikelnummer „a1“ steht schon in Zeile 2."]


def test_a_variant_without_its_product_is_wrong(shop: Outlet) -> None:
    found = sentences(shop, row("v", Type="variation", Parent="fehlt"))
    assert found == ["Das Hauptprodukt „fehlt“ dieser Variante fehlt oder hat Fehler."]


def test_a_product_without_usable_variant_is_wrong(shop: Outlet) -> None:
    found = sentences(shop, row("v", Type="variable"))
    assert found == ["Zu diesem Produkt gibt es in der Datei keine brauchbare Variante mit Preis."]


def test_parents_may_be_named_by_their_id_and_come_later(shop: Outlet) -> None:
    rows: Iterable[dict[str, str]] = (
        row("v1", Type="variation", Parent="id:77", Name="Topf - klein"),
        row("p", Type="variable", ID="77", Name="Topf", **{"Regular price": ""}),
    )
    assert bring_in(shop, a_list(*rows))["add"] == 2
    assert offers(shop)["v1"].variant_of == offers(shop)["p"].id


def test_food_without_particulars_comes_in_hidden(shop: Outlet) -> None:
    bring_in(
        shop,
        a_list(
            row("ohne", Kategorien="Brot", Zutaten=""),
            row("mit", Kategorien="Brot", Zutaten="_Roggen_, Wasser"),
            row("stumm", Kategorien="Brot", Zutaten="Wasser"),
        ),
    )
    found = offers(shop)
    assert {sku: offer.status for sku, offer in found.items()} == {
        "ohne": "hidden",
        "mit": "published",
        "stumm": "hidden",
    }
    assert found["mit"].allergens == "Roggen"


def test_a_sale_price_counts_while_it_runs(shop: Outlet) -> None:
    dated = {"Sale price": "9", "Date sale price starts": "2020-01-01", "Date sale price ends": "2020-02-01"}
    bring_in(shop, a_list(row("jetzt", **{"Sale price": "9"}), row("vorbei", **dated)))
    assert {sku: offer.price_cents for sku, offer in offers(shop).items()} == {"jetzt": 900, "vorbei": 1250}


def test_markup_and_scripts_do_not_come_in(shop: Outlet) -> None:
    bring_in(shop, a_list(row(Name="<b>Brett</b> &amp; Co", Description="<p>eins</p><script>x</script>zwei")))
    made = offers(shop)["a1"]
    assert (made.name, made.description) == ("Brett & Co", "eins\nzwei")


def test_not_in_stock_and_below_nothing_are_none_left(shop: Outlet) -> None:
    bring_in(shop, a_list(row("aus", **{"In stock?": "0"}), row("minus", Stock="-2"), row("ungezählt", Stock="")))
    counts = {sku: session.get_one(Stock, offer.id).on_hand for sku, offer in offers(shop).items()}
    assert counts == {"aus": 0, "minus": 0, "ungezählt": None}


def test_german_headings_and_semicolons(shop: Outlet) -> None:
    header = "Artikelnummer;Typ;Name;Regulärer Preis;Bestand;Steuerklasse;Kategorien"
    text = f"{header}\nb1;simple;Käse;1.234,50;2;7 %;Haushalt\n"
    bring_in(shop, text.encode("cp1252"))
    made = offers(shop)["b1"]
    assert (made.name, made.price_cents, made.vat_rate_bp, made.category_slug) == ("Käse", 123450, 700, "haushalt")


def test_four_thousand_lines_come_in(shop: Outlet) -> None:
    data = a_list(*(row(f"n{number}", Name=f"Ding {number}") for number in range(4000)))
    assert bring_in(shop, data)["add"] == 4000


def test_a_kept_upload_is_applied_once_and_emptied(shop: Outlet) -> None:
    upload, planned = transact(applying.keep_upload, shop.id, filename="x.csv", content=a_list(row()), defaults=NOTHING)
    assert actions(planned) == [(2, "add")]
    first = transact(applying.apply_upload, shop.id, upload.id, only_good=False)
    again = transact(applying.apply_upload, shop.id, upload.id, only_good=False)
    assert first == again == {"add": 1, "change": 0, "same": 0, "skip": 0, "wrong": 0}
    assert session.get_one(applying.OfferUpload, upload.id, populate_existing=True).content == b""


def test_another_shops_upload_does_not_exist(shop: Outlet) -> None:
    upload, _planned = transact(
        applying.keep_upload, shop.id, filename="x.csv", content=a_list(row()), defaults=NOTHING
    )
    with pytest.raises(NotFound):
        transact(applying.apply_upload, a_shop().id, upload.id, only_good=False)
    assert offers(shop) == {}


def test_two_imports_of_one_shop_at_once_wait_for_each_other(app: Flask, shop: Outlet) -> None:
    data = a_list(*(row(f"n{number}") for number in range(20)))

    def act(outlet_id: UUID) -> int:
        return transact(applying.apply_list, outlet_id, data, NOTHING, only_good=False)["add"]

    assert sorted(at_once(app, act, [shop.id] * 4)) == [0, 0, 0, 20]
    assert len(offers(shop)) == 20
