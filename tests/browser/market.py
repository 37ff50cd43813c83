"""What shoppers, retailers and keepers of pick-up points do on the marketplace's pages."""

import re
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import steps
from tests.browser.ground import Site

WIDE = {"width": 1280, "height": 900}


@dataclass(frozen=True)
class Thing:
    """A piece of the demo's assortment. `words`: what one types to find it."""

    words: str
    name: str
    shop: str
    cents: int


BREAD = Thing("Amaranth Knäcke", "Amaranth Multigrain-Knäcke", "Bäckerei Sandkuhle", 249)
BOOK = Thing("Bildband Wasserburgen", "Bildband Wasserburgen", "Buchhandlung Lindenallee", 3490)
OATS = Thing("Flocken Großblatt", "Hafer Flocken Großblatt", "Dorfladen Darup", 249)
NOVEL = Thing("Imkerin", "Die Imkerin", "Buchhandlung Lindenallee", 2300)
LIBRARY = "Büchereiverein Nottuln"


def euro(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d} €"


def find(page: Page, thing: Thing) -> None:
    """Search as a shopper does, and open the offer of the wanted shop."""
    page.goto("/")
    page.get_by_role("searchbox").or_(page.get_by_label("Was suchen Sie?")).first.fill(thing.words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/suche?**")
    page.locator(".tile-title").get_by_role("link", name=thing.name, exact=True).first.click()
    page.wait_for_url("**/angebot/**")
    if thing.shop not in page.title():
        page.locator(".tile", has_text=thing.shop).get_by_role("link").first.click()
        page.wait_for_url("**/angebot/**")
    assert thing.shop in page.title()
    assert euro(thing.cents) in steps.text_of(page)


def put_in(page: Page, thing: Thing) -> None:
    find(page, thing)
    with page.expect_navigation():
        steps.press(page, "In den Warenkorb")


def basket(page: Page, *things: Thing) -> None:
    """A basket of these things, open before us."""
    for thing in things:
        put_in(page, thing)
    page.goto("/warenkorb")
    shown = steps.text_of(page)
    for thing in things:
        assert thing.name in shown
    assert f"Zusammen {euro(sum(thing.cents for thing in things))}" in shown


def choose_place(page: Page, shop: str, place: str) -> None:
    """The first time at a place for what comes from a shop. `place`: words of its line."""
    card = page.locator("section.card", has=page.get_by_role("heading", name=shop, level=2))
    select = card.locator("select[name^=window-]")
    value = select.evaluate(
        """(node, words) => [...node.querySelectorAll("optgroup")].find((one) => one.label.includes(words))
                             ?.querySelector("option")?.value ?? """
        '""',
        place,
    )
    assert value, f"no time at {place} for {shop}: {steps.text_of(card)}"
    select.select_option(value)


def to_payment(page: Page, email: str, places: dict[str, str], name: str = "Karin Käuferin") -> None:
    """From the basket to the page with the button: where and when for each shop, and who orders."""
    steps.press(page, "Zur Kasse")
    steps.heading(page, "Wo und wann holen Sie ab?")
    for shop, place in places.items():
        choose_place(page, shop, place)
    page.locator("#f-name").fill(name)
    page.locator("#f-email").fill(email)
    steps.press(page, "Weiter zum Bezahlen")
    steps.heading(page, "Prüfen und bezahlen")


def lay_down(page: Page, voucher: dict[str, str]) -> None:
    """Enter a voucher by its code and PIN."""
    page.locator("#f-voucher").fill(voucher["code"])
    page.locator("#f-pin").fill(voucher["pin"])
    steps.press(page, "Gutschein prüfen")


def order(page: Page, method: str = "") -> None:
    if method:
        steps.choose(page, method)
    page.get_by_role("button", name=re.compile("^zahlungspflichtig bestellen")).click()


def arrived(page: Page, site: Site) -> str:
    """On the order's page after paying; the group's number."""
    page.wait_for_url(re.compile(rf"{re.escape(site.base)}/(bestellung|bezahlen)/"))
    if "/bezahlen/" in page.url:
        page.get_by_role("link", name="Weiter").click()
    page.wait_for_url("**/bestellung/**")
    found = re.search(r"Bestellung (\S+)", page.get_by_role("heading", level=1).inner_text())
    assert found
    return found[1]


def codes_of(site: Site, email: str, number: str) -> dict[str, tuple[str, str]]:
    """The pick-up codes of the confirming mail: shop -> (order number, code)."""
    text = site.letter(email, number).text.replace("\r", "")
    found = re.findall(r"^([^\n]+) \((\S+)\)$.*?^Abholcode \(gilt einmal, nur hier\): ([^\n]+)$", text, re.M | re.S)
    return {shop: (order_number, code.strip()) for shop, order_number, code in found}


def open_order(desk: Page, path: str, number: str) -> None:
    """Find an order at a desk by its number and open it."""
    desk.goto(path)
    desk.get_by_role("link", name=number).first.click()
    steps.heading(desk, number)


def get_ready(desk: Page, number: str, word: str = "Bereit zur Abholung") -> None:
    """Accept an order and say that it is packed."""
    open_order(desk, "/desk", number)
    steps.press(desk, "Annehmen")
    expect(desk.get_by_role("button", name=word)).to_be_visible()
    steps.press(desk, word)


def hand_over(desk: Page, path: str, number: str, code: str, *, collected: bool = False) -> None:
    open_order(desk, path, number)
    desk.locator("#f-code").fill(code)
    if collected:
        desk.locator("#f-collected").check()
    steps.press(desk, "Übergeben")


def state_of(site: Site, number: str) -> str:
    return str(site.ask("SELECT state FROM shop_order WHERE number = %s", number)[0][0])


def desk_of(site: Site, context: BrowserContext, organisation: str, role: str = "retailer_owner") -> Page:
    path = "/punkt" if role == "point_keeper" else "/desk"
    return steps.sign_in(context, site.sign_in(role, organisation), path)
