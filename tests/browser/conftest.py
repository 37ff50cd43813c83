"""One live site for all journeys, one Chromium, and a visitor with an address of its own for every test."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser import books, ground
from tests.browser.ground import Site
from tests.conftest import copy, named

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
_addresses = itertools.count(1)


@pytest.fixture(scope="session")
def site(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The seeded site. After the last test the books must be proven and agree with the provider's."""
    seeded, told = ground.seeded(server_url, template, named)
    with copy(server_url, seeded) as url, ground.live(url, tmp_path_factory.mktemp("site"), told) as running:
        yield running
        books.proven(running)


def chromium() -> str | None:
    """The browser that `make test` found; else an installed one; else Playwright's own."""
    given = os.environ.get("CHROMIUM")
    return given or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=ground.PATIENCE * 1000)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def chrome(playwright: Playwright) -> Iterator[Browser]:
    """Chromium without a camera."""
    browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=FLAGS)
    yield browser
    browser.close()


class Watched:
    """What went wrong in the pages of a visitor: sentences in the console, errors of scripts, refused content."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self.expected: tuple[str, ...] = ()

    def see(self, context: BrowserContext) -> None:
        context.on("console", lambda said: said.type == "error" and self._note(f"{said.page.url}: {said.text}"))
        context.on("weberror", lambda error: self._note(f"{error.page.url}: {error.error}"))

    def expect(self, *words: str) -> None:
        """A refusal with its status is also an error in the console; a test that wants one says so."""
        self.expected += words

    def _note(self, sentence: str) -> None:
        self.troubles.append(sentence)

    @property
    def unexpected(self) -> list[str]:
        return [said for said in self.troubles if not any(word in said for word in self.expected)]


Visitor = Callable[..., BrowserContext]


@pytest.fixture
def watched() -> Iterator[Watched]:
    """Every visitor of the test is watched; nothing unexpected may stand in a console at its end."""
    made = Watched()
    yield made
    assert made.unexpected == []


def fresh(browser: Browser, site: Site, **options: Any) -> BrowserContext:
    """A visitor as from another house: own cookies, own address."""
    nth = next(_addresses)
    address = f"10.{nth >> 16 & 255}.{nth >> 8 & 255}.{nth & 255}"
    chosen = {"locale": "de-DE", "timezone_id": "Europe/Berlin", "viewport": {"width": 390, "height": 844}, **options}
    context = browser.new_context(base_url=site.base, extra_http_headers={"X-Forwarded-For": address}, **chosen)
    context.set_default_timeout(ground.PATIENCE * 1000)
    return context


@pytest.fixture
def visitor(chrome: Browser, site: Site, watched: Watched) -> Iterator[Visitor]:
    """`visitor()` makes a new one; options as for a browser context, or `browser=` another Chromium."""
    made: list[BrowserContext] = []

    def make(browser: Browser | None = None, **options: Any) -> BrowserContext:
        context = fresh(browser or chrome, site, **options)
        watched.see(context)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """A visitor with a telephone."""
    return visitor().new_page()
