"""What must be true of every page: nothing for axe to find, nothing in the console, light, narrow, and named."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import places
from tests.browser.conftest import Watched, fresh
from tests.browser.ground import Site
from tests.browser.places import Group

pytestmark = pytest.mark.timeout(3600)  # the walk through all pages belongs to whichever test comes first
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
NARROW = 320  # CSS pixels: 1280 at 400 %, 640 at 200 % (WCAG 1.4.10)
MOST_BYTES = 120_000
WEIGHED = {"Document", "Stylesheet", "Script", "Font"}
ONCE = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(" | ")}`);
}"""
FRAME = """() => ({
  headings: document.querySelectorAll("h1").length,
  lang: document.documentElement.lang,
  title: document.title.trim(),
  ids: [...document.querySelectorAll("[id]")].map((node) => node.id).filter((id, nth, all) => all.indexOf(id) !== nth),
})"""


@pytest.fixture(scope="module")
def groups(site: Site, chrome: Browser) -> Iterator[list[Group]]:
    """Every page, found once for all tests of this file."""
    opened: list[BrowserContext] = []

    def visitor(**options: Any) -> BrowserContext:
        context = fresh(chrome, site, **options)
        opened.append(context)
        return context

    yield places.everything(site, visitor)
    for context in opened:
        context.close()


def axe(page: Page, only: str = "") -> list[str]:
    """What axe finds on the page as it stands; `only`: by this rule alone."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(f"() => {{ {AXE} }}")
    chosen = {"type": "rule", "values": [only]} if only else {"type": "tag", "values": RULES}
    return list(page.evaluate(ONCE, chosen))


def wider(page: Page) -> str:
    """What sticks out to the right, if anything makes the page scroll sideways."""
    return str(
        page.evaluate(
            """() => {
              const most = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= most) return "";
              const right = (node) => node.getBoundingClientRect().right;
              const out = [...document.querySelectorAll("body *")].filter((node) => right(node) > most + 1);
              return `${document.documentElement.scrollWidth} > ${most}: ` +
                out.slice(-3).map((n) => n.outerHTML.slice(0, 90)).join(" // ");
            }"""
        )
    )


@dataclass
class Survey:
    """What was found on all pages, by what it is about."""

    axe: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    frame: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def survey(site: Site, chrome: Browser, groups: list[Group]) -> Survey:
    """One walk through all pages on a telephone and on a desk, in light and dark."""
    found = Survey()
    for group in groups:
        context = fresh(chrome, site, storage_state=group.state, reduced_motion="reduce", color_scheme="light")
        watched = Watched()
        watched.see(context)
        page = context.new_page()
        for name, path in group.pages.items():
            look(page, group, f"{group.name} / {name} ({path})", path, found)
        if group.refused:
            watched.expect("the server responded with a status of 4")
        found.console += watched.unexpected
        context.close()
    return found


def look(page: Page, group: Group, label: str, path: str, found: Survey) -> None:
    """One page: on a telephone, as narrow as 400 % makes it, and on a desk."""
    answer = page.goto(path)
    if answer is None or (answer.status >= 400) != group.refused:
        found.frame.append(f"{label}: answered {answer and answer.status}")
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        found.axe += [f"{label} light {width}: {each}" for each in axe(page)]
        page.emulate_media(color_scheme="dark")
        found.axe += [f"{label} dark {width}: {each}" for each in axe(page, only="color-contrast")]
        page.emulate_media(color_scheme="light")
    says = page.evaluate(FRAME)
    if says["headings"] != 1 or says["lang"] != "de" or len(says["title"]) < 5 or says["ids"]:
        found.frame.append(f"{label}: {says}")
    page.set_viewport_size({"width": NARROW, "height": 800})
    if out := wider(page):
        found.wide.append(f"{label}: {out}")
    page.set_viewport_size({"width": 390, "height": 900})
    found.seen.append(label)


def test_axe_finds_nothing_on_any_page_in_light_and_dark_on_telephone_and_desk(survey: Survey) -> None:
    assert len(survey.seen) > 60
    assert survey.axe == [], "\n".join(survey.axe)


def test_every_page_answers_and_has_one_title_a_language_and_no_id_twice(survey: Survey) -> None:
    assert survey.frame == [], "\n".join(survey.frame)


def test_no_page_scrolls_sideways_at_320_pixels(survey: Survey) -> None:
    assert survey.wide == [], "\n".join(survey.wide)


def test_no_page_makes_the_console_complain(survey: Survey) -> None:
    """Refused content (the policy is strict), missing files and broken scripts would all stand there."""
    assert survey.console == [], "\n".join(survey.console)


def test_axe_and_the_ruler_would_find_planted_faults(page: Page) -> None:
    """The control: the checks above can fail."""
    page.goto("/")
    assert axe(page) == []
    assert wider(page) == ""
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend",
             "<img src='data:,'><p class='faint'>blass</p><div class='long'>x</div>")"""
    )
    page.evaluate("() => { document.querySelector('.faint').style.color = '#eee' }")
    page.evaluate("() => { document.querySelector('.long').style.width = '2000px' }")
    assert {each.split(":")[0] for each in axe(page)} == {"image-alt", "color-contrast"}
    assert wider(page) != ""


def test_a_public_page_weighs_less_than_120_kilobytes(site: Site, chrome: Browser, groups: list[Group]) -> None:
    """What travels for HTML, styles, scripts and fonts at a first visit; pictures apart."""
    context = fresh(chrome, site)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, tuple[str, str]] = {}
    sizes: dict[str, int] = {}
    network.on(
        "Network.responseReceived",
        lambda event: kinds.__setitem__(event["requestId"], (event["type"], event["response"]["url"])),
    )
    network.on(
        "Network.loadingFinished",
        lambda event: sizes.__setitem__(event["requestId"], int(event["encodedDataLength"])),
    )
    heavy = {}
    for name, path in groups[0].pages.items():
        if path in {"/stil", "/api/docs", "/geldboerse/ohne-netz"}:
            continue  # show those who build everything at once; is kept by the wallet's worker, nobody's first visit
        kinds.clear()
        sizes.clear()
        page.goto(path)
        page.wait_for_function("() => document.fonts.status === 'loaded'")
        parts = {kinds[one][1]: sizes.get(one, 0) for one in kinds if kinds[one][0] in WEIGHED}
        assert len(parts) > 4, parts
        if sum(parts.values()) >= MOST_BYTES:
            heavy[f"{name}: {sum(parts.values())}"] = {
                url.partition("/static/")[2] or url: n for url, n in parts.items()
            }
    context.close()
    assert heavy == {}, json.dumps(heavy, indent=1)


def test_every_link_of_the_public_pages_leads_somewhere(site: Site, chrome: Browser, groups: list[Group]) -> None:
    context = fresh(chrome, site)
    page = context.new_page()
    links: dict[str, str] = {}
    for path in groups[0].pages.values():
        page.goto(path)
        for link in page.evaluate(
            "() => [...document.querySelectorAll('main a[href], header a[href], footer a[href]')]"
            ".map((a) => String(a.href).split('#')[0])"
        ):
            if link.startswith(site.base) and "/angebot/" not in link:
                links.setdefault(link, path)
    broken = []
    for link, path in links.items():
        answer = context.request.get(link)
        if answer.status >= 400 and answer.status not in (401, 403):
            broken.append(f"{path} -> {link}: {answer.status}")
    context.close()
    assert broken == [], "\n".join(broken)


def test_mails_read_well_in_every_client(site: Site, chrome: Browser, groups: list[Group]) -> None:
    """Every kind of mail that the journeys have caused so far, as a page of its own."""
    context = fresh(chrome, site, bypass_csp=True)
    page = context.new_page()
    found, kinds = [], set()
    for letter in site.all_letters():
        kind = letter.subject.split()[0]
        if kind in kinds:
            continue
        kinds.add(kind)
        assert letter.text.strip(), letter.subject
        page.goto(f"{site.stripe.base}/_mail/{letter.name}/html")
        found += [f"{letter.subject}: {each}" for each in axe(page)]
        page.set_viewport_size({"width": NARROW, "height": 800})
        if out := wider(page):
            found.append(f"{letter.subject}: {out}")
    context.close()
    assert len(kinds) >= 2
    assert found == [], "\n".join(found)
