"""The day's closing of a till, which agrees with the ledger to the cent."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation import clock
from foundation.clock import today
from foundation.database import session
from tests.builders import vouchers as build
from tests.builders.at_the_till import open_till, shop_and_vouchers, unlock, words
from tests.web.vouchers.test_till import owner
from vouchers.network import programmes
from vouchers.tills import redeeming, redemption_log
from vouchers.tills.redeeming import RedemptionOrder
from vouchers.web import closing


def owed(outlet_id: object, day: object) -> int:
    """What the ledger says that vouchers brought the shop on a business day."""
    found = session.scalar(
        sa.text(
            "SELECT coalesce(sum(CASE WHEN credit_account = 'KR' AND credit_party = :o THEN cents ELSE 0 END"
            " - CASE WHEN debit_account = 'KR' AND debit_party = :o THEN cents ELSE 0 END), 0) FROM entry"
            " WHERE kind LIKE 'voucher.%' AND booked_on = :d"
        ),
        {"o": outlet_id, "d": day},
    )
    return int(found or 0)


def test_the_closing_of_every_day_is_what_the_ledger_owes_the_shop(context: Flask, client: FlaskClient) -> None:
    place, (voucher, other) = shop_and_vouchers(100_00, 50_00)
    second = build.till(place.id, "Kasse hinten")
    session.commit()
    staff = open_till(client, place.id, "lead")

    def take(token: str, amount: str) -> None:
        form = {"presented": token, "key": str(uuid4()), "amount": amount, "receipt_no": amount}
        assert client.post("/kasse/einloesen", data=form).status_code == 200

    take(voucher.token, "30")
    take(voucher.token, "12,34")
    line = redemption_log.LIVE_LOG.under(place.id, "12,34")[0]
    client.post(f"/kasse/storno/{line.id}", data={"key": str(uuid4()), "reason": "vertippt"})
    redeeming.redeem(second.token, RedemptionOrder(other.token, 7_77, str(uuid4())))
    first_day = today()
    session.rollback()
    lines = redemption_log.LIVE_LOG.sums(place.id, first_day)
    assert [(s.till, s.count, s.taken, s.voided, s.refunded, s.net) for s in lines] == [
        ("Kasse hinten", 1, 7_77, 0, 0, 7_77),
        ("Kasse vorn", 2, 42_34, 12_34, 0, 30_00),
    ]
    with clock.at(clock.now() + timedelta(days=2)):
        unlock(client, staff)
        back = redemption_log.LIVE_LOG.under(place.id, "30")[0]
        form = {"key": str(uuid4()), "amount": "4,50", "reason": "zurück"}
        assert client.post(f"/kasse/rueckgabe/{back.id}", data=form).status_code == 200
        later = redemption_log.LIVE_LOG.sums(place.id, today())
        assert [(s.count, s.taken, s.refunded, s.net) for s in later] == [(0, 0, 4_50, -4_50)]
        assert closing.sum_lines(later).net == owed(place.id, today())
    assert (
        closing.sum_lines(redemption_log.LIVE_LOG.sums(place.id, first_day)).net == owed(place.id, first_day) == 37_77
    )


def test_the_till_shows_its_closing_prints_it_and_gives_it_as_a_file(context: Flask, client: FlaskClient) -> None:
    place, (voucher,) = shop_and_vouchers(100_00)
    second = build.till(place.id, "=Kasse")
    session.commit()
    open_till(client, place.id)
    form = {"presented": voucher.token, "key": str(uuid4()), "amount": "30"}
    client.post("/kasse/einloesen", data=form)
    redeeming.redeem(second.token, RedemptionOrder(voucher.token, 1_00, str(uuid4())))
    mine, whole = words(client.get("/kasse/abschluss")), words(client.get("/kasse/abschluss?alle=1"))
    assert "Netto 30,00 €" in mine
    assert "Netto 31,00 €" in whole
    text = client.get("/kasse/abschluss?alle=1&form=text").text
    assert max(map(len, text.splitlines())) <= 80
    assert "31,00" in text
    rows = list(csv.reader(io.StringIO(client.get("/kasse/abschluss?alle=1&form=csv").text), delimiter=";"))
    assert [row[1] for row in rows[1:]] == ["'=Kasse", "Kasse vorn"]
    assert [row[7] for row in rows[1:]] == ["1,00", "30,00"]
    assert "An diesem Tag nichts" in words(client.get("/kasse/abschluss?tag=2020-01-01"))


def test_the_desk_shows_the_closing_of_its_shops_only(context: Flask, app: Flask, client: FlaskClient) -> None:
    place = owner(client, "retailer_clerk")
    programme = build.programme()
    programmes.accept(programme.id, place.id)
    shop = build.till(place.id, "Theke")
    voucher = build.voucher(programme.id)
    foreign = build.outlet()
    session.commit()
    redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 12_50, str(uuid4())))
    page = client.get("/desk/einloesungen/abschluss")
    assert "Theke" in page.text
    assert "12,50 €" in words(page)
    assert "12,50" in client.get(f"/desk/einloesungen/abschluss/{place.id}.csv").text
    assert "Gutscheine am" in client.get(f"/desk/einloesungen/abschluss/{place.id}.txt").text
    assert client.get(f"/desk/einloesungen/abschluss/{foreign.id}.csv").status_code == 403
    assert client.get("/desk/einloesungen/abschluss?tag=x").status_code == 422
    assert app.test_client().get("/desk/einloesungen/abschluss").status_code == 302
