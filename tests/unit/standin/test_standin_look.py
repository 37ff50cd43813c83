"""The pages in a real browser: nothing for axe to find in light and dark, nothing wider than a phone."""

import shutil
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 390, 1440)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    installed = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def places(shop_with: Any, tmp_path: Any) -> dict[str, str]:
    """Every page in every state."""
    mail = EmailMessage()
    mail["Subject"], mail["To"], mail["From"] = "Ihr Gutschein", "karin@example.org", "markt@example.org"
    mail.set_content("Ihr Gutschein: http://shop.test/g#ML1.ABC")
    mail.add_alternative(
        '<html lang="de"><head><title>Gutschein</title></head><body><main><h1>Gutschein</h1></main></body></html>',
        "html",
    )
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="Gutschein.pdf")
    (tmp_path / "1.eml").write_bytes(bytes(mail))
    shop = shop_with(mailbox=str(tmp_path))
    base = shop.standin.base
    session, expired, done = shop.session(), shop.session(), shop.session()
    shop.v1.checkout.sessions.expire(expired.id)
    shop.standin.pay(done.id)
    asked = shop.paid(1000, "pm_card_threeDSecure2Required", return_url="http://shop.test/r")
    return {
        "card": session.url,
        "filled": f"{session.url}?method=card&test=4242424242424242",
        "debit": f"{session.url}?method=sepa_debit",
        "english": f"{session.url}?lang=en",
        "expired": f"{base}/c/pay/{expired.id}",
        "done": f"{base}/c/pay/{done.id}",
        "unknown": f"{base}/c/pay/cs_test_unknown",
        "bank": f"{base}/3ds/{asked.id}",
        "setup": f"{base}/connect/setup/{shop.account(active=False)}",
        "home": f"{base}/",
        "mandate": f"{base}/mandate",
        "mails": f"{base}/_mail",
        "mail": f"{base}/_mail/1.eml",
    }


def findings(page: Page) -> list[str]:
    page.wait_for_load_state()  # without its style sheet a dark page has the browser's own colours of links
    result = Axe().run(page, options={"runOnly": RULES})
    return [f"{page.url}: {entry['id']}" for entry in result.response["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(browser, places, scheme):
    context = browser.new_context(
        locale="de-DE", color_scheme=scheme, viewport={"width": 390, "height": 844}, bypass_csp=True
    )
    page = context.new_page()
    found, wide = [], []
    for address in places.values():
        page.goto(address)
        found += findings(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            if page.evaluate("() => document.documentElement.scrollWidth") > width:
                wide.append(f"{address} at {width}")
        page.set_viewport_size({"width": 390, "height": 844})
    page.goto(places["card"])
    page.get_by_role("button", name="bezahlen").click()
    assert page.get_by_role("alert").is_visible()
    found += findings(page)
    page.goto(places["debit"])
    page.get_by_role("button", name="bezahlen").click()
    found += findings(page)
    context.close()
    assert (found, wide) == ([], [])


def test_axe_would_find_a_picture_without_text(browser):
    """The control: the check above can fail."""
    context = browser.new_context()
    page = context.new_page()
    page.set_content('<html lang="de"><head><title>x</title></head><body><main><img src="data:,"></main></body></html>')
    assert [entry.rpartition(" ")[2] for entry in findings(page)][:1] == ["image-alt"]
    context.close()


def test_a_person_without_script_pays_by_the_list_of_test_cards_and_the_bank(browser, places):
    context = browser.new_context(locale="de-DE", java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.route("http://shop.test/**", lambda route: route.fulfill(status=200, body="danke"))
    page.goto(places["card"])
    page.get_by_role("link", name="4000 0000 0000 0002").click()
    page.get_by_role("button", name="bezahlen").click()
    assert "Ihre Karte wurde abgelehnt." in page.content()
    page.get_by_role("link", name="4000 0000 0000 3220").click()
    page.get_by_role("button", name="bezahlen").click()
    page.get_by_role("button", name="Zahlung freigeben").click()
    page.wait_for_url("http://shop.test/danke?s=cs_test_*")
    context.close()
