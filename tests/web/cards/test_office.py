"""The issuer's office: batches with their one file, cards on their way, counters, lines, payments."""

import csv
import re
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask

from foundation.database import session
from people.models import Membership
from tests.builders import cards as build_cards
from tests.builders.form_fields import choose_taken
from tests.web.cards.conftest import Place, hidden
from vouchers.approvals.models import Proposal
from vouchers.cards.models import Counter, StockCard

NEW = {
    "name": "Touristinfo",
    "code": "",
    "operator": "Stadt Dülmen",
    "street": "Markt 1",
    "postcode": "48249",
    "ags": "05558016",
    "email": "info@example.org",
    "phone": "02594 1",
}


def test_the_file_for_the_print_shop_comes_once(place: Place) -> None:
    page = place.office.get("/office/karten")
    form = {"programme": str(place.scene.programme.id), "name": "Probe", "count": "12", "face": "25"}
    form["key"] = hidden(page, "key")
    answer = place.office.post("/office/karten/charge", data=form)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    rows = list(csv.reader(answer.text.splitlines(), delimiter=";"))
    assert len(rows) == 13
    again = place.office.post("/office/karten/charge", data=form)
    assert (again.status_code, "nirgends gespeichert" in again.text, rows[1][3] in again.text) == (409, True, False)
    shown = place.office.get("/office/karten").text
    assert (rows[1][0] in shown, rows[1][3] in shown, rows[1][4] in shown) == (True, False, False)


def test_mistakes_in_a_batch_are_explained(place: Place) -> None:
    before = session.scalar(sa.select(sa.func.count()).select_from(StockCard))
    right = {"programme": str(place.scene.programme.id), "name": "Probe", "count": "2", "face": "", "key": "k"}
    for change, status in (
        ({"count": "0"}, 422),
        ({"count": "5001"}, 422),
        ({"count": "9" * 40}, 422),
        ({"count": "zwei"}, 422),
        ({"face": "1000"}, 422),
        ({"face": "x"}, 422),
        ({"name": "n" * 61}, 422),
        ({"programme": "x"}, 422),
        ({"programme": str(uuid4())}, 404),
        ({"programme": str(build_cards.scene().programme.id)}, 404),
    ):
        answer = place.office.post("/office/karten/charge", data=right | change)
        assert answer.status_code == status, change
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(StockCard)) == before + 5  # the other issuer's


def test_cards_are_sent_lost_and_found(place: Place) -> None:
    card = place.scene.cards[0].number
    for kind, reason, word in (("lost", "verlegt", "verloren, gesperrt"), ("found", "Schublade", "wiedergefunden")):
        form = {"kind": kind, "first": card, "last": "", "reason": reason}
        assert place.office.post("/office/karten/weg", data=form).status_code == 303
        assert word in place.office.get("/office/karten").text
    sent = {"kind": "sent", "first": card, "last": card, "counter": str(place.scene.counter_id)}
    assert place.office.post("/office/karten/weg", data=sent).status_code == 303
    for wrong in (
        {"kind": "sent", "first": card, "counter": ""},
        {"kind": "made", "first": card},
        {"kind": "lost", "first": "x", "reason": "weil"},
        {"kind": "lost", "first": card},
    ):
        assert place.office.post("/office/karten/weg", data=wrong).status_code == 422, wrong
    foreign = build_cards.scene().cards[0].number
    answer = place.office.post("/office/karten/weg", data={"kind": "lost", "first": foreign, "reason": "weil"})
    assert answer.status_code == 409


def test_a_counter_is_opened_staffed_and_closed(app: Flask, place: Place) -> None:
    code = uuid4().hex[:6].upper()
    made = place.office.post("/office/verkaufsstellen", data=NEW | {"code": code.lower()})
    assert made.status_code == 303
    page = place.office.get(made.location)
    assert ("Touristinfo" in page.text, code in page.text, "Noch niemand." in page.text) == (True, True, True)
    place.office.post(f"{made.location}/personen", data={"email": "klara@example.org", "name": "Klara"})
    assert place.office.post(f"{made.location}/personen", data={"email": "x", "name": ""}).status_code == 422
    place.office.post(f"{made.location}/offen", data={"active": "0"})
    assert "Wieder öffnen" in place.office.get(made.location).text
    taken = place.office.post("/office/verkaufsstellen", data=NEW | {"code": code})
    assert (taken.status_code, "gibt es schon" in taken.text) == (422, True)
    assert place.office.post("/office/verkaufsstellen", data={}).status_code == 422


def test_who_typed_a_receipt_finds_no_button_to_settle_with_it(place: Place) -> None:
    build_cards.sell(place.scene, place.scene.cards[0], 80_00)
    issuer_id = place.scene.programme.issuer_id
    query = sa.select(Membership.person_id).where(Membership.organisation_id == issuer_id)
    clerks = query.where(Membership.role == "issuer_clerk").order_by(Membership.person_id)
    clerk = session.scalars(clerks).all()[-1]  # who signed in, made last
    session.commit()
    mine, other = (build_cards.receipt(place.scene, 50_00, typed_by=person) for person in (clerk, place.scene.clerk_id))
    url = f"/office/verkaufsstellen/{place.scene.counter_id}"
    page = place.office.get(url).text
    assert (f"zahlung/{mine}" in page, f"zahlung/{other}" in page) == (False, True)
    assert page.count("Verrechnen muss ihn eine andere Person") == 1
    assert page.count("Von Hand erfasst von") == 2
    refused = place.office.post(f"{url}/zahlung/{mine}")
    assert (refused.status_code, "Darüber entscheidet eine andere Person" in refused.text) == (409, True)
    assert place.scene.counter.open_cents == 80_00


def test_a_line_is_proposed_and_a_payment_is_booked(place: Place) -> None:
    build_cards.sell(place.scene, place.scene.cards[0], 80_00)
    session.commit()
    url = f"/office/verkaufsstellen/{place.scene.counter_id}"
    receipt_id = build_cards.receipt(place.scene, 50_00)
    stray = build_cards.receipt(place.scene, 7_00, "Spende")
    page = place.office.get(url)
    key = hidden(page, "key")
    assert ("nennt das Kürzel" in page.text, "Spende" in page.text) == (True, True)
    for _twice in range(2):
        assert place.office.post(f"{url}/zahlung/{receipt_id}", data={"key": key}).status_code == 303
    assert place.scene.counter.open_cents == 30_00
    assert place.office.post(f"{url}/zahlung/{receipt_id}").status_code == 409
    assert place.office.post(f"{url}/zahlung/{uuid4()}").status_code == 404
    assert place.office.post(f"{url}/zahlung/{stray}").status_code == 303
    assert place.scene.counter.open_cents == 23_00
    for _twice in range(2):
        line = {"line": "600", "line_reason": "Weihnachten", "key": key}
        assert place.office.post(f"{url}/rahmen", data=line).status_code == 303
    proposals = (
        session.scalars(sa.select(Proposal).where(Proposal.issuer_id == place.scene.programme.issuer_id)).unique().all()
    )
    assert [(p.kind, p.cents, p.state) for p in proposals] == [("counter.credit_line", 600_00, "proposed")]
    assert place.scene.counter.credit_line_cents == build_cards.LINE
    assert place.office.post(f"{url}/rahmen", data={"line": "-1", "line_reason": "weil"}).status_code == 422
    assert "23,00" in place.office.get(url).text
    assert place.office.get(f"{url}/liste.csv").mimetype == "text/csv"


def test_somebody_who_left_sells_no_more(place: Place) -> None:
    organisation = session.get_one(Counter, place.scene.counter_id).organisation_id
    clerks = list(session.scalars(sa.select(Membership.person_id).where(Membership.organisation_id == organisation)))
    assert place.seller.get("/schalter").status_code == 200
    for person_id in clerks:
        place.office.post(f"/office/verkaufsstellen/{place.scene.counter_id}/personen/{person_id}/entfernen")
    assert place.seller.get("/schalter").status_code == 403


def test_other_issuers_counters_are_closed(place: Place) -> None:
    other = build_cards.scene()
    url = f"/office/verkaufsstellen/{other.counter_id}"
    assert place.office.get(url).status_code == 404
    for path in (f"zahlung/{uuid4()}", "rahmen", "personen", "offen"):
        form = choose_taken(place.office, f"{url}/{path}", {"active": "0"})
        assert place.office.post(f"{url}/{path}", data=form).status_code == 404
    assert other.counter.active
    assert not re.search(other.counter.name, place.office.get("/office/verkaufsstellen").text)
