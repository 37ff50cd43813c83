"""The auditor follows a figure down to the document, and takes the figures home."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from foundation import clock
from tests.browser import steps
from tests.browser.ground import Site
from tests.browser.market import WIDE

Visitor = Callable[..., BrowserContext]


@pytest.fixture
def sheet(site: Site, visitor: Visitor) -> Page:
    """The auditor's page of days that are over: today's figures still grow."""
    page = steps.sign_in(visitor(viewport=WIDE), site.sign_in("auditor"))
    page.goto(f"/pruefung?von={clock.today() - timedelta(days=50)}&bis={clock.today() - timedelta(days=1)}")
    return page


def cents(text: str) -> int:
    found = re.search(r"([\d.]+),(\d\d)\s*€", text)
    assert found, text
    return int(found[1].replace(".", "")) * 100 + int(found[2])


def figure(sheet: Page, label: str) -> int:
    return cents(sheet.locator(".figures > *", has_text=re.compile(f"^\\s*{label}")).first.inner_text())


def test_a_figure_leads_to_its_entries_and_these_add_up_to_it(site: Site, sheet: Page) -> None:
    steps.heading(sheet, "Gutscheine: Zahlen und Bücher")
    redeemed = figure(sheet, "Eingelöst")
    sheet.locator(".figures > *", has_text=re.compile(r"^\s*Eingelöst")).first.get_by_role("link").first.click()
    steps.heading(sheet, "Buchungen")
    assert cents(sheet.locator("p.lead").inner_text()) == redeemed
    sheet.locator("main tbody a").first.click()
    steps.heading(sheet, re.compile("^Beleg"))
    document = steps.text_of(sheet)
    assert "Prüfsumme" in document
    assert re.search(r"\b[0-9a-f]{64}\b", document)


def test_the_chart_is_drawn_and_says_what_its_table_says(sheet: Page) -> None:
    chart = sheet.locator("#tage")
    chart.scroll_into_view_if_needed()
    expect(chart.locator("canvas, svg:not(.icon)").first).to_be_visible()
    assert chart.locator("tbody tr").count() > 10


def test_proof_chain_and_cover_say_when_they_were_checked(sheet: Page) -> None:
    text = steps.text_of(sheet)
    for name in ("Beweis", "Siegelkette", "Deckung"):
        assert re.search(rf"{name} in Ordnung geprüft am \d\d?\.", text), name
    assert "nicht gedeckt" not in text


def test_the_figures_come_as_a_table_for_a_spreadsheet(sheet: Page) -> None:
    shown = figure(sheet, "Eingelöst")
    with sheet.expect_download() as waiting:
        steps.follow(sheet, "Zahlen als CSV", exact=False)
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 3
    column = next(name for name in rows[0] if name.startswith("Eingelöst"))
    assert sum(int(re.sub(r"\D", "", row[column])) for row in rows) == shown


def test_nobody_else_sees_the_sheet(site: Site, visitor: Visitor, watched: object) -> None:
    watched.expect("403")  # type: ignore[attr-defined]
    page = steps.sign_in(visitor(), site.sign_in("shopper"))
    answer = page.goto("/pruefung")
    assert answer
    assert answer.status == 403
    steps.heading(page, "Diese Seite ist für Ihren Zugang nicht offen")
