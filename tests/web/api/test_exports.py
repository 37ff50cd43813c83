"""Day report and DSFinV-K: both mappings say the same amounts, their sums are those of the report and of the books."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import now, today
from foundation.database import call, session, uuid7
from money.ledger.models import Entry
from tests.builders import vouchers as build
from tests.web.api.calls import get, post, refused
from vouchers.stored_value.payment_method import CAPTURE, HOLD
from vouchers.tills import redemption_log


def busy_day(client: FlaskClient) -> tuple[build.Shop, build.Shop]:
    """Two tills of a shop: taken 10 + 20 + 5.55 (held before), voided 10, given back 7.01; one refused; one order."""
    _programme, first, voucher = build.scene(100_00)
    second = build.till(first.outlet_id, "Kasse 2")
    session.commit()

    def take(shop: build.Shop, cents: int, number: str) -> str:
        body = {"token": voucher.token, "amount_cents": cents, "receipt_no": number}
        return str(post(client, shop.token, "/redemptions", body).get_json()["redemption_id"])

    gone, kept = take(first, 10_00, "A-1"), take(second, 20_00, "=2+3")
    post(client, first.token, f"/redemptions/{gone}/void", {"reason": "Vertippt"})
    post(client, first.token, f"/redemptions/{kept}/refunds", {"amount_cents": 7_01})
    hold = post(client, first.token, "/holds", {"token": voucher.token, "amount_cents": 5_55}).get_json()["hold_id"]
    post(client, first.token, f"/holds/{hold}/capture")
    refused(
        post(client, first.token, "/redemptions", {"token": voucher.token, "amount_cents": 99_00}), 402, "insufficient"
    )
    return first, second


def euros(text: str) -> int:
    """Cents of an amount as the export writes it."""
    assert text.count(",") == 1
    assert len(text.split(",")[1]) == 2
    return int(text.replace(",", ""))


def test_the_day_report_has_each_till_and_agrees_with_the_books(context: Flask, client: FlaskClient) -> None:
    first, second = busy_day(client)
    report = get(client, first.token, f"/reports/{today()}").get_json()
    one, two = report["tills"]
    assert (one["till"], one["till_id"]) == ("Kasse 1", str(first.till_id))
    assert one["redemptions"] == {"count": 1, "cents": 10_00}
    assert one["captures"] == {"count": 1, "cents": 5_55}
    assert one["voids"] == {"count": 1, "cents": 10_00}
    assert one["refunds"] == {"count": 1, "cents": 7_01}
    assert (one["net_cents"], two["net_cents"], report["total_cents"]) == (-1_46, 20_00, 18_54)
    assert two["till_id"] == str(second.till_id)
    assert report["without_till"] is None
    session.rollback()
    sides = [
        session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(Entry.cents), 0)).where(account == "KR", party == first.outlet_id)
        )
        for account, party in (
            (Entry.credit_account, Entry.credit_party),
            (Entry.debit_account, Entry.debit_party),
        )
    ]
    assert sides[0] - sides[1] == report["total_cents"]
    closing = redemption_log.LIVE_LOG.sums(first.outlet_id, today())
    assert sum(line.net for line in closing) == report["total_cents"], "what the desk shows is the same"
    empty = get(client, first.token, f"/reports/{today() - timedelta(days=1)}").get_json()
    assert (empty["tills"], empty["total_cents"]) == ([], 0)


def test_both_mappings_say_the_same_with_opposite_signs_and_sum_to_the_report(
    context: Flask, client: FlaskClient
) -> None:
    first, _second = busy_day(client)
    total = get(client, first.token, f"/reports/{today()}").get_json()["total_cents"]
    url = f"/exports/dsfinvk?from={today()}&until={today()}&mapping="
    lines = get(client, first.token, url + "business_case").get_json()["rows"]
    payments = get(client, first.token, url + "payment").get_json()["rows"]
    assert [row["VORGANG_ID"] for row in lines] == [row["VORGANG_ID"] for row in payments]
    assert [row["VORGANG"] for row in lines] == ["Einloesung", "Einloesung", "Storno", "Erstattung", "Einloesung"]
    assert [row["POS_BRUTTO"] for row in lines] == ["-10,00", "-20,00", "10,00", "7,01", "-5,55"]
    assert [row["BASISWAEH_BETRAG"] for row in payments] == ["10,00", "20,00", "-10,00", "-7,01", "5,55"]
    assert sum(euros(row["BASISWAEH_BETRAG"]) for row in payments) == total
    assert sum(euros(row["POS_BRUTTO"]) for row in lines) == -total
    for row in lines:
        assert (row["GV_TYP"], row["UST_SCHLUESSEL"], row["POS_UST"]) == ("MehrzweckgutscheinEinloesung", "5", "0,00")
        assert row["POS_NETTO"] == row["POS_BRUTTO"]
    assert {row["ZAHLART_TYP"] for row in payments} == {"Unbar"}
    assert [row["P_STORNO"] for row in lines] == ["0", "0", "1", "0", "0"]
    assert (lines[2]["BEZUG_ID"], lines[2]["BON_NR"]) == (lines[0]["VORGANG_ID"], "A-1")
    assert lines[3]["BEZUG_ID"] == lines[1]["VORGANG_ID"]
    assert lines[0]["Z_KASSE_ID"] == "Kasse 1"


def test_the_csv_is_the_same_and_carries_no_formula(context: Flask, client: FlaskClient) -> None:
    first, _second = busy_day(client)
    url = f"/exports/dsfinvk?from={today()}&mapping=payment"
    rows = get(client, first.token, url).get_json()["rows"]
    answer = get(client, first.token, url + "&format=csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.text.count("\r\n") == len(rows) + 1
    read = list(csv.DictReader(io.StringIO(answer.text, newline=""), delimiter=";"))
    assert [row["BASISWAEH_BETRAG"] for row in read] == [row["BASISWAEH_BETRAG"] for row in rows]
    assert [row["BON_NR"] for row in read] == ["A-1", "'=2+3", "A-1", "'=2+3", ""]


def test_what_the_marketplace_took_stands_apart(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    given = {"voucher": voucher.voucher_id, "actor": uuid7(), "at": now()}
    wanted = {"outlet": shop.outlet_id, "cents": 30_00, "expires": now() + timedelta(minutes=5)}
    held = call(HOLD, **given, **wanted, operation=uuid7(), key=str(uuid4()))[0].operation_id
    assert call(CAPTURE, **given, hold=held, operation=uuid7(), key=str(uuid4()))[0].outcome == "done"
    report = get(client, shop.token, f"/reports/{today()}").get_json()
    assert (report["tills"], report["total_cents"]) == ([], 0)
    assert report["without_till"]["net_cents"] == 30_00
    assert get(client, shop.token, f"/exports/dsfinvk?from={today()}").get_json()["rows"] == []


def test_days_and_words_that_make_no_sense_are_refused(context: Flask, client: FlaskClient) -> None:
    _programme, shop, _voucher = build.scene(100_00)
    for wrong in ("gestern", "2026-13-01", "20261123", "0001-01-01", "9999-12-31", "2026-W48-1", "%00", "٢٠٢٦-١١-٢٣"):
        refused(get(client, shop.token, f"/reports/{wrong}"), 422, "day_not_valid")
    for wrong, code in (
        ("", "day_not_valid"),
        ("?from=2026-11-23&until=2026-11-22", "period_not_valid"),
        ("?from=2024-11-23&until=2026-11-22", "period_too_long"),
        ("?from=2026-11-23&mapping=x", "invalid"),
        ("?from=2026-11-23&format=xml", "invalid"),
    ):
        refused(get(client, shop.token, f"/exports/dsfinvk{wrong}"), 422, code)
