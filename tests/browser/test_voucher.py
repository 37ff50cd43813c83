"""A voucher's life: bought by a guest, shown on a telephone, taken in parts at tills, voided."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from foundation.qr import draw_svg
from tests.browser import camera, steps
from tests.browser.conftest import FLAGS, Watched, chromium, fresh
from tests.browser.ground import Site

Visitor = Callable[..., BrowserContext]
OK_GREEN, BAD_RED = "till-result ok", "till-result bad"


@pytest.fixture
def bakery(site: Site, visitor: Visitor) -> steps.Till:
    """The invitation for a new till of the bakery in Coesfeld."""
    owner = site.sign_in("retailer_owner", "baeckerei-sandkuhle")
    desk = steps.sign_in(visitor(viewport={"width": 1280, "height": 900}), owner, "/desk/kassen")
    return steps.invite_till(desk, "Theke", "Berta", "4711")


@pytest.fixture(scope="module")
def enrolled(site: Site, chrome: Browser) -> Any:
    """The cookies of a device that is an open till of the bakery; made once."""
    desk = fresh(chrome, site)
    owner = site.sign_in("retailer_owner", "baeckerei-sandkuhle")
    invitation = steps.invite_till(steps.sign_in(desk, owner, "/desk/kassen"), "Hofverkauf", "Anton", "4712")
    device = fresh(chrome, site)
    invitation.enrol(device)
    kept = device.storage_state()
    desk.close()
    device.close()
    return kept


@pytest.fixture
def till(enrolled: Any, visitor: Visitor) -> Page:
    """An enrolled and open till without a camera."""
    page = visitor(viewport={"width": 820, "height": 1180}, storage_state=enrolled).new_page()
    page.goto("/kasse")
    page.wait_for_url("**/kasse/scannen")
    return page


@pytest.fixture
def with_camera(playwright: Playwright, tmp_path: Path) -> Iterator[Callable[[bytes], Browser]]:
    """A Chromium whose camera sees this picture. One launch per film."""
    launched: list[Browser] = []

    def launch(shown: bytes) -> Browser:
        film = camera.film(shown, tmp_path / f"film-{len(launched)}.y4m")
        browser = playwright.chromium.launch(
            executable_path=chromium(), headless=True, args=[*FLAGS, *camera.flags(film)]
        )
        launched.append(browser)
        return browser

    yield launch
    for browser in launched:
        browser.close()


def owed(site: Site, last4: str) -> int:
    """What the books owe the holder of the voucher whose code ends so, in cents."""
    rows = site.ask(
        """SELECT sum(CASE WHEN e.credit_account IN ('VL', 'VB', 'VE') THEN e.cents ELSE 0 END)
                - sum(CASE WHEN e.debit_account IN ('VL', 'VB', 'VE') THEN e.cents ELSE 0 END)
             FROM entry e JOIN voucher v ON v.id = e.aggregate_id WHERE v.last4 = %s""",
        last4,
    )
    return int(rows[0][0])


def test_a_guest_buys_a_voucher_in_four_screens_and_a_till_scans_it_with_its_camera(
    site: Site, page: Page, visitor: Visitor, bakery: steps.Till, with_camera: Callable[[bytes], Browser]
) -> None:
    buyer = site.address("karin")
    screens: list[str] = []
    page.on("load", lambda loaded: screens.append(loaded.url))

    steps.ask_for_voucher(page, "Münsterland-Gutschein", "52,50", buyer)
    assert "52,50 €" in steps.text_of(page)
    steps.order_voucher(page)
    steps.pay_by_card(page)
    page.wait_for_url("**/gutscheine/bestellung/**")
    assert len(screens[: screens.index(next(url for url in screens if "/c/pay/" in url)) + 1]) == 4, screens

    letter = site.letter(buyer, "Ihr Gutschein über")
    link = re.search(rf"{re.escape(site.base)}/g#ML1\.[0-9A-Z]+", letter.text)
    assert link, letter.text
    assert [part.kind for part in letter.attachments] == ["application/pdf"]

    phone = visitor(device_scale_factor=2).new_page()
    phone.goto(link[0])
    steps.heading(phone, "Münsterland-Gutschein")
    assert phone.url == f"{site.base}/g"  # the token is out of the address
    assert "52,50 €" in steps.text_of(phone)
    code = phone.locator(".qr-white")
    assert code.locator("svg path").get_attribute("d") in draw_svg(link[0])

    device = visitor(with_camera(code.screenshot()), viewport={"width": 820, "height": 1180})
    till = bakery.enrol(device)
    steps.heading(till, "Münsterland-Gutschein")  # nobody pressed anything: the camera read the code
    assert "Guthaben" in steps.text_of(till)
    steps.take(till, "1230")
    green = till.get_by_role("status").filter(has_text="Eingelöst")
    expect(green).to_have_class(OK_GREEN)
    assert "12,30 €" in steps.text_of(green)
    assert "Noch auf dem Gutschein: 40,20 €" in steps.text_of(green)
    expect(green.locator("svg.icon, svg").first).to_be_visible()
    colour = green.evaluate("node => getComputedStyle(node).backgroundColor")

    steps.follow(till, "Beleg")
    receipt = steps.text_of(till)
    assert "Bäckerei Sandkuhle" in receipt
    assert "Eingelöst 12,30 €" in receipt
    assert "Noch auf dem Gutschein 40,20 €" in receipt
    last4 = re.search(r"Münsterland-Gutschein …(\w{4})", receipt)
    assert last4
    assert owed(site, last4[1]) == 4020

    till.goto("/kasse/heute")
    assert "Summe 12,30 €" in steps.text_of(till)
    till.get_by_text("Stornieren", exact=True).click()
    till.get_by_label("Grund").fill("Falscher Betrag")
    steps.press(till, "Jetzt stornieren")
    expect(till.get_by_text("storniert", exact=True)).to_be_visible()
    assert "Summe 0,00 €" in steps.text_of(till)
    assert owed(site, last4[1]) == 5250

    phone.goto(link[0])
    history = steps.text_of(phone)
    assert "52,50 €" in history
    assert colour != phone.evaluate("() => getComputedStyle(document.body).backgroundColor")


def test_a_gift_goes_to_the_other_person_with_the_words_of_the_giver(site: Site, page: Page) -> None:
    giver, erna = site.address("enkel"), site.address("erna")
    gift = {"recipient_name": "Oma Erna", "recipient_email": erna, "message": "Für deinen Garten"}
    steps.ask_for_voucher(page, "Coesfeld-Gutschein", "25", giver, **gift)
    steps.order_voucher(page)
    steps.pay_by_card(page)
    page.wait_for_url("**/gutscheine/bestellung/**")
    letter = site.letter(erna, "Ein Gutschein über 25,00")
    assert "Für deinen Garten" in letter.text
    assert "/g#ML1." in letter.text
    receipt = site.letter(giver, "Ihre Bestellung")
    assert "/g#ML1." not in receipt.text + receipt.html  # the giver gets a receipt, not the money


def test_a_declined_card_costs_nothing_and_another_card_pays(site: Site, page: Page, watched: Watched) -> None:
    buyer = site.address("zweite.karte")
    steps.ask_for_voucher(page, "Münsterland-Gutschein", "10", buyer)
    steps.order_voucher(page)
    steps.pay_by_card(page, steps.DECLINED_CARD)
    expect(page.get_by_role("alert")).to_contain_text("abgelehnt")
    assert site.letters(buyer) == []
    watched.expect("402")
    steps.pay_by_card(page)
    page.wait_for_url("**/gutscheine/bestellung/**")
    assert "/g#ML1." in site.letter(buyer, "Ihr Gutschein über 10,00").text


@pytest.mark.parametrize("iban", [steps.GOOD_IBAN, steps.FAILING_IBAN])
def test_a_voucher_by_debit_comes_when_the_money_is_certain_and_not_before(site: Site, page: Page, iban: str) -> None:
    good = iban == steps.GOOD_IBAN
    buyer = site.address("lastschrift")
    steps.ask_for_voucher(page, "Münsterland-Gutschein", "30", buyer)
    steps.order_voucher(page, "Lastschrift")
    steps.pay_by_debit(page, iban)
    page.wait_for_url(lambda url: url.startswith(site.base))
    steps.heading(page, re.compile("Lastschrift läuft|Ihre Bestellung"))
    assert not [letter for letter in site.letters(buyer) if "/g#ML1." in letter.text]
    site.stripe.advance()
    site.stripe.flush()
    if good:
        assert "/g#ML1." in site.letter(buyer, "Ihr Gutschein über").text
    else:
        page.goto("/")
        assert not [letter for letter in site.letters(buyer) if "/g#ML1." in letter.text]


def test_a_keyboard_scanner_works_wherever_the_focus_is(site: Site, till: Page) -> None:
    voucher = site.voucher("muensterland-gutschein", 2500)
    till.locator("h1").click()
    till.evaluate("() => document.activeElement.blur()")
    till.keyboard.type(f"{site.base}/g#{voucher['token']}", delay=5)
    till.keyboard.press("Enter")
    steps.heading(till, "Münsterland-Gutschein")
    till.locator("[data-keypad] [data-key=all]").click()
    expect(till.get_by_label("Betrag")).to_have_value("25,00")
    steps.press(till, "Einlösen")
    expect(till.locator(".till-result")).to_have_class(OK_GREEN)
    assert "Noch auf dem Gutschein: 0,00 €" in steps.text_of(till)


def test_a_typed_code_is_taken_in_any_spelling_and_the_rest_stays(site: Site, till: Page) -> None:
    voucher = site.voucher("muensterland-gutschein", 2000)
    steps.type_code(till, voucher["code"].lower().replace("-", " "))
    steps.take(till, "500")
    expect(till.locator(".till-result")).to_have_class(OK_GREEN)
    assert "Noch auf dem Gutschein: 15,00 €" in steps.text_of(till)


def test_more_than_there_is_is_refused_in_red_and_the_rest_is_offered(site: Site, till: Page, watched: Watched) -> None:
    watched.expect("402")
    voucher = site.voucher("muensterland-gutschein", 3000)
    steps.type_code(till, voucher["code"])
    steps.take(till, "3001")
    red = till.get_by_role("alert")
    expect(red).to_have_class(BAD_RED)
    expect(red.get_by_role("heading", name="Nicht eingelöst")).to_be_visible()
    assert "Noch da: 30,00 €" in steps.text_of(red)
    assert "Es fehlen: 0,01 €" in steps.text_of(red)
    assert owed(site, voucher["code"].replace("-", "")[-4:]) == 3000
    steps.press(red, "Den Rest nehmen: 30,00 €")
    expect(till.locator(".till-result")).to_have_class(OK_GREEN)


@pytest.mark.parametrize(
    ("programme", "words"),
    [("duelmen-gutschein", "Es wurde nichts abgebucht"), ("", "vergleichen Sie den Code")],
)
def test_what_this_shop_cannot_take_is_refused_in_red(
    site: Site, till: Page, watched: Watched, programme: str, words: str
) -> None:
    watched.expect("409", "403", "404", "422")
    steps.type_code(till, site.voucher(programme, 2000)["code"] if programme else "0000-0000-000")
    expect(till.locator(".till-result.bad, .notice.bad")).to_have_count(1)
    assert words in steps.text_of(till)


def test_an_invitation_works_once_and_its_picture_holds_its_link(
    site: Site, bakery: steps.Till, visitor: Visitor, watched: Watched
) -> None:
    assert bakery.picture in draw_svg(bakery.link)
    bakery.enrol(visitor())
    watched.expect("404")
    other = visitor().new_page()
    other.goto(bakery.link)
    assert "Diese Einladung gilt nicht mehr" in steps.text_of(other)
    other.goto("/kasse")
    steps.heading(other, "Dieses Gerät ist noch keine Kasse")
