"""The office's pages: two people with a fresh sign-in, support without secrets, what was watched, runs of lapse."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation import clock
from foundation.database import session, transact
from people import persons
from people.models import Outlet, Person
from tests.builders import bank
from tests.builders import vouchers as build
from tests.builders.ledger import add_float
from tests.builders.orders import mails_to, sign_in, staff
from tests.builders.organisations import organisation
from tests.builders.safety import sold
from vouchers.approvals.models import Proposal
from vouchers.lapsing import running
from vouchers.lapsing.models import LapseRun
from vouchers.stored_value import queries
from vouchers.stored_value.models import Programme, Voucher
from vouchers.support.models import SupportLookup
from vouchers.watch import holds, self_dealing

HIDDEN = re.compile(r"[0-9a-f]{64}")


def clerk_of(app: Flask, programme: Programme, role: str = "issuer_clerk") -> FlaskClient:
    """Somebody who works for the issuer, signed in."""
    visitor = app.test_client()
    sign_in(visitor, staff(role, programme.issuer_id))
    return visitor


@pytest.fixture
def programme(context: Flask) -> Programme:
    """A programme of an issuer with own funds in the pool."""
    made = build.programme()
    add_float(made.issuer_id, 500_00)
    session.commit()
    return made


def look(client: FlaskClient, asked: str) -> str:
    """The address of the page of one voucher."""
    answer = client.post("/office/gutscheine", data={"asked": asked, "purpose": "Anruf"})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_from_the_call_to_goodwill_on_the_voucher_by_two_people(app: Flask, programme: Programme) -> None:
    sale = sold(programme.id, 50_00)
    session.commit()
    first, second = clerk_of(app, programme), clerk_of(app, programme)
    page = look(first, sale.number)
    form = page.replace("/office/gutscheine/", "/office/gutscheine/kulanz/")
    assert first.get(form).status_code == 200
    wrong = first.post(f"{form}/dazu", data={"amount": "zehn", "reason": "Kulanz"})
    assert (wrong.status_code, "ist kein Betrag" in wrong.text) == (422, True)
    sent = {"amount": "10,50", "reason": "Laden hatte zu", "key": str(uuid4())}
    assert first.post(f"{form}/dazu", data=sent).status_code == 303
    assert first.post(f"{form}/dazu", data=sent).status_code == 303
    proposal = session.scalars(sa.select(Proposal).where(Proposal.programme_id == programme.id)).unique().one()
    own = first.get("/office/freigaben").text
    assert "Das haben Sie selbst vorgeschlagen" in own
    assert f"/{proposal.id}/freigeben" not in own
    assert first.post(f"/office/freigaben/{proposal.id}/freigeben").status_code == 409
    assert queries.calculate_available(sale.voucher.voucher_id) == 50_00
    seen = second.get("/office/freigaben").text
    assert "10,50" in seen
    assert "Laden hatte zu" in seen
    assert second.post(f"/office/freigaben/{proposal.id}/freigeben").status_code == 303
    session.rollback()
    assert queries.calculate_available(sale.voucher.voucher_id) == 60_50
    assert second.post(f"/office/freigaben/{proposal.id}/freigeben").status_code == 409
    assert "ausgeführt" in first.get("/office/freigaben").text


def test_a_correction_downwards_is_proposed_for_one_part(app: Flask, programme: Programme) -> None:
    sale = sold(programme.id, 50_00)
    session.commit()
    first, second = clerk_of(app, programme), clerk_of(app, programme)
    form = look(first, sale.number).replace("/office/gutscheine/", "/office/gutscheine/kulanz/")
    lot = queries.list_lots(sale.voucher.voucher_id)[0].id
    sent = {"lot": str(lot), "off": "50,01", "why": "doppelt ausgegeben"}
    refused = first.post(f"{form}/ab", data=sent)
    assert (refused.status_code, 'href="#f-off"' in refused.text) == (422, True)
    assert first.post(f"{form}/ab", data=sent | {"lot": ""}).status_code == 422
    assert first.post(f"{form}/ab", data=sent | {"off": "20"}).status_code == 303
    proposal = session.scalars(sa.select(Proposal).where(Proposal.programme_id == programme.id)).unique().one()
    assert second.post(f"/office/freigaben/{proposal.id}/freigeben").status_code == 303
    session.rollback()
    assert queries.calculate_available(sale.voucher.voucher_id) == 30_00


def test_what_is_declined_stays_with_its_reason(app: Flask, programme: Programme) -> None:
    email = f"{uuid4().hex}@example.org"
    first, second = clerk_of(app, programme), clerk_of(app, programme)
    sent = {"programme": str(programme.id), "amount": "50", "email": email, "language": "de", "reason": "Tombola"}
    answer = first.post("/office/ausgabe", data=sent | {"receipt": str(bank.income(programme.issuer_id, 50_00))})
    assert answer.status_code == 303
    proposal = session.scalars(sa.select(Proposal).where(Proposal.programme_id == programme.id)).unique().one()
    empty = second.post(f"/office/freigaben/{proposal.id}/ablehnen", data={"reason": ""})
    assert empty.status_code == 422
    assert second.post(f"/office/freigaben/{proposal.id}/ablehnen", data={"reason": "Kein Geld da"}).status_code == 303
    assert "Kein Geld da" in first.get("/office/freigaben").text
    assert mails_to(email) == []


def test_a_voucher_from_the_office_reaches_its_recipient(app: Flask, programme: Programme) -> None:
    email = f"{uuid4().hex}@example.org"
    first, second = clerk_of(app, programme), clerk_of(app, programme)
    sent = {"programme": str(programme.id), "amount": "50", "email": email, "reason": "Tombola", "receipt": "x"}
    refused = first.post("/office/ausgabe", data=sent)
    assert (refused.status_code, "Zahlungseingang" in refused.text) == (422, True)
    assert (
        first.post("/office/ausgabe", data=sent | {"receipt": str(bank.income(programme.issuer_id, 50_00))}).status_code
        == 303
    )
    assert email in second.get("/office/freigaben").text
    proposal = session.scalars(sa.select(Proposal).where(Proposal.programme_id == programme.id)).unique().one()
    assert second.post(f"/office/freigaben/{proposal.id}/freigeben").status_code == 303
    session.rollback()
    assert [template for template, _text in mails_to(email)] == ["vouchers/from_office"]


def test_deciding_needs_a_sign_in_of_the_last_quarter_of_an_hour(app: Flask, programme: Programme) -> None:
    visitor = clerk_of(app, programme)
    assert visitor.get("/office/freigaben").status_code == 200
    with clock.at(datetime.now(UTC) + timedelta(minutes=16)):
        for path in ("/office/freigaben", "/office/ausgabe", "/office/verfall"):
            answer = visitor.get(path)
            assert (answer.status_code, "/anmelden/bestaetigen" in answer.headers.get("Location", "")) == (302, True)


def test_people_of_another_issuer_see_and_decide_nothing(app: Flask, programme: Programme) -> None:
    other = build.programme()
    session.commit()
    first, stranger = clerk_of(app, programme), clerk_of(app, other)
    sent = {"programme": str(programme.id), "amount": "50", "email": "anna@example.org", "reason": "Tombola"}
    assert stranger.post("/office/ausgabe", data=sent | {"receipt": str(uuid4())}).status_code == 404
    assert (
        first.post("/office/ausgabe", data=sent | {"receipt": str(bank.income(programme.issuer_id, 50_00))}).status_code
        == 303
    )
    proposal = session.scalars(sa.select(Proposal).where(Proposal.programme_id == programme.id)).unique().one()
    assert str(proposal.id) not in stranger.get("/office/freigaben").text
    assert stranger.post(f"/office/freigaben/{proposal.id}/freigeben").status_code == 404
    session.rollback()
    assert session.get_one(Proposal, proposal.id).state == "proposed"


def test_support_reads_no_code_token_pin_or_hash_anywhere(app: Flask, programme: Programme) -> None:
    sale = sold(programme.id, 50_00)
    session.commit()
    visitor = clerk_of(app, programme)
    page = look(visitor, sale.number)
    row = session.get_one(Voucher, sale.voucher.voucher_id)
    secrets = [sale.voucher.code, sale.voucher.code.replace("-", ""), sale.voucher.token, sale.voucher.pin]
    secrets += [value.hex() for value in (row.token_hash, row.code_hash, row.pin_hash)]
    for path in (page, page.replace("/office/gutscheine/", "/office/gutscheine/kulanz/"), "/office/freigaben"):
        text = visitor.get(path).text
        assert [secret for secret in secrets if re.search(rf"\b{re.escape(secret)}\b", text)] == []
        assert HIDDEN.search(text) is None
    assert row.last4 in visitor.get(page).text


def test_every_look_leaves_a_record_also_the_refused_ones(app: Flask, programme: Programme) -> None:
    other = build.programme()
    foreign = sold(other.id, 50_00)
    session.commit()
    email = staff("issuer_clerk", programme.issuer_id)
    visitor = app.test_client()
    sign_in(visitor, email)
    for asked in (foreign.number, "MG-9999-9999"):
        answer = visitor.post("/office/gutscheine", data={"asked": asked, "purpose": "Anruf"})
        assert (answer.status_code, "keinen Gutschein" in answer.text) == (200, True)
    person = session.scalars(sa.select(Person.id).where(Person.email == email)).one()
    found = session.scalars(sa.select(SupportLookup.outcome).where(SupportLookup.person_id == person))
    assert sorted(found) == ["foreign", "nothing"]
    auditor = clerk_of(app, other, "auditor")
    assert foreign.number in auditor.get("/pruefung/einsichten").text
    assert foreign.number not in visitor.get("/pruefung/einsichten").text
    assert visitor.get("/pruefung/einsichten?vor=gestern").status_code == 422


def test_nobody_opens_the_look_of_another(app: Flask, programme: Programme) -> None:
    sale = sold(programme.id, 50_00)
    session.commit()
    first, second = clerk_of(app, programme), clerk_of(app, programme)
    page = look(first, sale.number)
    assert first.get(page).status_code == 200
    for path in (page, page.replace("/office/gutscheine/", "/office/gutscheine/kulanz/")):
        assert second.get(path).status_code == 404
    assert second.post(f"{page}/sperren", data={"reason": "verloren"}).status_code == 404


def test_support_blocks_and_unblocks_with_a_reason(app: Flask, programme: Programme) -> None:
    sale = sold(programme.id, 50_00)
    session.commit()
    visitor = clerk_of(app, programme)
    page = look(visitor, sale.number)
    assert visitor.post(f"{page}/sperren", data={"reason": ""}).status_code == 422

    def state() -> str:
        session.rollback()
        session.expire_all()
        return session.get_one(Voucher, sale.voucher.voucher_id).state

    assert state() == "active"
    assert visitor.post(f"{page}/sperren", data={"reason": "verloren"}).status_code == 303
    assert state() == "blocked"
    assert visitor.post(f"{page}/entsperren", data={"reason": "gefunden"}).status_code == 303
    assert state() == "active"


@pytest.mark.parametrize("role", ["auditor", "operator", "retailer_owner"])
def test_other_roles_find_no_vouchers(app: Flask, programme: Programme, role: str) -> None:
    visitor = clerk_of(app, programme, role)
    assert visitor.get("/office/gutscheine").status_code == 403
    assert visitor.post("/office/gutscheine", data={"asked": "MG-1", "purpose": "Neugier"}).status_code == 403


def test_a_run_of_lapse_from_the_form_to_the_document(app: Flask, programme: Programme) -> None:
    with clock.at(datetime(2020, 3, 5, 12, tzinfo=clock.BERLIN)):
        build.voucher(programme.id, 50_00)
    session.commit()
    first, second = clerk_of(app, programme), clerk_of(app, programme)
    sent = {"programme": str(programme.id), "kind": "paid", "cutoff": "2023-12-31", "reason": "Verjährt"}
    early = first.post("/office/verfall", data=sent | {"cutoff": clock.today().isoformat()})
    assert (early.status_code, "gestern" in early.text) == (422, True)
    assert first.post("/office/verfall", data=sent | {"cutoff": "gestern"}).status_code == 422
    assert first.post("/office/verfall", data=sent).status_code == 303
    assert first.post("/office/verfall", data=sent).status_code == 409
    run = session.scalars(sa.select(LapseRun).where(LapseRun.programme_id == programme.id)).unique().one()
    proposal = session.scalars(sa.select(Proposal).where(Proposal.key == run.key)).unique().one()
    assert "wartet auf Freigabe" in first.get("/office/verfall").text
    assert second.post(f"/office/freigaben/{proposal.id}/freigeben").status_code == 303
    assert "0 / 1" in first.get(f"/office/verfall/{run.id}").text
    running.carry_out(str(run.id))
    session.rollback()
    page = first.get(f"/office/verfall/{run.id}").text
    assert "1 / 1" in page
    file = first.get(f"/office/verfall/{run.id}.csv")
    assert (file.mimetype, file.text.count("verfallen")) == ("text/csv", 1)
    lot = re.search(r'name="lot" value="([^"]+)"', page)
    voucher = re.search(r'name="voucher" value="([^"]+)"', page)
    assert lot is not None
    assert voucher is not None
    back = {"lot": lot[1], "voucher": voucher[1], "reason": "Brief der Enkelin"}
    assert first.post(f"/office/verfall/{run.id}/zuruecknehmen", data=back).status_code == 303
    assert first.post(f"/office/verfall/{run.id}/zuruecknehmen", data=back).status_code == 409
    stranger = clerk_of(app, build.programme())
    assert stranger.get(f"/office/verfall/{run.id}").status_code == 404
    assert stranger.get(f"/office/verfall/{run.id}.csv").status_code == 404


def test_what_is_watched_is_decided_by_people_who_have_nothing_to_do_with_it(app: Flask, programme: Programme) -> None:
    shop = build.accepting_shop(programme.id)
    session.commit()
    transact(self_dealing.watch_new_shops)
    hold = session.scalars(sa.select(holds.PayoutHold).where(holds.PayoutHold.outlet_id == shop.outlet_id)).one()
    name = session.get_one(Outlet, shop.outlet_id).name
    visitor, stranger = clerk_of(app, programme), clerk_of(app, build.programme())
    assert name in visitor.get("/office/auffaelligkeiten").text
    assert name not in stranger.get("/office/auffaelligkeiten").text
    path = f"/office/auffaelligkeiten/auszahlung/{hold.id}"
    assert stranger.post(path, data={"note": "passt schon"}).status_code == 404
    assert visitor.post(path, data={"note": ""}).status_code == 422
    email = staff("retailer_owner", session.get_one(Outlet, shop.outlet_id).organisation_id)
    person = session.scalars(sa.select(Person.id).where(Person.email == email)).one()
    persons.join(person, organisation("operator").id, "operator")
    session.commit()
    owner = app.test_client()
    sign_in(owner, email)
    assert owner.post(path, data={"note": "alles gut bei uns"}).status_code == 403
    assert visitor.post(path, data={"note": "Seit 1920 am Markt"}).status_code == 303
    session.rollback()
    assert not holds.is_held(shop.outlet_id)


def test_letting_go_needs_a_fresh_sign_in_and_blocking_does_not(app: Flask, programme: Programme) -> None:
    sale = sold(programme.id, 50_00)
    session.commit()
    clerk = clerk_of(app, programme)
    with clock.at(datetime.now(UTC) + timedelta(minutes=16)):
        page = look(clerk, sale.number)
        assert clerk.post(f"{page}/sperren", data={"reason": "Verdacht"}).status_code == 303
        assert "gesperrt" in clerk.get(page).text
        assert clerk.post(f"{page}/entsperren", data={"reason": "geklärt"}).status_code == 401
        case = f"/office/auffaelligkeiten/{uuid4()}"
        assert clerk.post(case, data={"state": "harmless", "note": "geklärt"}).status_code == 401
    session.rollback()
    assert session.get_one(Voucher, sale.voucher.voucher_id, populate_existing=True).state == "blocked"
