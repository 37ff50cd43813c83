"""Every kind of page, in the states in which people meet it: how to get there, and who may."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

from tests.browser import market, steps
from tests.browser.ground import Site
from tests.browser.market import BREAD, LIBRARY, NOVEL

PUBLIC = {
    "home": "/",
    "home at a place": "/?ort=48653",
    "search": "/suche?q=Brot&ort=48653",
    "search with nothing found": "/suche?q=Xylophonquark",
    "shelf": "/suche?kategorie=brot",
    "shops": "/laeden",
    "shops of a town": "/laeden?ort=05558012",
    "shop": "/laden/baeckerei-sandkuhle",
    "shop that only takes vouchers": "/laden/optik-kleinschmidt",
    "empty basket": "/warenkorb",
    "vouchers": "/gutscheine",
    "voucher wish": "/gutscheine/muensterland-gutschein",
    "balance": "/g",
    "lost code": "/g/verloren",
    "locked code": "/g/entsperren",
    "wallet without a network": "/geldboerse/ohne-netz",
    "help": "/hilfe",
    "imprint": "/impressum",
    "privacy": "/datenschutz",
    "accessibility": "/barrierefreiheit",
    "ranking": "/reihenfolge",
    "open books": "/buecher",
    "withdrawal": "/widerruf",
    "sign in": "/anmelden",
    "sign in by link": "/anmelden/link",
    "forgotten password": "/anmelden/passwort-vergessen",
    "passkey": "/anmelden/passkey",
    "no till yet": "/kasse",
    "locked till": "/kasse/scannen",
    "desk of nobody": "/desk",
    "interface": "/api/docs",
    "style": "/stil",
}
REFUSED = {
    "not found": "/gibt-es-nicht",
    "unknown order": "/bestellung/falsch",
    "unknown offer": "/angebot/00000000-0000-7000-8000-000000000000",
    "unknown invitation": "/kasse/anmelden/unbekannt",
    "unknown payment": "/bezahlen/falsch",
}
BY_ROLE = {
    ("shopper", ""): [
        *("/konto", "/konto/sicherheit", "/konto/bestellungen", "/konto/passwort", "/konto/passkeys"),
        *("/geldboerse", "/geldboerse/hinzufuegen", "/gutscheine/meine"),
    ],
    ("retailer_owner", "baeckerei-sandkuhle"): [
        "/desk",
        "/desk/bestellungen",
        "/desk/bestellungen?q=Karin",
        "/desk/angebote",
        "/desk/angebote/neu",
        "/desk/angebote/import",
        "/desk/kassen",
        "/desk/kassensysteme",
        "/desk/kassensysteme/meldungen",
        "/desk/einloesungen",
        "/desk/einloesungen/abschluss",
        "/desk/gutscheine",
        "/desk/mitarbeit",
    ],
    ("retailer_clerk", "dorfladen-darup"): ["/desk", "/desk/angebote"],
    ("counter_clerk", ""): ["/schalter", "/schalter/abrechnung", "/schalter/bestand"],
    ("point_keeper", "buecherei-nottuln"): ["/punkt", "/punkt?q=Karin"],
    ("auditor", "muensterland"): ["/pruefung", "/pruefung/buchungen", "/pruefung/ort/05558012"],
    ("issuer_clerk", "muensterland"): [
        "/konto",
        "/office",
        "/pruefung",
        "/office/freigaben",
        "/office/ausgabe",
        "/office/verfall",
        "/office/gutscheine",
        "/office/auffaelligkeiten",
        *(
            "/office/bank",
            "/office/bank/eingang",
            "/office/tage",
            "/office/klaerung",
            "/office/briefe",
            "/office/herausgeber",
            "/office/karten",
        ),
        *("/office/programme", "/office/verkaufsstellen"),
        "/pruefung/einsichten",
    ],
    ("operator", "betrieb"): ["/office", "/office/rechte", "/office/zahlungen"],
}

Visitor = Callable[..., BrowserContext]


@dataclass(frozen=True)
class Group:
    """Pages that one visitor can open, by name; `state` are the visitor's cookies."""

    name: str
    state: dict[str, object]
    pages: dict[str, str]
    refused: bool = False


def _offer(page: Page, path: str) -> str:
    page.goto(path)
    return str(page.locator(".tile-title a").first.get_attribute("href"))


def _kept(context: BrowserContext) -> dict[str, object]:
    kept = dict(context.storage_state())
    context.close()
    return kept


def everything(site: Site, visitor: Visitor) -> list[Group]:
    """Go through the house once and keep the doors open."""
    context = visitor()
    page = context.new_page()
    offers = {
        "offer": _offer(page, "/suche?q=Brot"),
        "offer with variants": _offer(page, "/suche?q=Hoodie"),
        "service": _offer(page, "/laden/frisoer-haarschnitt-senden"),
    }
    groups = [
        Group("everyone", {}, PUBLIC | offers),
        Group("refusals", {}, REFUSED, refused=True),
        *_shopping(site, visitor),
        *_buying(site, visitor),
        *_tills(site, visitor),
    ]
    for (role, organisation), paths in BY_ROLE.items():
        signed_in = visitor()
        start = steps.sign_in(signed_in, site.sign_in(role, organisation))
        pages = {path: path for path in paths} | _deeper(start, role)
        kept = _kept(signed_in)
        groups.append(Group(f"{role} {organisation}".strip(), kept, pages))
        if role == "shopper":
            groups.append(Group("shopper at others' doors", kept, {"forbidden": "/pruefung"}, refused=True))
    context.close()
    return groups


def _deeper(page: Page, role: str) -> dict[str, str]:
    """Pages whose addresses one finds by following."""
    found: dict[str, str] = {}

    def note(name: str, path: str, selector: str) -> None:
        page.goto(path)
        link = page.locator(selector).first
        assert link.count(), f"{role} finds no {name} at {path}"
        found[name] = str(link.get_attribute("href"))

    if role == "retailer_owner":
        note("order at the desk", "/desk", "main a[href*='/desk/bestellungen/']")
        note("offer at the desk", "/desk/angebote", "main th a[href*='/desk/angebote/']")
    if role == "auditor":
        note("document", "/pruefung/buchungen", "main a[href*='/pruefung/beleg/']")
        note("flow", "/pruefung", "main a[href*='/pruefung/strom/']")
    if role == "point_keeper":
        note("parcel", "/punkt", "main a[href*='/punkt/']")
    return found


def _shopping(site: Site, visitor: Visitor) -> list[Group]:
    basket, placed = visitor(), visitor()
    page = basket.new_page()
    market.basket(page, BREAD, NOVEL)
    market.to_payment(page, site.address("seiten"), {BREAD.shop: "Im Laden", NOVEL.shop: LIBRARY})
    open_pages = {"basket": "/warenkorb", "where and when": "/bestellen", "checkout": "/bestellen/bezahlen"}
    page = placed.new_page()
    market.basket(page, BREAD, NOVEL)
    market.to_payment(page, site.address("seiten"), {BREAD.shop: "Im Laden", NOVEL.shop: LIBRARY})
    market.order(page, "Karte")
    page.wait_for_url(steps.PAGE_OF_PROVIDER)
    provider = page.url
    page.locator(".cancel a").click()
    page.wait_for_url(lambda url: url.startswith(site.base))
    back = page.url
    other = visitor()
    page = other.new_page()
    market.basket(page, BREAD, NOVEL)
    market.to_payment(page, site.address("seiten"), {BREAD.shop: "Im Laden", NOVEL.shop: LIBRARY})
    market.order(page, "Karte")
    steps.pay_by_card(page)
    market.arrived(page, site)
    return [
        Group("basket", _kept(basket), open_pages),
        Group("open payment", _kept(placed), {"payment": back, "provider's page": provider, "basket": "/warenkorb"}),
        Group("order", _kept(other), {"order": page.url}),
    ]


def _buying(site: Site, visitor: Visitor) -> list[Group]:
    context = visitor()
    page = context.new_page()
    steps.ask_for_voucher(page, "Münsterland-Gutschein", "20", site.address("seiten"))
    return [Group("voucher order", _kept(context), {"voucher order": page.url})]


def _tills(site: Site, visitor: Visitor) -> list[Group]:
    desk, device, locked = visitor(), visitor(), visitor()
    owner = steps.sign_in(desk, site.sign_in("retailer_owner", "baeckerei-sandkuhle"), "/desk/kassen")
    till = steps.invite_till(owner, "Seitentest", "Berta", "4711").enrol(device)
    steps.type_code(till, site.voucher("muensterland-gutschein", 2000)["code"])
    steps.take(till, "100")
    till.locator(".till-result.ok").wait_for()
    receipt = str(till.get_by_role("link", name="Beleg").get_attribute("href"))
    invitation = steps.invite_till(owner, "Neu", "Berta", "4711").link
    steps.invite_till(owner, "Zwei", "Berta", "4711").enrol(locked).goto("/kasse")
    desk.close()
    pages = {"scan": "/kasse/scannen", "receipt": receipt, "today": "/kasse/heute"}
    pages |= {"closing": "/kasse/abschluss", "give back": "/kasse/rueckgabe", "practice": "/kasse/uebung"}
    return [
        Group("till", _kept(device), pages),
        Group("till's door", _kept(locked), {"who": "/kasse/person", "enrol": invitation}),
    ]
