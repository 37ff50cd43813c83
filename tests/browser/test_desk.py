"""A retailer's day: orders, offers, a list from the old shop system, tills and today's sum."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import market, steps
from tests.browser.conftest import Watched
from tests.browser.ground import Site
from tests.browser.market import BREAD, WIDE

Visitor = Callable[..., BrowserContext]
LIST = """SKU,Type,Name,Published,Regular price,Stock,Categories
TAG-1,simple,Kürbiskernbrot vom Brett,1,"4,80",12,Brot
TAG-2,simple,Rosinenstuten,1,keine Ahnung,5,Brot
TAG-3,simple,Pumpernickel,1,"3,20",viele,Brot
"""


@pytest.fixture
def desk(site: Site, visitor: Visitor) -> Page:
    return market.desk_of(site, visitor(viewport=WIDE), "buchhandlung-lindenallee")


def test_a_new_order_stands_on_top_of_the_day(site: Site, page: Page, visitor: Visitor) -> None:
    market.basket(page, BREAD)
    market.to_payment(page, site.address("neu"), {BREAD.shop: "Im Laden"}, name="Frieda Frisch")
    market.order(page, "Bezahlung bei Abholung")
    market.arrived(page, site)
    desk = market.desk_of(site, visitor(viewport=WIDE), "baeckerei-sandkuhle")
    steps.heading(desk, "Heute")
    table = desk.get_by_role("table", name="Neue Bestellungen")
    expect(table).to_contain_text("Frieda Frisch")
    row = table.get_by_role("row").filter(has_text="Frieda Frisch").first
    assert "2,49 €" in steps.text_of(row)
    other = market.desk_of(site, visitor(viewport=WIDE), "buchhandlung-lindenallee")
    assert "Frieda Frisch" not in steps.text_of(other)  # no shop sees another's customers


def test_a_price_is_edited_and_a_wrong_one_is_explained_at_its_field(
    site: Site, desk: Page, visitor: Visitor, watched: Watched
) -> None:
    watched.expect("422")
    desk.goto("/desk/angebote?q=Gartenjahr")
    steps.follow(desk, "Gartenjahr für Anfänger")
    price = desk.locator("#f-price")
    price.fill("viel")
    steps.press(desk, "Speichern")
    expect(desk.locator("#f-price")).to_have_attribute("aria-invalid", "true")
    expect(desk.locator("#f-price-error")).to_be_visible()
    desk.locator("#f-price").fill("18,75")
    steps.press(desk, "Speichern")
    expect(desk.locator(".notice.ok")).to_be_visible()
    shopper = visitor().new_page()
    shopper.goto("/suche?q=Gartenjahr")
    assert "18,75 €" in steps.text_of(shopper)


def test_a_list_is_previewed_with_its_errors_by_line_and_only_the_good_lines_are_taken(
    site: Site, desk: Page, visitor: Visitor
) -> None:
    desk.goto("/desk/angebote/import")
    file = {"name": "liste.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    desk.locator("#f-file").set_input_files(files=[file])  # type: ignore[list-item]
    steps.press(desk, "Vorschau ansehen")
    steps.heading(desk, "Vorschau der Liste")
    rows = {row.split()[0]: row for row in map(steps.text_of, desk.locator("tbody tr").all())}
    assert "Kürbiskernbrot" in rows["2"]
    assert "4,80 €" in rows["2"]
    assert "noch nicht gezeigt" in rows["2"]  # bread needs its ingredients and allergens
    assert "fehlerhaft" in rows["3"]
    assert "Preis" in rows["3"]
    assert "fehlerhaft" in rows["4"]
    assert "Der Bestand „viele“ ist keine ganze Zahl." in rows["4"]
    assert site.ask("SELECT count(*) FROM offer WHERE sku LIKE 'TAG-%'") == [(0,)]  # nothing before the yes
    steps.press(desk, "Nur die guten Zeilen übernehmen")
    steps.heading(desk, "Liste übernommen")
    assert site.ask("SELECT sku, price_cents FROM offer WHERE sku LIKE 'TAG-%'") == [("TAG-1", 480)]
    desk.goto("/desk/angebote?q=TAG-1")
    assert "Kürbiskernbrot vom Brett" in steps.text_of(desk)


def test_the_tills_are_listed_and_what_they_took_today_is_summed(site: Site, desk: Page, visitor: Visitor) -> None:
    desk.goto("/desk/einloesungen")
    before = steps.text_of(desk)
    assert "0,00 €" in before
    till = steps.invite_till(desk, "Ladentisch", "Clemens", "4713").enrol(visitor())
    for keys in ("1000", "550"):
        steps.type_code(till, site.voucher("coesfeld-gutschein", 2000 if keys == "550" else 2500)["code"])
        steps.take(till, keys)
        expect(till.locator(".till-result")).to_have_class("till-result ok")
    desk.goto("/desk/kassen")
    assert "Ladentisch" in steps.text_of(desk)
    desk.goto("/desk/einloesungen")
    shown = steps.text_of(desk)
    assert "15,50 €" in shown
    assert "Ladentisch / Clemens" in shown
