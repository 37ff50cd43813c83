"""What people do on the pages, in the words that the pages use."""

import re
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Locator, Page, expect

GOOD_CARD, DECLINED_CARD = "4242424242424242", "4000000000000002"
GOOD_IBAN, FAILING_IBAN = "DE89370400440532013000", "DE62370400440532013001"
PAGE_OF_PROVIDER = re.compile(r"/c/pay/cs_")


def press(place: Page | Locator, name: str, *, exact: bool = True) -> None:
    place.get_by_role("button", name=name, exact=exact).click()


def choose(place: Page | Locator, label: str) -> None:
    """Take one of the cards that exclude each other, by its label."""
    place.locator(".choice-card", has=place.locator(".choice-label", has_text=re.compile(f"^{label}$"))).click()


def follow(place: Page | Locator, name: str, *, exact: bool = True) -> None:
    place.get_by_role("link", name=name, exact=exact).first.click()


def heading(page: Page, words: str | re.Pattern[str]) -> None:
    """The one title of the page says this."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def text_of(place: Page | Locator) -> str:
    """What stands there, with every kind of space as one space."""
    found = place.locator("main").first if isinstance(place, Page) else place
    return " ".join(found.inner_text().split())


# ---- the provider's page


def pay_by_card(page: Page, number: str = GOOD_CARD) -> None:
    """Fill in the hosted page and press its button; stays there when the card is declined."""
    page.wait_for_url(PAGE_OF_PROVIDER)
    if page.get_by_role("link", name="Karte", exact=True).count():
        follow(page, "Karte")
    page.locator("#number").fill(number)
    page.locator("#expiry").fill("12 / 40")
    page.locator("#cvc").fill("123")
    page.locator("#name").fill("Karin Käuferin")
    page.locator("form button[type=submit]").click()


def pay_by_debit(page: Page, iban: str = GOOD_IBAN) -> None:
    page.wait_for_url(PAGE_OF_PROVIDER)
    page.locator("#iban").fill(iban)
    page.locator("#name").fill("Karin Käuferin")
    page.locator("#mandate").check()
    page.locator("form button[type=submit]").click()


# ---- people


def sign_in(context: BrowserContext, who: dict[str, str], onward: str = "/konto") -> Page:
    """Staff and shoppers sign in with e-mail and password."""
    page = context.new_page()
    page.goto(f"/anmelden?next={onward}")
    form = page.locator("form").filter(has=page.locator("input[type=password]"))
    form.get_by_role("textbox", name="E-Mail").fill(who["email"])
    form.get_by_label("Passwort").fill(who["password"])
    press(form, "Anmelden")
    page.wait_for_url(lambda url: "/anmelden" not in url)
    return page


# ---- vouchers


def ask_for_voucher(page: Page, programme: str, amount: str, email: str, **gift: str) -> None:
    """From the list of programmes to the summary. `gift`: recipient_name, recipient_email, message."""
    page.goto("/gutscheine")
    follow(page, f"{programme} wählen")
    page.get_by_label("Betrag", exact=True).fill(amount)
    if gift:
        page.get_by_text("Als Geschenk per E-Mail").click()
        for name, value in gift.items():
            page.locator(f"[name={name}]").fill(value)
    page.get_by_role("textbox", name="Ihre E-Mail-Adresse").fill(email)
    press(page, "Weiter zur Übersicht")
    heading(page, "Prüfen und bestellen")


def order_voucher(page: Page, method: str = "Karte") -> None:
    """Choose how to pay, and press the button that obliges."""
    choose(page, method)
    press(page, "zahlungspflichtig bestellen")


# ---- tills


@dataclass
class Till:
    """What the desk hands out for a device: the address behind its QR code, a name and a PIN."""

    link: str
    person: str
    pin: str
    picture: str

    def enrol(self, context: BrowserContext) -> Page:
        """Make the device of this context a till and open it."""
        page = context.new_page()
        page.goto(self.link)
        heading(page, "Gerät anmelden")
        press(page, "Als Kasse anmelden")
        heading(page, "Wer ist an der Kasse?")
        page.locator(".choice-card", has_text=self.person).click()
        page.get_by_label("PIN").fill(self.pin)
        press(page, "Kasse öffnen")
        page.wait_for_url("**/kasse/scannen")
        return page


def invite_till(desk: Page, name: str, person: str, pin: str, shop: str = "") -> Till:
    """At the retailer's desk: enter somebody with a PIN, and show the QR code for a new device."""
    desk.goto("/desk/kassen")
    place = desk.locator("section", has=desk.get_by_role("heading", name=shop, level=2)) if shop else desk
    if not place.get_by_role("rowheader", name=person).count():
        place.get_by_label("Name an der Kasse").fill(person)
        place.get_by_label("PIN (4 bis 6 Ziffern)").fill(pin)
        press(place, "Eintragen")
    place.get_by_label("Wie soll die Kasse heißen?").fill(name)
    press(place, "QR-Code zeigen")
    heading(desk, "Gerät anmelden")
    link = desk.get_by_label("Oder öffnen Sie dort diese Adresse").input_value()
    return Till(link, person, pin, desk.locator(".qr-white svg path").get_attribute("d") or "")


def type_code(till: Page, code: str) -> None:
    """Present a voucher by its typed code."""
    till.goto("/kasse/scannen")
    till.locator("[name=presented]").fill(code)
    press(till, "Weiter")


def take(till: Page, keys: str) -> None:
    """Amount on the keypad, one key after the other, then redeem."""
    pad = till.locator("[data-keypad]")
    for key in keys:
        pad.locator(f"[data-key='{key}']").click()
    press(till, "Einlösen")
