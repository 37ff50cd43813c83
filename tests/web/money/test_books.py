"""Open books, for everybody: cover, roots, feed, the checking program, and a holder's proof."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import today
from foundation.database import session, transact, uuid7
from money.bank import importing, receiving
from money.bank.stated import StatedBalance
from money.bank.states import StatementKind
from money.ledger import checks, cover
from money.ledger.published import read_roots
from money.roots import public_cover, publishing, queries
from tests.builders import bank
from tests.builders.days import finish_days
from tests.builders.ledger import JournalDocument, JournalLine, write
from tests.conftest import ROOT
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Voucher

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


def issuer_of(given: list[Issued]) -> UUID:
    found = session.get_one(Voucher, given[0].voucher_id).ledger_id
    session.commit()
    return found


def show_cover() -> public_cover.PublicCover:
    [found] = public_cover.list_public_covers()
    session.commit()
    return found


def test_the_cover_is_public_and_says_what_is_owed_to_whom(given: list[Issued], visitor: FlaskClient) -> None:
    bank.own_funds(issuer_of(given), 200_00)
    checks.check_cover()
    page = visitor.get("/buecher")
    assert page.status_code == 200
    for word in ("Gedeckt", "Im Topf", "Geschuldet", "Gutscheine", "Gedeckt seit", "Nächster Kontoauszug", "100,10"):
        assert word in page.text
    assert "Nicht gedeckt" not in page.text


def test_a_pool_that_is_short_is_red_and_says_by_how_much(given: list[Issued], visitor: FlaskClient) -> None:
    account = bank.own_funds(issuer_of(given), 100_10)
    checks.check_cover()
    assert (show_cover().ratio_percent, show_cover().missing_cents) == ("100,00", 0)
    bank.states(account, bank.line(-7, "Entgelt"))
    checks.check_cover()
    page = visitor.get("/buecher")
    assert "Nicht gedeckt seit" in page.text
    assert "0,07" in page.text
    assert 'class="notice bad"' in page.text
    assert (show_cover().ratio_percent, show_cover().missing_cents) == ("99,93", 7)


def write_by_hand(given: list[Issued], line: JournalLine) -> None:
    """As the owner of the database: the application refuses most of it."""
    transact(write, JournalDocument(uuid7(), given[0].voucher_id, issuer_of(given), "written by hand"), [line])


def type_own_funds(given: list[Issued], account: UUID) -> None:
    write_by_hand(given, JournalLine("TB", "OB", 500_00))


def type_a_receipt(given: list[Issued], account: UUID) -> None:
    transact(receiving.record_receipt, account, bank.credit(500_00), uuid7())


def issue_by_hand(given: list[Issued], account: UUID) -> None:
    write_by_hand(given, JournalLine("TB", "VL", 500_00, credit_party=given[0].voucher_id))


@pytest.mark.parametrize("by_hand", [type_own_funds, type_a_receipt, issue_by_hand])
def test_no_sum_typed_by_hand_makes_the_cover_look_better(
    given: list[Issued], visitor: FlaskClient, by_hand: Callable[[list[Issued], UUID], None]
) -> None:
    account = bank.own_funds(issuer_of(given), 90_10)
    before = show_cover()
    assert before.missing_cents == 10_00
    books = before.cover.bank_cents
    by_hand(given, account)
    after = show_cover()
    assert after.cover.bank_cents == books + 500_00  # the books do believe it
    assert after.pool_cents == before.pool_cents
    assert after.missing_cents >= before.missing_cents
    assert Decimal(str(after.ratio_percent).replace(",", ".")) <= Decimal(str(before.ratio_percent).replace(",", "."))
    assert "In den Büchern steht das Treuhandkonto mit" in visitor.get("/buecher").text
    bank.own_funds(issuer_of(given), 500_00, account)  # the control: what the bank states does count
    assert show_cover().pool_cents == before.pool_cents + 500_00


def test_what_a_person_typed_counts_once_the_bank_says_so(given: list[Issued]) -> None:
    account = bank.own_funds(issuer_of(given), 100_10)
    typed = bank.credit(40_00)
    transact(receiving.record_receipt, account, typed, uuid7())
    assert show_cover().pool_cents == 100_10
    bank.states(account, bank.line(40_00, bank_reference=typed.bank_reference))
    assert (show_cover().pool_cents, show_cover().cover.stated_on) == (140_10, today())


def test_what_lay_on_the_account_before_counts_and_notices_do_not(given: list[Issued]) -> None:
    account = bank.account_of(issuer_of(given))
    first = bank.stated(account, bank.line(10_00))
    first.opening, first.closing = StatedBalance(90_10, today()), StatedBalance(100_10, today())
    importing.take([(account, first)])
    assert show_cover().pool_cents == 100_10
    notice = bank.stated(account, bank.line(70_00))
    notice.kind = StatementKind.CAMT_054
    notice.opening = notice.closing = None
    importing.take([(account, notice)])
    assert show_cover().pool_cents == 100_10


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
