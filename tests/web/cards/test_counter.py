"""The counter's pages as a clerk uses them, through forms alone."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import session
from tests.builders import cards as build_cards
from tests.web.cards.conftest import Place, hidden, signed_in
from vouchers.cards import movements
from vouchers.cards.models import Counter
from vouchers.cards.movements import CardMove
from vouchers.cards.states import CardMovementKind
from vouchers.stored_value import holder_view


def sold(place: Place, number: int = 0, amount: str = "50", **values: str) -> str:
    """Sell one card through the pages; where it leads."""
    page = place.seller.post("/schalter/karte", data={"card": place.scene.cards[number].barcode})
    assert page.status_code == 200, page.text
    form = {name: hidden(page, name) for name in ("key", "card", "stelle")}
    answer = place.seller.post("/schalter/verkauf", data=form | {"amount": amount, "paid_by": "cash"} | values)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_scan_amount_money_receipt(place: Place) -> None:
    start = place.seller.get("/schalter")
    assert (start.status_code, "Kartennummer" in start.text, "Heute noch nichts verkauft" in start.text) == (
        200,
        True,
        True,
    )
    assert "camera=(self)" in start.headers["Permissions-Policy"]
    receipt = place.seller.get(sold(place, amount="37,50"))
    for text in ("37,50", "Mehrzweck-Gutschein, nicht steuerbar.", place.scene.cards[0].number, "-00001", "bar"):
        assert text in receipt.text
    for secret in (place.scene.cards[0].code, place.scene.cards[0].pin):
        assert secret not in receipt.text
    assert "37,50" in place.seller.get("/schalter").text
    assert holder_view.view_by_code_and_pin(place.scene.cards[0].code, place.scene.cards[0].pin).balance_cents == 37_50


def test_a_double_click_sells_once(place: Place) -> None:
    page = place.seller.post("/schalter/karte", data={"card": place.scene.cards[0].number})
    form = {name: hidden(page, name) for name in ("key", "card", "stelle")} | {"amount": "20", "paid_by": "card"}
    first = place.seller.post("/schalter/verkauf", data=form)
    second = place.seller.post("/schalter/verkauf", data=form)
    assert first.location == second.location
    assert place.scene.counter.open_cents == 20_00


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"amount": ""}, "Bitte geben Sie einen Betrag ein."),
        ({"amount": "abc"}, "ist kein Betrag"),
        ({"amount": "250,01"}, "bis 250,00"),
        ({"paid_by": ""}, "wie bezahlt wurde"),
        ({"paid_by": "voucher"}, "wie bezahlt wurde"),
        ({"key": ""}, "unvollständig"),
    ],
)
def test_mistakes_are_explained_and_sell_nothing(place: Place, change: dict[str, str], sentence: str) -> None:
    page = place.seller.post("/schalter/karte", data={"card": place.scene.cards[0].number})
    form = {name: hidden(page, name) for name in ("key", "card", "stelle")} | {"amount": "20", "paid_by": "card"}
    answer = place.seller.post("/schalter/verkauf", data=form | change)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert place.scene.counter.open_cents == 0


def test_a_strange_card_and_a_sold_one_are_refused_in_words(place: Place) -> None:
    for given in ("", "123", "<script>alert(1)</script>", "9" * 400):
        page = place.seller.post("/schalter/karte", data={"card": given})
        assert (page.status_code, "liegt nicht im Bestand" in page.text, "<script>alert" in page.text) == (
            404,
            True,
            False,
        )
    sold(place)
    page = place.seller.post("/schalter/karte", data={"card": place.scene.cards[0].number})
    assert (page.status_code, "schon verkauft" in page.text) == (409, True)


def test_a_sale_is_taken_back_with_a_reason(place: Place) -> None:
    url = sold(place)
    assert "Verkauf zurücknehmen" in place.seller.get(url).text
    place.seller.post(f"{url}/zuruecknehmen", data={"reason": ""})
    assert place.scene.counter.open_cents == 50_00
    place.seller.post(f"{url}/zuruecknehmen", data={"reason": "falscher Betrag"})
    page = place.seller.get(url)
    assert ("falscher Betrag" in page.text, "Verkauf zurücknehmen" in page.text) == (True, False)
    assert place.scene.counter.open_cents == 0


def test_cards_on_the_way_are_received(place: Place) -> None:
    cards = build_cards.batch(place.scene.programme.id, 3)
    first, last = cards[0].number, cards[-1].number
    issuer = place.scene.programme.issuer_id
    movements.move_cards(
        CardMove(CardMovementKind.SENT, first, last, place.scene.counter_id), issuer_id=issuer, by="test"
    )
    session.commit()
    page = place.seller.get("/schalter/bestand")
    assert (first in page.text, last in page.text) == (True, True)
    place.seller.post("/schalter/bestand/angekommen", data={"first": first, "last": last})
    assert "Gerade sind keine Karten unterwegs." in place.seller.get("/schalter/bestand").text
    assert place.seller.post("/schalter/bestand/angekommen", data={"first": "x", "last": ""}).status_code == 303


def test_the_account_shows_every_sale_and_gives_a_file(place: Place) -> None:
    sold(place, 0, "50")
    sold(place, 1, "25")
    page = place.seller.get("/schalter/abrechnung")
    assert "75,00" in page.text
    sheet = place.seller.get("/schalter/abrechnung/liste.csv")
    assert (sheet.mimetype, sheet.text.count("verkauft")) == ("text/csv", 2)
    for query in ("?von=x&bis=y", "?von=9999-99-99", "?stelle=x"):
        assert place.seller.get(f"/schalter/abrechnung{query}").status_code in {200, 404}


def test_foreign_counters_sales_and_files_are_closed(app: Flask, place: Place) -> None:
    url = sold(place)
    other = build_cards.scene()
    stranger = signed_in(app, "counter_clerk", session.get_one(Counter, other.counter_id).organisation_id)
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"{url}/zuruecknehmen", data={"reason": "weil"}).status_code == 404
    for path in ("/schalter", "/schalter/bestand", "/schalter/abrechnung", "/schalter/abrechnung/liste.csv"):
        assert stranger.get(f"{path}?stelle={place.scene.counter_id}").status_code == 404
    card = {"card": place.scene.cards[1].number, "stelle": str(place.scene.counter_id)}
    assert stranger.post("/schalter/karte", data=card).status_code == 404
    assert place.scene.counter.open_cents == 50_00


def test_a_clerk_without_counter_is_told_so_and_others_stay_out(app: Flask, place: Place, client: FlaskClient) -> None:
    lonely = signed_in(app, "counter_clerk", place.scene.programme.issuer_id)
    assert "Noch keine Verkaufsstelle" in lonely.get("/schalter").text
    assert place.office.get("/schalter").status_code == 403
    assert client.get("/schalter").status_code in {302, 401}
    assert place.seller.get("/office/karten").status_code == 403


def test_with_two_counters_the_clerk_chooses(app: Flask, place: Place) -> None:
    other = session.get_one(Counter, build_cards.counter(place.scene.programme.issuer_id))
    other.organisation_id = place.scene.counter.organisation_id
    session.commit()
    page = place.seller.get(f"/schalter?stelle={other.id}")
    assert ("Wechseln" in page.text, other.name in page.text) == (True, True)
    page = place.seller.post(
        f"/schalter/karte?stelle={place.scene.counter_id}", data={"card": place.scene.cards[0].number}
    )
    assert hidden(page, "stelle") == str(place.scene.counter_id)
