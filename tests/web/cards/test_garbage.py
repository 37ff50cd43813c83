"""Whatever comes in, the pages of cards and counters answer in words and never break."""

from uuid import uuid4

import pytest

from tests.web.cards.conftest import Place

GARBAGE = ("", "\x00", "\ud7ff\u202e", "9" * 5000, "-1", "1e999", "[]", "'; DROP TABLE counter; --", "٣٤٥")


@pytest.mark.parametrize("junk", GARBAGE)
def test_garbage_never_breaks_a_page(place: Place, junk: str) -> None:
    scene = place.scene
    office = f"/office/verkaufsstellen/{scene.counter_id}"
    named = (
        "card",
        "amount",
        "paid_by",
        "key",
        "reason",
        "first",
        "last",
        "kind",
        "counter",
        "programme",
        "name",
        "face",
    )
    named += (
        "count",
        "code",
        "operator",
        "street",
        "postcode",
        "ags",
        "email",
        "phone",
        "line",
        "line_reason",
        "token",
    )
    form = dict.fromkeys(named, junk)
    right = {"programme": str(scene.programme.id), "kind": "lost", "first": scene.cards[0].number, "count": "1"}
    for client, path in (
        (place.seller, "/schalter/karte"),
        (place.seller, "/schalter/verkauf"),
        (place.seller, f"/schalter/verkauf/{uuid4()}/zuruecknehmen"),
        (place.seller, "/schalter/bestand/angekommen"),
        (place.office, "/office/karten/charge"),
        (place.office, "/office/karten/weg"),
        (place.office, "/office/verkaufsstellen"),
        (place.office, f"{office}/zahlung/{uuid4()}"),
        (place.office, f"{office}/rahmen"),
        (place.office, f"{office}/personen"),
        (place.office, "/g/karte/apple"),
        (place.office, "/g/karte/google"),
    ):
        for data in (form, form | right, form | {"card": scene.cards[0].number}):
            assert client.post(path, data=data).status_code < 500, (path, data)
    for client, path in ((place.seller, "/schalter/abrechnung"), (place.office, office)):
        assert client.get(path, query_string={"von": junk, "bis": junk, "stelle": ""}).status_code < 500
    assert place.seller.get("/schalter", query_string={"stelle": junk or "x"}).status_code == 404
