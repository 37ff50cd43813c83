"""Several vouchers for one receipt: the sum is typed once, each voucher takes only what is missing."""

import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from foundation.database import session
from tests.builders.at_the_till import hidden, open_till, shop_and_vouchers, words
from tests.builders.booking import balance, findings
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import VoucherOperation
from vouchers.tills import redemption_log


def begin(client: FlaskClient, amount: str, receipt_no: str) -> dict[str, str]:
    page = client.post("/kasse/bon", data={"amount": amount, "receipt_no": receipt_no})
    assert page.status_code == 302
    scan = client.get(page.location)
    return {"receipt_no": hidden(scan, "receipt_no"), "total": hidden(scan, "total")}


def present(client: FlaskClient, bill: dict[str, str], voucher: Issued) -> TestResponse:
    page = client.post("/kasse/gutschein", data=bill | {"presented": voucher.token})
    amount = re.search(r'name="amount"[^>]* value="([^"]*)"', page.text)
    assert amount
    form = bill | {"presented": voucher.token, "key": hidden(page, "key"), "amount": amount.group(1)}
    return client.post("/kasse/einloesen", data=form)


def test_the_second_voucher_takes_only_what_is_missing(context: Flask, client: FlaskClient) -> None:
    place, (first, second) = shop_and_vouchers(20_00, 50_00)
    open_till(client, place.id)
    bill = begin(client, "47,90", "K 4711")
    assert bill == {"receipt_no": "K 4711", "total": "4790"}
    green = present(client, bill, first)
    assert "Es fehlen noch 27,90 €" in words(green)
    assert "Rest bar, mit Karte oder mit einem weiteren Gutschein." in words(green)
    paid = present(client, bill, second)
    assert "Der Bon ist ganz bezahlt." in words(paid)
    assert "27,90 €" in words(paid)
    assert balance("KR", place.id) == 47_90
    assert balance("VL", second.voucher_id) == 22_10
    rows = session.query(VoucherOperation).filter_by(outlet_id=place.id, kind="redeem").all()
    assert {(row.receipt_no, row.basket_cents) for row in rows} == {("K 4711", 47_90)}
    assert len({row.key for row in rows}) == 2
    assert findings() == []


def test_a_paid_receipt_takes_no_more_and_a_typed_excess_is_refused(context: Flask, client: FlaskClient) -> None:
    place, (first, second) = shop_and_vouchers(20_00, 50_00)
    open_till(client, place.id)
    bill = begin(client, "30", "17")
    present(client, bill, first)
    page = client.post("/kasse/gutschein", data=bill | {"presented": second.token})
    form = bill | {"presented": second.token, "key": hidden(page, "key"), "amount": "10,01"}
    refused = client.post("/kasse/einloesen", data=form)
    assert (refused.status_code, "fehlen nur noch 10,00" in words(refused)) == (422, True)
    green = client.post("/kasse/einloesen", data=form | {"amount": "10"})
    again = client.post("/kasse/einloesen", data=form | {"amount": "10"})
    assert green.status_code == again.status_code == 200
    assert "ganz bezahlt" in words(again)
    done = client.post("/kasse/gutschein", data=bill | {"presented": second.token})
    assert "/kasse/bon/stand" in done.location
    assert balance("KR", place.id) == 30_00


def test_the_whole_receipt_is_voided_once_and_completely(context: Flask, client: FlaskClient) -> None:
    place, (first, second) = shop_and_vouchers(20_00, 50_00)
    open_till(client, place.id)
    bill = begin(client, "47,90", "K 1")
    present(client, bill, first)
    present(client, bill, second)
    state = client.get("/kasse/bon/stand", query_string=bill)
    assert "Fehlt noch 0,00 €" in words(state)
    form = bill | {"key": hidden(state, "key")}
    assert client.post("/kasse/bon/storno", data=form).status_code == 302
    assert balance("KR", place.id) == 47_90  # no reason, no void
    for _again in range(2):
        assert client.post("/kasse/bon/storno", data=form | {"reason": "Kundin geht"}).status_code == 302
    assert "47,90 € sind zurück" in words(client.get("/kasse/bon/stand", query_string=bill))
    assert (balance("KR", place.id), balance("VL", first.voucher_id), balance("VL", second.voucher_id)) == (
        0,
        2000,
        5000,
    )
    assert all(line.voided for line in redemption_log.LIVE_LOG.under(place.id, "K 1"))
    assert findings() == []


def test_too_short_a_voucher_becomes_a_receipt_with_a_rest_to_pay(context: Flask, client: FlaskClient) -> None:
    place, (voucher, more) = shop_and_vouchers(20_00, 10_00)
    open_till(client, place.id)
    page = client.post("/kasse/gutschein", data={"presented": voucher.token})
    form = {"presented": voucher.token, "key": hidden(page, "key"), "amount": "25"}
    red = client.post("/kasse/einloesen", data=form)
    assert (red.status_code, "Es fehlen: 5,00 €" in words(red)) == (402, True)
    fields = {name: hidden(red, name) for name in ("presented", "key", "amount", "receipt_no", "total")}
    green = client.post("/kasse/einloesen", data=fields)
    assert "Es fehlen noch 5,00 €" in words(green)
    bill = {name: fields[name] for name in ("receipt_no", "total")}
    assert "Der Bon ist ganz bezahlt." in words(present(client, bill, more))
    assert balance("KR", place.id) == 25_00


def test_a_sum_needs_to_be_one_and_an_unknown_receipt_is_no_page(context: Flask, client: FlaskClient) -> None:
    place, _vouchers = shop_and_vouchers()
    open_till(client, place.id)
    for amount in ("", "0", "abc", "99999999"):
        assert client.post("/kasse/bon", data={"amount": amount}).status_code == 422
    assert client.post("/kasse/bon", data={"amount": "5", "receipt_no": "x" * 61}).status_code == 422
    for query in ("", "?total=5", "?total=-5&receipt_no=1", "?total=5x&receipt_no=1"):
        assert client.get(f"/kasse/bon/stand{query}").status_code == 404
    generated = begin(client, "12,50", "")
    assert len(generated["receipt_no"]) == 9
