"""The till on a slow line: few round trips and few bytes. How long it takes is measured by tests/load/till3g.py."""

from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.browser import camera, slow, steps
from tests.browser.conftest import FLAGS, Visitor, chromium
from tests.browser.ground import Site

PAGE_MOST = 60_000
STEP_MOST = 20_000


def opened(site: Site, visitor: Visitor, name: str) -> Page:
    owner = site.sign_in("retailer_owner", "baeckerei-sandkuhle")
    desk = steps.sign_in(visitor(viewport={"width": 1280, "height": 900}), owner, "/desk/kassen")
    return steps.invite_till(desk, name, "Greta", "4713").enrol(visitor())


def test_from_the_scan_to_green_takes_two_round_trips_on_3g(site: Site, visitor: Visitor) -> None:
    till = opened(site, visitor, "Keller")
    voucher = site.voucher("muensterland-gutschein", 5000)
    line = slow.listen(till)
    slow.slow_down(line)
    till.goto("/kasse/scannen")
    expect(till.get_by_text("Die Kamera geht hier nicht.")).to_be_visible()
    line.clear()

    till.evaluate("() => document.activeElement.blur()")
    till.keyboard.type(voucher["token"], delay=0)  # as a keyboard scanner does, wherever the focus is
    till.keyboard.press("Enter")
    steps.heading(till, "Münsterland-Gutschein")
    till.locator("[data-take] [name=amount]").fill("1,30")
    till.keyboard.press("Enter")
    expect(till.get_by_role("status").filter(has_text="Eingelöst")).to_be_visible()

    assert [url.rpartition("/")[2] for url in line.trips] == ["gutschein", "einloesen"], line.trips
    assert line.bytes < STEP_MOST


def test_the_first_page_comes_in_under_60_kilobytes_and_the_scanner_after_it(site: Site, visitor: Visitor) -> None:
    till = opened(site, visitor, "Lager")
    state = till.context.storage_state()
    fresh = visitor(storage_state=state).new_page()
    line = slow.listen(fresh)
    fresh.goto("/kasse/scannen")
    expect(fresh.locator("[name=presented]")).to_be_focused()
    fresh.wait_for_load_state("networkidle")
    names = [url.rpartition("/")[2].partition("?")[0] for url in line.trips]
    assert names[0] == "scannen"
    assert names.index("scanner.js") > names.index("till.js") > names.index("till.css")
    assert not [name for name in names if name.endswith((".wasm", ".woff2")) or name == "ponyfill.js"]
    assert 10_000 < line.bytes < PAGE_MOST, line.weights


def test_the_camera_reads_a_voucher_of_a_receipt_with_the_scanner_that_came_later(
    site: Site, visitor: Visitor, playwright: Playwright, tmp_path: Path
) -> None:
    voucher = site.voucher("muensterland-gutschein", 5000)
    phone = visitor(device_scale_factor=2).new_page()
    phone.goto(f"/g#{voucher['token']}")
    film = camera.film(phone.locator(".qr-white").first.screenshot(), tmp_path / "film.y4m")
    flags = [*FLAGS, *camera.flags(film)]
    till = opened(site, visitor, "Laden")
    with playwright.chromium.launch(executable_path=chromium(), headless=True, args=flags) as seeing:
        device = visitor(seeing, viewport={"width": 820, "height": 1180}, storage_state=till.context.storage_state())
        page = device.new_page()
        page.goto("/kasse/bon")
        page.locator("[data-amount]").fill("12,30")
        steps.press(page, "Gutscheine scannen")
        steps.heading(page, "Münsterland-Gutschein")  # nobody pressed anything: the camera read the code
        expect(page.locator("[data-take] [name=amount]")).to_have_value("12,30")
        steps.press(page, "Einlösen")
        expect(page.get_by_text("Der Bon ist ganz bezahlt.")).to_be_visible()
        device.close()
