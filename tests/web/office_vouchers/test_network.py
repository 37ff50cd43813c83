"""The office's pages about programmes, charters, shops, other issuers, accounts; and the shop's own page."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask

from foundation.clock import now, today
from foundation.database import session, transact, uuid7
from money.bank import accounts
from money.ledger.models import CheckRun
from people.models import Outlet
from tests.builders import network as people
from tests.builders import vouchers as build
from tests.builders.day_end import close_days
from tests.builders.form_fields import choose_taken
from tests.builders.ledger import JournalDocument, JournalLine, write
from tests.web.office_vouchers.conftest import Office, clerk
from vouchers.approvals import queries as approvals
from vouchers.network import queries, reciprocity
from vouchers.stored_value.models import Programme
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder


def fresh(programme: Programme) -> Programme:
    """As it is now."""
    session.expire_all()
    return session.get_one(Programme, programme.id)


def test_the_list_shows_each_programme_with_its_lights(office: Office) -> None:
    page = office.first.get("/office/programme").text
    assert office.programme.name in page
    assert "wird verkauft" in page
    assert "Mehrzweck" in page


def test_a_new_programme_comes_through_the_gate_step_by_step(app: Flask, office: Office) -> None:
    slug = f"neu-{uuid4().hex[:8]}"
    issuer = office.programme.issuer
    made = office.first.post(f"/office/programme/neu/{issuer.slug}", data={"slug": slug, "name": "Neuer Gutschein"})
    assert made.status_code == 303
    assert "solange ein Schritt fehlt" in office.first.get(f"/office/programme/{slug}").text
    assert office.first.post(f"/office/programme/{slug}/verkaufen").status_code == 422
    charter = {
        "area": "region",
        "max_outlets": "20",
        "max_cents": "250,00",
        "month_cents": "50.000,00",
        "payer_cents": "1.000,00",
        "reason": "Erste Fassung",
    }
    assert office.first.post(f"/office/programme/{slug}/netzvereinbarung", data=charter).status_code == 303
    office.approve()
    for rate in ("7", "19"):
        shop = transact(build.outlet)
        terms = {"outlet_id": str(shop.id), "commission": "2,5", "vat_rates": rate}
        answer = office.first.post(f"/office/programme/{slug}/geschaefte", data=terms)
        assert answer.status_code == 303, answer.text
    note = {"reference": "Schreiben vom 2. November 2026"}
    terms = {"kind": "buyer", "version": "1", "text": people.TERMS}
    assert office.first.post(f"/office/programme/{slug}/bedingungen", data=terms).status_code == 303
    assert office.first.post(f"/office/programme/{slug}/steuer", data=note).status_code == 303
    position = note | {"position": "ok"}
    assert office.second.post(f"/office/programme/{slug}/aufsicht", data=position).status_code == 303
    assert office.first.post(f"/office/programme/{slug}/verkaufen").status_code == 303
    assert app.test_client().get(f"/gutscheine/{slug}").status_code == 200
    page = office.first.get(f"/office/programme/{slug}").text
    assert "Erste Fassung" in page
    assert "wird verkauft" in page


def test_the_checklist_says_what_is_missing_and_why(office: Office) -> None:
    programme = transact(build.programme, issuer_id=office.programme.issuer_id, partners=False)
    page = office.first.get(f"/office/programme/{programme.slug}").text
    missing = ("Schlagen Sie eine vor", "Schlagen Sie ein Konto vor", "Hinterlegen Sie den Text", "Noch nicht gefragt")
    assert [words for words in missing if words not in page] == ["Schlagen Sie ein Konto vor"]
    assert "§ 3 Abs. 14 UStG" in page
    answer = office.first.post(f"/office/programme/{programme.slug}/steuer", data={"reference": "Schreiben vom 2.11."})
    assert answer.status_code == 422
    assert "Einzweck-Gutschein" in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_outlets", "1"), ("max_cents", "999"), ("month_cents", "abc"), ("payer_cents", ""), ("area", "towns")],
)
def test_a_charter_that_cannot_be_is_answered_with_a_sentence(office: Office, field: str, value: str) -> None:
    values = {
        "area": "region",
        "max_outlets": "20",
        "max_cents": "250",
        "month_cents": "50.000,00",
        "payer_cents": "1.000,00",
        "reason": "Versuch",
    }
    path = f"/office/programme/{office.programme.slug}/netzvereinbarung"
    answer = office.first.post(path, data=values | {field: value})
    assert answer.status_code == 422
    assert approvals.count_waiting(office.programme.issuer_id, office.programme.id) == 0


def test_nobody_changes_a_charter_alone(office: Office) -> None:
    values = {
        "area": "towns",
        "towns": [build.COESFELD, build.DUELMEN],
        "max_outlets": "20",
        "max_cents": "250",
        "month_cents": "50.000,00",
        "payer_cents": "1.000,00",
        "reason": "Nur zwei Orte",
    }
    slug = office.programme.slug
    assert office.first.post(f"/office/programme/{slug}/netzvereinbarung", data=values).status_code == 303
    assert fresh(office.programme).area == "region"
    assert "wartet auf eine zweite Person" in office.first.get(f"/office/programme/{slug}").text
    office.approve()
    assert [town.ags for town in fresh(office.programme).towns] == [build.COESFELD, build.DUELMEN]
    annex = office.first.get(f"/office/programme/{slug}/netzvereinbarung/anlage.pdf")
    assert annex.data.startswith(b"%PDF-")
    data = json.loads(office.first.get(f"/office/programme/{slug}/netzvereinbarung/anlage.json").text)
    assert [version["version"] for version in data["versions"]] == [2, 1]
    assert data["versions"][0]["month_cents"] == 50_000_00


def test_another_issuers_clerk_neither_sees_nor_changes_anything(app: Flask, office: Office) -> None:
    programme = office.programme
    foreign = clerk(app, transact(build.programme).issuer_id)
    slug, issuer = programme.slug, programme.issuer.slug
    assert programme.name not in foreign.get("/office/programme").text
    for path in (
        f"/office/programme/{slug}",
        f"/office/programme/{slug}/netzvereinbarung",
        f"/office/programme/{slug}/netzvereinbarung/anlage.pdf",
        f"/office/programme/{slug}/netzvereinbarung/anlage.json",
        f"/office/programme/{slug}/geschaefte",
        f"/office/programme/{slug}/verbund",
        f"/office/herausgeber/{issuer}",
    ):
        assert foreign.get(path).status_code == 404, path
    outlet_id = next(iter(queries.list_shops([programme.id])))
    note = {"reference": "Fremdes Schreiben", "reason": "Fremd", "position": "unknown", "when": "now"}
    for path in (
        f"/office/programme/{slug}/anhalten",
        f"/office/programme/{slug}/aufsicht",
        f"/office/programme/{slug}/steuer",
        f"/office/programme/{slug}/geschaefte/{outlet_id}/beenden",
        f"/office/herausgeber/{issuer}/konto",
    ):
        assert foreign.post(path, data=choose_taken(foreign, path, note)).status_code == 404, path
    assert fresh(programme).on_sale
    assert queries.find_agreement(programme.id, outlet_id)


@pytest.mark.parametrize("role", ["retailer_owner", "auditor", "operator", "point_keeper"])
def test_only_clerks_of_issuers_enter(app: Flask, context: Flask, role: str) -> None:
    browser = clerk(app, transact(build.programme).issuer_id, role)
    for path in ("/office/programme", "/office/herausgeber"):
        assert browser.get(path).status_code == 403


def test_a_clerk_changes_and_ends_an_agreement_and_history_stays_on_the_page(office: Office) -> None:
    slug = office.programme.slug
    shop = transact(build.accepting_shop, office.programme.id)
    path = f"/office/programme/{slug}/geschaefte/{shop.outlet_id}"
    terms = {"commission": "3,5", "vat_rates": ["7", "19"], "reason": "Neue Provision"}
    assert office.first.post(f"{path}/aendern", data=terms).status_code == 303
    found = queries.find_agreement(office.programme.id, shop.outlet_id)
    assert found
    assert (found.version, found.commission_basis_points, found.vat_rates) == (2, 350, "7,19")
    assert office.first.post(f"{path}/aendern", data=terms | {"vat_rates": []}).status_code == 422
    assert office.first.post(f"{path}/beenden", data={"when": "now", "reason": "Umzug"}).status_code == 303
    assert queries.find_agreement(office.programme.id, shop.outlet_id) is None
    page = office.first.get(f"/office/programme/{slug}/geschaefte").text
    assert "Neue Provision" in page
    assert "Umzug" in page


def test_two_issuers_agree_that_one_ones_vouchers_are_taken_in_the_others_shops(app: Flask, office: Office) -> None:
    host = transact(build.programme)
    other = Office(host, clerk(app, host.issuer_id), clerk(app, host.issuer_id))
    wish = {"partner": str(host.id), "direction": "guest", "reason": "Nachbarn"}
    assert office.first.post(f"/office/programme/{office.programme.slug}/verbund", data=wish).status_code == 303
    office.approve()
    assert "Wartet auf Ihre Zustimmung" in other.first.get(f"/office/programme/{host.slug}/verbund").text
    pair = {"guest_id": str(office.programme.id), "host_id": str(host.id), "reason": "Gern"}
    assert other.first.post(f"/office/programme/{host.slug}/verbund/zustimmen", data=pair).status_code == 303
    other.approve()
    assert queries.list_hosts(office.programme.id) == [host.id]
    shop, given = transact(build.accepting_shop, host.id), transact(build.voucher, office.programme.id)
    redeeming.redeem(shop.token, RedemptionOrder(given.token, 40_00, str(uuid4())))
    issuer = office.programme.issuer.slug
    page = office.first.get(f"/office/herausgeber/{issuer}").text
    assert "wir schulden" in page
    assert "wird uns geschuldet" in other.first.get(f"/office/herausgeber/{host.issuer.slug}").text
    paid = {"creditor_id": str(host.issuer_id), "cents": "40", "reference": "Ausgleich 47", "reason": "Wochenausgleich"}
    assert office.first.post(f"/office/herausgeber/{issuer}/ausgleich", data=paid).status_code == 303
    office.approve()
    assert "ist nichts offen" in office.first.get(f"/office/herausgeber/{issuer}").text
    assert "Ausgleich 47" in other.first.get(f"/office/herausgeber/{host.issuer.slug}").text
    end = f"/office/programme/{office.programme.slug}/verbund/beenden"
    assert office.second.post(end, data=pair).status_code == 303
    assert reciprocity.list_consents_wanted(host.id) == []


def test_a_trust_account_is_changed_by_two_and_its_digits_are_checked(office: Office) -> None:
    issuer = office.programme.issuer
    path = f"/office/herausgeber/{issuer.slug}/konto"
    wish = {"iban": "DE00 3704 0044 0532 0130 00", "holder": "Treuhand", "reason": "Neue Bank"}
    wrong = office.first.post(path, data=wish)
    assert wrong.status_code == 422
    assert "Bitte prüfen Sie die Ziffern" in wrong.text
    iban = people.iban()
    assert office.first.post(path, data=wish | {"iban": accounts.group_iban(iban)}).status_code == 303
    before = accounts.find_open_account(issuer.id)
    assert before
    assert before.iban != iban
    office.approve()
    session.expire_all()
    after = accounts.find_open_account(issuer.id)
    assert after
    assert after.iban == iban
    assert accounts.group_iban(iban) in office.first.get(f"/office/herausgeber/{issuer.slug}").text


def test_a_shop_withdraws_by_itself_and_only_for_itself(app: Flask, office: Office) -> None:
    shop, stranger = (transact(build.accepting_shop, office.programme.id) for _n in range(2))
    outlet = session.get_one(Outlet, shop.outlet_id)
    owner = clerk(app, outlet.organisation_id, "retailer_owner")
    assert office.programme.name in owner.get("/desk/gutscheine").text
    foreign = f"/desk/gutscheine/{office.programme.id}/{stranger.outlet_id}/beenden"
    assert owner.post(foreign, data={"when": "now", "reason": "Fremd"}).status_code == 404
    assert queries.find_agreement(office.programme.id, stranger.outlet_id)
    path = f"/desk/gutscheine/{office.programme.id}/{shop.outlet_id}/beenden"
    assert owner.post(path, data={"when": "now", "reason": ""}).status_code == 422
    assert owner.post(path, data={"when": "notice", "reason": "Wir schließen"}).status_code == 303
    found = queries.find_agreement(office.programme.id, shop.outlet_id)
    assert found
    assert found.valid_until
    assert owner.post(path, data={"when": "now", "reason": "Doch gleich"}).status_code == 303
    assert queries.find_agreement(office.programme.id, shop.outlet_id) is None
    page = owner.get("/desk/gutscheine").text
    assert "Doch gleich" in page


def test_a_shop_that_left_or_is_suspended_keeps_what_it_can_read(app: Flask, office: Office) -> None:
    shop = transact(build.accepting_shop, office.programme.id)
    given = transact(build.voucher, office.programme.id)
    redeeming.redeem(shop.token, RedemptionOrder(given.token, 12_34, str(uuid4()), receipt_no="Bon 4711"))
    outlet = session.get_one(Outlet, shop.outlet_id)
    owner = clerk(app, outlet.organisation_id, "retailer_owner")
    path = f"/desk/gutscheine/{office.programme.id}/{shop.outlet_id}/beenden"
    assert owner.post(path, data={"when": "now", "reason": "Wir hören auf"}).status_code == 303
    assert "12,34" in owner.get("/desk/einloesungen").text
    outlet = session.get_one(Outlet, shop.outlet_id)
    outlet.active = False
    session.commit()
    assert "12,34" in owner.get("/desk/einloesungen").text
    assert "Wir hören auf" in owner.get("/desk/gutscheine").text


def test_two_clerks_close_a_month_and_the_page_says_until_when(office: Office) -> None:
    issuer = office.programme.issuer
    page = f"/office/herausgeber/{issuer.slug}"
    last = (today() - timedelta(days=2)).replace(day=1) - timedelta(days=1)
    lines = [JournalLine("TB", "OB", 5)]
    transact(write, JournalDocument(uuid7(), uuid7(), issuer.id, "example", booked_on=last), lines)
    close_days(issuer.id)
    for check in ("proof", "chain"):
        session.add(CheckRun(check=check, started_at=now(), finished_at=now(), ok=True, seals=0, detail={}))
    session.commit()
    wanted = {"last_day": last.isoformat(), "reason": "Monatsende"}
    for wrong in ("", "gestern", today().isoformat()):
        assert office.first.post(f"{page}/abschluss", data=wanted | {"last_day": wrong}).status_code == 422
    assert "Noch ist kein Monat abgeschlossen" in office.first.get(page).text
    assert office.first.post(f"{page}/abschluss", data=wanted).status_code == 303
    office.approve()
    assert f"bis {last.day}. " in office.first.get(page).text
    assert office.first.post(f"{page}/abschluss", data=wanted).status_code == 422
