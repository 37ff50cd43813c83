"""Open books, for everybody: cover, roots, feed, the checking program, and a holder's proof."""

import json
import xml.etree.ElementTree as ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from money.ledger import checks, cover
from money.ledger.published import read_roots
from money.roots import public_cover, publishing, queries
from tests.builders.days import finish_days
from tests.builders.ledger import tampering
from tests.conftest import ROOT
from vouchers.stored_value.issuing import Issued

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def visitor(own_database: Flask) -> FlaskClient:
    """Somebody who never signed in."""
    return own_database.test_client()


@pytest.fixture
def given(own_database: Flask) -> list[Issued]:
    """Vouchers of a day that is over and published."""
    made = finish_days(2)
    publishing.publish_roots()
    return made


def test_the_cover_is_public_and_says_what_is_owed_to_whom(given: list[Issued], visitor: FlaskClient) -> None:
    checks.check_cover()
    page = visitor.get("/buecher")
    assert page.status_code == 200
    for word in ("Gedeckt", "Im Topf", "Geschuldet: Gutscheine", "Gedeckt seit", "Nächster Kontoauszug", "100,00"):
        assert word in page.text
    assert "Nicht gedeckt" not in page.text


def test_a_pool_that_is_short_is_red_and_says_by_how_much(given: list[Issued], visitor: FlaskClient) -> None:
    checks.check_cover()
    with tampering() as owner:
        owner.execute(
            "UPDATE balance_rollup SET debit_cents = debit_cents - 7"
            " WHERE ctid = (SELECT min(ctid) FROM balance_rollup WHERE account = 'TB')"
        )
    checks.check_cover()
    page = visitor.get("/buecher")
    assert "Nicht gedeckt seit" in page.text
    assert "0,07" in page.text
    assert 'class="notice bad"' in page.text
    found = public_cover.list_public_covers()[0]
    assert found.ratio_percent == "99,93"
    assert not found.cover.ok


def test_nobody_can_type_a_sum_into_the_public_cover() -> None:
    """Everything on it is read from the books: the module takes no form, no setting and writes nothing."""
    source = (ROOT / "money" / "roots" / "public_cover.py").read_text(encoding="utf-8")
    assert not any(word in source for word in ("request", "settings", "session.add", "insert", "update("))
    assert "SELECT" in cover.SUMS


def test_roots_stand_on_the_page_in_the_feed_and_as_text(given: list[Issued], visitor: FlaskClient) -> None:
    roots = queries.list_roots()
    assert len(roots) == 2
    page = visitor.get("/buecher").text
    assert all(root.root.hex() in page and root.balances.hex() in page for root in roots)
    assert read_roots(visitor.get("/buecher/siegel.txt").text) == roots
    feed = visitor.get("/buecher/siegel.atom")
    assert feed.mimetype == "application/atom+xml"
    parsed = ElementTree.fromstring(feed.text)
    assert [read_roots(entry.findtext(f"{ATOM}content") or "") for entry in parsed.iter(f"{ATOM}entry")] == [
        [root] for root in roots
    ]
    assert parsed.findtext(f"{ATOM}updated")
    assert "def main" in visitor.get("/buecher/verify_books.py").text


def test_the_holders_page_gives_the_proof(given: list[Issued], visitor: FlaskClient) -> None:
    page = visitor.post("/g", data={"token": given[2].token})
    assert "Nachweis, dass das Guthaben in den Büchern steht" in page.text
    answer = visitor.post("/g/nachweis", data={"token": given[2].token})
    assert answer.headers["Content-Disposition"].endswith(".json")
    assert json.loads(answer.text)["cents"] == 20_02
    assert visitor.post("/g/nachweis", data={"token": "x"}).status_code == 404


def test_before_the_first_day_is_over_the_pages_say_so(own_database: Flask, visitor: FlaskClient) -> None:
    assert "Das erste Siegel kommt nach dem ersten Tag." in visitor.get("/buecher").text
    assert "Noch nichts geschuldet" in visitor.get("/buecher").text
    assert visitor.get("/buecher/siegel.txt").text == ""
