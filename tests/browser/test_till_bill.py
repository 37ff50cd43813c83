"""Several vouchers for one receipt as a cashier takes them, with keypad and scanner and without script; in practice."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import steps
from tests.browser.conftest import Visitor, fresh
from tests.browser.ground import Site

PROGRAMME = "muensterland-gutschein"


@pytest.fixture(scope="module")
def enrolled(site: Site, chrome: Browser) -> Iterator[Any]:
    """The cookies of an open till of the bakery, led by Karla."""
    desk = fresh(chrome, site)
    page = steps.sign_in(desk, site.sign_in("retailer_owner", "baeckerei-sandkuhle"), "/desk/kassen")
    page.get_by_label("Name an der Kasse").fill("Karla")
    page.get_by_label("PIN (4 bis 6 Ziffern)").fill("4714")
    page.get_by_label("Leitung: darf auch").check()
    steps.press(page, "Eintragen")
    device = fresh(chrome, site)
    steps.invite_till(page, "Backstube", "Karla", "4714").enrol(device)
    yield device.storage_state()
    desk.close()
    device.close()


def keys(till: Page, digits: str) -> None:
    for digit in digits:
        till.locator(f"[data-key='{digit}']").click()


def owed(site: Site, receipt_no: str) -> int:
    """What the till took under a receipt's number and did not give back."""
    rows = site.ask(
        """SELECT coalesce(sum(o.cents - coalesce(r.cents, 0)), 0) FROM voucher_operation o
             LEFT JOIN voucher_operation r ON r.ref_id = o.id AND r.outcome = 'done' AND r.kind IN ('void', 'refund')
            WHERE o.receipt_no = %s AND o.kind = 'redeem' AND o.outcome = 'done'""",
        receipt_no,
    )
    return int(rows[0][0])


def test_two_vouchers_pay_one_receipt_with_keypad_and_scanner(site: Site, visitor: Visitor, enrolled: Any) -> None:
    first, second = site.voucher(PROGRAMME, 2000), site.voucher(PROGRAMME, 5000)
    till = visitor(storage_state=enrolled).new_page()
    till.goto("/kasse/bon")
    keys(till, "4790")
    till.get_by_label("Belegnummer").fill("S 1")
    steps.press(till, "Gutscheine scannen")
    steps.heading(till, "Gutschein scannen")
    assert "Fehlt noch 47,90 €" in steps.text_of(till)
    till.evaluate("() => document.activeElement.blur()")
    till.keyboard.type(first["token"])
    till.keyboard.press("Enter")
    steps.heading(till, "Münsterland-Gutschein")
    expect(till.locator("[data-take] [name=amount]")).to_have_value("20,00")
    steps.press(till, "Einlösen")
    green = till.get_by_role("status").filter(has_text="Eingelöst")
    expect(green).to_contain_text("Es fehlen noch 27,90")
    steps.follow(till, "Weiterer Gutschein")
    till.locator("[name=presented]").fill(second["code"].lower().replace("-", " "))
    till.keyboard.press("Enter")
    expect(till.locator("[data-take] [name=amount]")).to_have_value("27,90")
    steps.press(till, "Einlösen")
    expect(till.get_by_text("Der Bon ist ganz bezahlt.")).to_be_visible()
    assert owed(site, "S 1") == 4790
    steps.follow(till, "Bon")
    till.get_by_text("Ganzen Bon stornieren").click()
    till.get_by_label("Grund").fill("Kundin geht")
    steps.press(till, "Jetzt stornieren")
    expect(till.get_by_text("sind zurück auf den Gutscheinen")).to_be_visible()
    assert owed(site, "S 1") == 0


def test_two_vouchers_pay_one_receipt_without_script(site: Site, visitor: Visitor, enrolled: Any) -> None:
    first, second = site.voucher(PROGRAMME, 2000), site.voucher(PROGRAMME, 5000)
    till = visitor(storage_state=enrolled, java_script_enabled=False).new_page()
    till.goto("/kasse/scannen")
    steps.follow(till, "Mehrere Gutscheine")
    till.get_by_label("Summe").fill("21,05")
    till.get_by_label("Belegnummer").fill("S 2")
    steps.press(till, "Gutscheine scannen")
    for voucher, taken in ((first, "20,00"), (second, "1,05")):
        till.locator("[name=presented]").fill(voucher["token"])
        steps.press(till, "Weiter")
        field = till.get_by_label("Betrag")
        expect(field).to_have_value(taken)
        steps.press(till, "Einlösen")
        steps.heading(till, "Eingelöst")
        if voucher is first:
            steps.follow(till, "Weiterer Gutschein")
    assert "Der Bon ist ganz bezahlt." in steps.text_of(till)
    assert owed(site, "S 2") == 2105
    till.goto("/kasse/geklappt?suche=S+2")
    assert "Ja. Unter Beleg S 2 sind heute 21,05 € eingelöst." in steps.text_of(till)


def test_the_band_of_practice_stands_above_every_result(site: Site, visitor: Visitor, enrolled: Any) -> None:
    till = visitor(storage_state=enrolled).new_page()
    till.goto("/kasse/uebung")
    steps.press(till, "Übungsmodus einschalten")
    real = site.voucher(PROGRAMME, 4000)
    band = till.get_by_role("note").filter(has_text="ÜBUNG")
    expect(band).to_be_visible()
    before = site.ask("SELECT count(*) FROM entry")[0][0]
    desk = steps.sign_in(visitor(), site.sign_in("retailer_owner", "baeckerei-sandkuhle"), "/desk/kassen")
    steps.press(desk, "Übungsgutscheine zeigen")
    code = desk.locator("figcaption.code").first.inner_text()
    till.locator("[name=presented]").fill(code)
    till.keyboard.press("Enter")
    till.locator("[data-take] [name=amount]").fill("50")
    till.keyboard.press("Enter")
    expect(till.get_by_role("status").filter(has_text="Eingelöst")).to_be_visible()
    seen = band.evaluate(
        "node => { const box = node.getBoundingClientRect();"
        " return node.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)) }"
    )
    assert seen
    assert site.ask("SELECT count(*) FROM entry")[0][0] == before
    till.goto("/kasse/uebung")
    steps.press(till, "Übung beenden")
    expect(till.get_by_text("Ab jetzt wird gebucht")).to_be_visible()
    till.goto("/kasse/scannen")
    till.locator("[name=presented]").fill(real["token"])
    till.keyboard.press("Enter")
    steps.heading(till, "Münsterland-Gutschein")
