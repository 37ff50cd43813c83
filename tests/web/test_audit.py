"""The auditor's pages: who may see them, that figures agree with the ledger, and that each leads to its entries."""

import csv
import io
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation import clock
from foundation.database import session, transact
from foundation.models import AuditRecord
from money.ledger import balances, sealing
from money.ledger.models import Entry
from people.models import Municipality
from tests.builders import vouchers as build
from tests.web.test_sign_in import member, sign_in
from vouchers.statistics import counting, queries
from vouchers.statistics.queries import Scope
from vouchers.stored_value.models import Programme
from vouchers.tills import redeeming, returns
from vouchers.tills.redeeming import RedemptionOrder

DUELMEN, COESFELD = build.DUELMEN, build.COESFELD


def count() -> None:
    while sealing.seal_once(5000):
        pass
    counting.count_all()


def story() -> Programme:
    """100 € issued in Coesfeld; 30 € spent in Coesfeld, 25 € in Dülmen, and 5 € taken in Dülmen and voided."""

    def lay() -> tuple[Programme, build.Shop, build.Shop, str]:
        programme = build.programme()
        here, there = (build.accepting_shop(programme.id, ags) for ags in (COESFELD, DUELMEN))
        return programme, here, there, build.voucher(programme.id, 100_00, issue_ags=COESFELD).token

    programme, here, there, token = transact(lay)
    redeeming.redeem(here.token, RedemptionOrder(token, 30_00, str(uuid4())))
    redeeming.redeem(there.token, RedemptionOrder(token, 25_00, str(uuid4())))
    taken = redeeming.redeem(there.token, RedemptionOrder(token, 5_00, str(uuid4())))
    returns.void(there.token, UUID(taken.body["redemption_id"]), key=str(uuid4()), reason="vertippt")
    count()
    return programme


def scope(programme: Programme) -> Scope:
    return Scope(clock.today() - timedelta(days=1), clock.today(), (programme.id,))


def auditor(client: FlaskClient) -> FlaskClient:
    sign_in(client, member("auditor"))
    return client


def test_figures_follow_the_formulas(context: Flask) -> None:
    programme = story()
    found = queries.sum_all(scope(programme))
    assert (found.issued, found.withdrawn, found.redeemed) == (100_00, 0, 55_00)
    assert (found.tickets, found.vouchers) == (2, 1)
    assert queries.sum_outstanding(programme) == 45_00
    assert (
        sum(balances.load_balance(programme.issuer_id, a, programme_id=programme.id) for a in queries.LIABILITIES)
        == 45_00
    )


def test_the_flow_between_towns_adds_up_to_what_was_redeemed(context: Flask) -> None:
    programme = story()
    flows = queries.sum_flows(scope(programme))
    assert sorted(flows) == sorted([(COESFELD, COESFELD, 30_00), (COESFELD, DUELMEN, 25_00)])
    assert sum(cents for _a, _b, cents in flows) == queries.sum_all(scope(programme)).redeemed
    assert [(shop.ags, cents, n) for shop, cents, n in queries.sum_by_outlet(scope(programme), DUELMEN)] == [
        (DUELMEN, 25_00, 1)
    ]


def test_counting_again_counts_nothing_twice(context: Flask) -> None:
    programme = story()
    before = queries.sum_all(scope(programme))
    counting.count_all()
    counting.count_all()
    assert queries.sum_all(scope(programme)) == before


def test_days_without_redemption_are_shown_too(context: Flask) -> None:
    programme = story()
    assert [(cents, n) for _day, cents, n in queries.sum_by_day(scope(programme))] == [(0, 0), (55_00, 2)]


def test_a_voucher_of_unknown_origin_is_counted_as_such(context: Flask) -> None:
    programme = transact(build.programme)
    transact(build.voucher, programme.id, 20_00)
    count()
    assert queries.sum_issued_by_town(scope(programme)) == {queries.UNKNOWN: 20_00}


def test_the_sheet_shows_figures_cover_and_checks(client: FlaskClient, context: Flask) -> None:
    programme = story()
    page = auditor(client).get(f"/pruefung?programm={programme.slug}").text
    for words in ("55,00", "100,00", "45,00", "gedeckt", "Siegelkette", "Coesfeld nach Dülmen", programme.name):
        assert words in page


def test_every_figure_leads_to_entries_that_add_up_to_it(client: FlaskClient, context: Flask) -> None:
    programme = story()
    seen = auditor(client).get(f"/pruefung/buchungen?programm={programme.slug}&art=voucher.redeem").text
    assert "3 Buchungen" in seen
    assert "60,00" in seen
    town = client.get(f"/pruefung/ort/{DUELMEN}?programm={programme.slug}").text
    assert "25,00" in town
    flow = client.get(f"/pruefung/strom/{COESFELD}/{DUELMEN}?programm={programme.slug}").text
    assert "25,00" in flow


def test_a_document_shows_its_lines_and_its_seal_and_the_look_is_noted(client: FlaskClient, context: Flask) -> None:
    programme = story()
    entry = session.scalars(sa.select(Entry).where(Entry.programme_id == programme.id)).first()
    assert entry
    page = auditor(client).get(f"/pruefung/beleg/{entry.aggregate_id}/{entry.journal_id}").text
    assert "Prüfsumme" in page
    noted = sa.select(sa.func.count()).where(AuditRecord.subject_id == entry.journal_id)
    assert session.scalar(noted) == 1
    assert client.get(f"/pruefung/beleg/{uuid4()}/{uuid4()}").status_code == 404


@pytest.mark.parametrize("name", ["buchungen", "zahlen", "tage", "orte", "stroeme", "deckung"])
def test_files_open_in_spreadsheets(client: FlaskClient, context: Flask, name: str) -> None:
    programme = story()
    answer = auditor(client).get(f"/pruefung/{name}.csv?programm={programme.slug}")
    assert answer.content_type == "text/csv; charset=utf-8"
    text = answer.get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(rows) > 1
    assert len({len(row) for row in rows}) == 1
    assert any("00" in cell for row in rows[1:] for cell in row)


def test_the_file_of_entries_says_the_hour_that_its_heading_names(client: FlaskClient, context: Flask) -> None:
    programme = story()
    text = auditor(client).get(f"/pruefung/buchungen.csv?programm={programme.slug}").get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert rows
    assert {row["Aufgezeichnet (UTC)"][-6:] for row in rows} == {"+00:00"}


@pytest.mark.parametrize("role", ["retailer_owner", "point_keeper", "operator"])
def test_others_may_not_look(client: FlaskClient, context: Flask, role: str) -> None:
    sign_in(client, member(role))
    for path in ("/pruefung", "/pruefung/buchungen", "/pruefung/buchungen.csv"):
        assert client.get(path).status_code == 403


def test_strangers_are_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/pruefung").headers["Location"].startswith("/anmelden")


def test_an_issuers_clerk_sees_the_own_books_only(client: FlaskClient, context: Flask) -> None:
    programme = story()
    entry = session.scalars(sa.select(Entry).where(Entry.programme_id == programme.id)).first()
    assert entry
    sign_in(client, member("issuer_clerk"))
    assert programme.name not in client.get("/pruefung").text
    assert client.get(f"/pruefung/beleg/{entry.aggregate_id}/{entry.journal_id}").status_code == 404
    assert client.get(f"/pruefung/buchungen?herausgeber={programme.issuer_id}").status_code == 404


@pytest.mark.parametrize("asked", ["von=gestern", "von=2026-05-02&bis=2026-05-01", "von=1900-01-01"])
def test_a_period_that_cannot_be_is_named(client: FlaskClient, context: Flask, asked: str) -> None:
    answer = auditor(client).get(f"/pruefung?{asked}")
    assert answer.status_code == 200
    assert "Bitte wählen Sie gültige Tage." in answer.text or "Der Zeitraum muss" in answer.text


@pytest.mark.parametrize("path", ["/pruefung/buchungen?nach=x", "/pruefung/buchungen?wessen=x"])
def test_addresses_that_nobody_gave_are_refused(client: FlaskClient, context: Flask, path: str) -> None:
    assert auditor(client).get(path).status_code == 422


def test_towns_are_named(context: Flask) -> None:
    names = queries.load_town_names()
    assert len(names) == 67
    assert names[COESFELD] == session.get_one(Municipality, COESFELD).name == "Coesfeld"


def test_withdrawals_lessen_what_was_issued() -> None:
    assert queries.Sums(issued=500, withdrawn=200).net == 300
