"""Without a mouse, and without script: the way to the payment page stays open."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import market, steps
from tests.browser.ground import Site
from tests.browser.market import BREAD, NOVEL

Visitor = Callable[..., BrowserContext]
MOST_TABS = 60
WHERE = """() => {
  const at = document.activeElement;
  const label = at.labels?.[0]?.innerText ?? "";
  return [at.tagName, at.getAttribute("name") ?? "", (at.innerText || label).trim()].join("|");
}"""
VISIBLE = """() => {
  const look = getComputedStyle(document.activeElement);
  const card = document.activeElement.closest("label");
  const around = card ? getComputedStyle(card) : look;
  return [look, around].some((one) => one.outlineStyle !== "none" || one.boxShadow !== "none");
}"""


def tab_to(page: Page, words: str, *, name: str = "") -> None:
    """Press Tab until the focus is on what is called so; the focus must always be seen."""
    for _nth in range(MOST_TABS):
        page.keyboard.press("Tab")
        _tag, field, text = page.evaluate(WHERE).split("|", 2)
        assert page.evaluate(VISIBLE), f"nobody sees the focus on {text or field}"
        if (name and field == name) or (words and text.startswith(words)):
            return
    raise AssertionError(f"{MOST_TABS} times Tab did not lead to {words or name}")


def test_a_voucher_is_ordered_with_the_keyboard_alone(site: Site, page: Page) -> None:
    page.goto("/gutscheine")
    page.keyboard.press("Tab")
    assert page.evaluate(WHERE).endswith("Zum Inhalt springen")
    page.keyboard.press("Enter")
    tab_to(page, "Münsterland-Gutschein wählen")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gutscheine/muensterland-gutschein")
    tab_to(page, "", name="amount")
    page.keyboard.type("15")
    tab_to(page, "", name="buyer_email")
    page.keyboard.type(site.address("tasten"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/gutscheine/bestellung/**")
    tab_to(page, "", name="method")
    page.keyboard.press("Space")
    tab_to(page, "zahlungspflichtig bestellen")
    page.keyboard.press("Enter")
    page.wait_for_url(steps.PAGE_OF_PROVIDER)
    assert "15,00 €" in steps.text_of(page)


def test_a_voucher_is_bought_without_script(site: Site, visitor: Visitor) -> None:
    page = visitor(java_script_enabled=False).new_page()
    buyer = site.address("ohne.skript")
    steps.ask_for_voucher(page, "Münsterland-Gutschein", "12,34", buyer)
    steps.order_voucher(page)
    steps.pay_by_card(page)
    page.wait_for_url(lambda url: url.startswith(site.base))
    letter = site.letter(buyer, "Ihr Gutschein über 12,34")
    page.goto("/g")
    token = letter.text.partition("/g#")[2].split()[0]
    page.get_by_label("Code oder Link").fill(token)
    steps.press(page, "Guthaben ansehen")
    assert "12,34 €" in steps.text_of(page)
    expect(page.locator(".qr-white svg")).to_be_visible()


def test_a_basket_is_ordered_without_script(site: Site, visitor: Visitor) -> None:
    page = visitor(java_script_enabled=False).new_page()
    email = site.address("ohne.skript")
    market.put_in(page, BREAD)
    market.put_in(page, NOVEL)
    page.goto("/warenkorb")
    amount = page.get_by_label(f"Menge von {BREAD.name}")
    amount.fill("2")
    page.locator("form", has=amount).get_by_role("button", name="Ändern").click()
    assert market.euro(2 * BREAD.cents + NOVEL.cents) in steps.text_of(page)
    steps.press(page, "Zur Kasse")
    for thing in (BREAD, NOVEL):
        market.choose_place(page, thing.shop, "Im Laden")
    page.locator("#f-name").fill("Ohne Skript")
    page.locator("#f-email").fill(email)
    steps.press(page, "Weiter zum Bezahlen")
    market.order(page, "Bezahlung bei Abholung")
    number = market.arrived(page, site)
    assert len(market.codes_of(site, email, number)) == 2
