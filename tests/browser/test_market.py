"""One basket over three shops, from the search to the counter; the ways to pay; what goes wrong on the way."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import market, steps
from tests.browser.conftest import Watched
from tests.browser.ground import Site, wait_for
from tests.browser.market import BOOK, BREAD, LIBRARY, NOVEL, OATS, WIDE, euro

Visitor = Callable[..., BrowserContext]


def charged(site: Site) -> int:
    """What the provider has captured so far, in cents."""
    return int(site.stripe.state()["totals"]["captured"])


def test_three_shops_one_basket_voucher_and_card_three_codes_and_everything_is_handed_over(
    site: Site, page: Page, visitor: Visitor
) -> None:
    email = site.address("drei.laeden")
    voucher = site.voucher("muensterland-gutschein", 2000)
    before, rest = charged(site), BREAD.cents + BOOK.cents + OATS.cents - 2000

    market.basket(page, BREAD, BOOK, OATS)
    places = {BREAD.shop: "Im Laden", BOOK.shop: LIBRARY, OATS.shop: "Im Laden"}
    market.to_payment(page, email, places)
    market.lay_down(page, voucher)
    assert f"Rest {euro(rest)}" in steps.text_of(page)
    market.order(page, "Karte")
    page.wait_for_url(steps.PAGE_OF_PROVIDER)
    assert euro(rest) in steps.text_of(page)
    steps.pay_by_card(page)
    number = market.arrived(page, site)
    wait_for(lambda: charged(site) - before == rest, "the card to be charged with exactly the rest")

    codes = market.codes_of(site, email, number)
    assert set(codes) == {BREAD.shop, BOOK.shop, OATS.shop}
    assert len({code for _number, code in codes.values()}) == 3
    for _number, code in codes.values():
        assert code in page.locator("main").inner_text()

    for thing, organisation, role in (
        (BREAD, "baeckerei-sandkuhle", "retailer_owner"),
        (OATS, "dorfladen-darup", "retailer_clerk"),
    ):
        order_number, code = codes[thing.shop]
        desk = market.desk_of(site, visitor(viewport=WIDE), organisation, role)
        market.get_ready(desk, order_number)
        ready = site.letter(email, f"bereit: {order_number}")  # the letter of the shop before may be the newest yet
        assert f"bei {thing.shop} bestellt haben, liegt jetzt" in ready.text
        market.hand_over(desk, "/desk", order_number, code)
        assert market.state_of(site, order_number) == "handed_over"

    order_number, code = codes[BOOK.shop]
    desk = market.desk_of(site, visitor(viewport=WIDE), "buchhandlung-lindenallee")
    market.get_ready(desk, order_number, "Gepackt, geht zur Abholstelle")
    keeper = market.desk_of(site, visitor(), "buecherei-nottuln", "point_keeper")
    market.open_order(keeper, "/punkt", order_number)
    steps.press(keeper, "Angekommen")
    market.hand_over(keeper, "/punkt", order_number, code)
    assert market.state_of(site, order_number) == "handed_over"

    page.reload()
    assert steps.text_of(page).count("Übergeben") >= 3


def test_pay_at_pick_up_is_collected_at_the_counter_by_code(
    site: Site, page: Page, visitor: Visitor, watched: Watched
) -> None:
    watched.expect("422", "404", "409")  # a wrong code is refused
    email = site.address("bar")
    before = charged(site)
    market.basket(page, BREAD)
    market.to_payment(page, email, {BREAD.shop: "Im Laden"})
    market.order(page, "Bezahlung bei Abholung")
    number = market.arrived(page, site)
    assert f"Bei der Abholung bezahlen Sie {euro(BREAD.cents)}" in steps.text_of(page)
    order_number, code = market.codes_of(site, email, number)[BREAD.shop]
    desk = market.desk_of(site, visitor(viewport=WIDE), "baeckerei-sandkuhle")
    market.get_ready(desk, order_number)
    market.hand_over(desk, "/desk", order_number, "0000 0000", collected=True)
    assert market.state_of(site, order_number) == "ready"  # a wrong code hands nothing over
    market.hand_over(desk, "/desk", order_number, code, collected=True)
    assert market.state_of(site, order_number) == "handed_over"
    assert charged(site) == before


@pytest.mark.parametrize("iban", [steps.GOOD_IBAN, steps.FAILING_IBAN])
def test_a_debit_secures_the_order_when_it_has_succeeded(site: Site, page: Page, iban: str) -> None:
    good = iban == steps.GOOD_IBAN
    email = site.address("iban")
    market.basket(page, NOVEL)
    market.to_payment(page, email, {NOVEL.shop: "Im Laden"})
    market.order(page, "Lastschrift")
    steps.pay_by_debit(page, iban)
    page.wait_for_url(lambda url: url.startswith(site.base))
    assert site.ask("SELECT state FROM order_group WHERE email = %s", email) == [("pending",)]
    site.stripe.advance()
    site.stripe.flush()
    if good:
        assert NOVEL.shop in site.letter(email, "Ihre Bestellung").text
        assert site.ask("SELECT state FROM order_group WHERE email = %s", email) == [("placed",)]
    else:
        assert "Nicht bezahlt" in site.letter(email, "Nicht bezahlt").subject
        page.goto("/warenkorb")
        assert NOVEL.name in steps.text_of(page)  # the basket is still there


def test_a_declined_card_another_card_and_a_cancelled_payment_keep_the_basket(
    site: Site, page: Page, watched: Watched
) -> None:
    watched.expect("402")
    email = site.address("zweiter.versuch")
    before = charged(site)
    market.basket(page, OATS)
    market.to_payment(page, email, {OATS.shop: "Im Laden"})
    market.order(page, "Karte")
    steps.pay_by_card(page, steps.DECLINED_CARD)
    expect(page.get_by_role("alert")).to_contain_text("abgelehnt")
    page.locator(".cancel a").click()
    page.wait_for_url(lambda url: url.startswith(site.base))
    page.goto("/warenkorb")
    assert OATS.name in steps.text_of(page)
    assert charged(site) == before
    page.goto("/bestellen/bezahlen")
    if "/bezahlen/" in page.url:
        steps.press(page, "Weiter bezahlen")
    else:
        market.order(page, "Karte")
    steps.pay_by_card(page)
    market.arrived(page, site)
    wait_for(lambda: charged(site) - before == OATS.cents, "the second card to be charged once")


def test_a_voucher_alone_pays_and_no_provider_is_asked(site: Site, page: Page) -> None:
    voucher = site.voucher("muensterland-gutschein", 5000)
    sessions = len(site.stripe.state()["payment_intents"])
    market.basket(page, BOOK)
    market.to_payment(page, site.address("nur.gutschein"), {BOOK.shop: "Im Laden"})
    page.locator("#f-voucher").fill(f"{site.base}/g#{voucher['token']}")
    steps.press(page, "Gutschein prüfen")
    market.order(page)
    market.arrived(page, site)
    assert len(site.stripe.state()["payment_intents"]) == sessions


def test_pressing_twice_and_two_tabs_make_one_order(site: Site, visitor: Visitor, watched: Watched) -> None:
    watched.expect("409")
    context = visitor()
    page = context.new_page()
    email = site.address("doppelt")
    market.basket(page, BREAD)
    market.to_payment(page, email, {BREAD.shop: "Im Laden"})
    other = context.new_page()
    other.goto("/bestellen/bezahlen")
    for tab in (page, other):
        steps.choose(tab, "Bezahlung bei Abholung")
    page.get_by_role("button", name=re.compile("^zahlungspflichtig")).dblclick()
    market.arrived(page, site)
    other.get_by_role("button", name=re.compile("^zahlungspflichtig")).click()
    other.wait_for_load_state()
    assert site.ask("SELECT count(*) FROM order_group WHERE email = %s", email) == [(1,)]
    assert site.ask(
        "SELECT count(*) FROM shop_order o JOIN order_group g ON g.id = o.group_id WHERE g.email = %s", email
    ) == [(1,)]
