"""The wallet on a telephone: a voucher goes in, the till reads the changing code, and all of it without a network."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser import camera, steps
from tests.browser.conftest import FLAGS, Watched, chromium
from tests.browser.ground import Site

Visitor = Callable[..., BrowserContext]
SHOWN = re.compile(r"ML2\.[0-9A-Z]{10}\.[0-9]{8}")


@pytest.fixture
def phone(site: Site, visitor: Visitor) -> Page:
    """A telephone whose holder has signed in by a link in a mail."""
    page = visitor(device_scale_factor=2).new_page()
    address = site.address("inhaberin")
    page.goto("/anmelden/link?next=/geldboerse")
    page.get_by_label("E-Mail-Adresse").fill(address)
    page.locator("main form button").first.click()
    link = re.search(rf"{re.escape(site.base)}/anmelden/link/\S+", site.letter(address, "Ihr Link zum Anmelden").text)
    assert link
    page.goto(link[0])
    page.locator("main form button").first.click()
    page.wait_for_url("**/geldboerse")
    return page


def put_in(site: Site, phone: Page, cents: int) -> None:
    """A voucher of a mail goes into the wallet."""
    voucher = site.voucher("muensterland-gutschein", cents)
    phone.goto("about:blank")
    phone.goto(f"/g#{voucher['token']}")
    steps.press(phone, "In meine Geldbörse legen")
    steps.press(phone, "Ja, hineinlegen")
    expect(phone.get_by_text("Der alte Code gilt nicht mehr.")).to_be_visible()


def test_a_claimed_voucher_shows_a_changing_code_that_the_tills_camera_reads(
    site: Site, phone: Page, visitor: Visitor, playwright: Playwright, tmp_path: Path
) -> None:
    put_in(site, phone, 2500)
    code = phone.locator("[data-picture] .qr-white")
    owner = site.sign_in("retailer_owner", "baeckerei-sandkuhle")
    desk = steps.sign_in(visitor(viewport={"width": 1280, "height": 900}), owner, "/desk/kassen")
    invitation = steps.invite_till(desk, "Wagen", "Gerda", "4713")
    phone.reload()
    film = camera.film(code.screenshot(), tmp_path / "film.y4m")
    browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=[*FLAGS, *camera.flags(film)])
    try:
        till = invitation.enrol(visitor(browser, viewport={"width": 820, "height": 1180}))
        steps.heading(till, "Münsterland-Gutschein")
        assert not SHOWN.search(till.content())  # the page keeps a sealed note, not the code
        steps.take(till, "1000")
        expect(till.get_by_role("status").filter(has_text="Eingelöst")).to_be_visible()
        assert "Noch auf dem Gutschein: 15,00 €" in steps.text_of(till)
    finally:
        browser.close()
    phone.reload()
    assert "15,00 €" in steps.text_of(phone)
    assert "Bäckerei Sandkuhle" in steps.text_of(phone)


def test_without_script_the_code_is_there_and_the_page_renews_itself(site: Site, phone: Page, visitor: Visitor) -> None:
    put_in(site, phone, 4000)
    plain = visitor(java_script_enabled=False, storage_state=phone.context.storage_state()).new_page()
    plain.goto(phone.url)
    expect(plain.locator("[data-picture] svg")).to_be_visible()
    expect(plain.get_by_role("link", name="Neu anzeigen")).to_be_visible()
    assert plain.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]").count() == 1


def read_back(page: Page, picture: bytes) -> str:
    """What a reader of QR codes finds in a picture of the screen."""
    found: str = page.evaluate(
        """async (text) => {
          const { decodeQR } = await import("/static/vendor/qr-0.7.0/decode.js");
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
          const canvas = new OffscreenCanvas(picture.width, picture.height);
          const pen = canvas.getContext("2d");
          pen.drawImage(picture, 0, 0);
          return decodeQR(pen.getImageData(0, 0, picture.width, picture.height));
        }""",
        base64.b64encode(picture).decode(),
    )
    return found


def kept(page: Page) -> tuple[list[str], int, int]:
    """Names of caches, number of databases and of workers that the site has on this device."""
    found: list[object] = page.evaluate(
        """async () => [await caches.keys(), (await indexedDB.databases()).length,
                        (await navigator.serviceWorker.getRegistrations()).length]"""
    )
    return found[0], found[1], found[2]  # type: ignore[return-value]


def test_a_telephone_that_was_set_up_pays_without_a_network_and_forgets_all_on_signing_out(
    site: Site, phone: Page, visitor: Visitor, watched: Watched
) -> None:
    owner = site.sign_in("retailer_owner", "baeckerei-sandkuhle")
    desk = steps.sign_in(visitor(viewport={"width": 1280, "height": 900}), owner, "/desk/kassen")
    till = steps.invite_till(desk, "Lager", "Heike", "4714").enrol(visitor(viewport={"width": 820, "height": 1180}))
    put_in(site, phone, 3000)
    phone.goto("/geldboerse")
    steps.press(phone, "Auf diesem Telefon einrichten")
    expect(phone.get_by_text("Auf diesem Telefon eingerichtet.")).to_be_visible()
    watched.expect("ERR_INTERNET_DISCONNECTED", "Failed to load resource")
    phone.context.set_offline(True)
    phone.goto("/geldboerse")
    expect(phone.get_by_text("Ohne Netz", exact=True)).to_be_visible()
    text = steps.text_of(phone)
    assert re.search(r"Stand \d+\.", text)
    assert "30,00 €" in text
    phone.get_by_label("Ort").select_option("Coesfeld")
    assert "Bäckerei Sandkuhle" in steps.text_of(phone.locator("[data-shops]"))
    expect(phone.locator(".qr-white svg")).to_be_visible()
    shown = read_back(desk, phone.locator(".qr-white").screenshot())
    assert SHOWN.fullmatch(shown)
    steps.type_code(till, shown)
    steps.take(till, "1200")
    expect(till.get_by_role("status").filter(has_text="Eingelöst")).to_be_visible()

    phone.context.set_offline(False)
    phone.goto("/geldboerse")
    assert "18,00 €" in steps.text_of(phone)
    caches, databases, workers = kept(phone)
    assert [name.startswith("geldboerse-") for name in caches] == [True]
    assert (databases, workers) == (1, 1)
    phone.goto("/konto")
    steps.press(phone, "Abmelden")
    phone.wait_for_url(lambda url: "/konto" not in url)
    assert kept(phone) == ([], 0, 0)
