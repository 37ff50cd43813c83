"""A receipt says the same in every form, and no line of the printer's is longer than 80 columns."""

import html
import json
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask, render_template, render_template_string
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.database import session
from foundation.models import OutgoingMail
from foundation.security import decrypt, keyed_hash
from tests.builders.at_the_till import open_till, shop_and_vouchers, words
from vouchers.tills import receipts

LETTERS = st.characters(blacklist_categories=("C", "Z"), max_codepoint=0x2FFF)
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=30), min_size=1, max_size=8).map(" ".join)
CENTS = st.integers(min_value=0, max_value=10_000_000)
DAYS = st.dates().map(lambda day: day.isoformat())
LOT = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["paid", "bonus", "employer", "goodwill"]),
        "amount_cents": CENTS,
        "remaining_cents": CENTS,
        "valid_until": DAYS,
    }
)
RECEIPT = st.fixed_dictionaries(
    dict.fromkeys(("issuer", "programme", "shop", "street", "town", "till"), WORDS)
    | {"cashier": st.none() | WORDS, "receipt_no": st.none() | WORDS}
    | {"postcode": st.just("48653"), "voucher_last4": st.just("7QX2"), "void_code": st.just("A1B2C3")}
    | {"time": st.just(datetime(2026, 11, 23, 9, 15, 7, tzinfo=UTC).isoformat())}
)
ANSWER = st.fixed_dictionaries(
    {
        "redemption_id": st.builds(lambda: str(uuid4())),
        "amount_cents": CENTS,
        "remaining_cents": CENTS,
        "buckets": st.lists(LOT, max_size=6),
        "receipt": RECEIPT,
    }
)
PAPER = "{% from 'vouchers/till/parts/paper.html' import paper %}{{ paper(sheet) }}"
QUIET = settings(max_examples=60)


def bare(text: str) -> str:
    """Without any space: lines may fold anywhere."""
    return re.sub(r"\s+", "", text)


def agree(sheet: receipts.ReceiptSheet, answer: dict[str, Any]) -> None:
    text = receipts.as_text(sheet)
    page = render_template("vouchers/mail/receipt.html", sheet=sheet, language="de", absolute_url=lambda *_a, **_k: "")
    paper = render_template_string(PAPER, sheet=sheet)
    data = json.loads(json.dumps(receipts.as_json(sheet, answer)))
    assert max(map(len, text.splitlines())) <= 80
    assert [(fact["term"], fact["value"]) for fact in data["facts"]] == sheet.facts
    for said in (
        *sheet.shop,
        sheet.title,
        *sheet.marks,
        *sheet.notes,
        *(word for fact in sheet.facts for word in fact),
    ):
        assert bare(said) in bare(text)
        assert bare(said) in bare(html.unescape(page))
        assert bare(said) in bare(html.unescape(paper))


@QUIET
@given(answer=ANSWER, copy=st.booleans(), voided=st.booleans(), practice=st.booleans())
def test_every_form_of_a_receipt_carries_the_same_facts(
    context: Flask, answer: dict[str, Any], copy: bool, voided: bool, practice: bool
) -> None:
    with context.test_request_context():
        sheet = receipts.make_sheet(answer, hotline="02541 900 900", copy=copy, voided=voided, practice=practice)
        agree(sheet, answer)


@QUIET
@given(answer=ANSWER, back=CENTS, lapsed=CENTS, lots=st.lists(LOT, max_size=4))
def test_every_form_of_a_return_carries_the_same_facts(
    context: Flask, answer: dict[str, Any], back: int, lapsed: int, lots: list[dict[str, Any]]
) -> None:
    given_back = {
        "refund_id": str(uuid4()),
        "redemption_id": answer["redemption_id"],
        "amount_cents": back,
        "lapsed_cents": lapsed,
        "remaining_cents": 1,
        "buckets": lots,
        "time": datetime(2026, 11, 25, 9, 15, 7, tzinfo=UTC).isoformat(),
    }
    with context.test_request_context():
        agree(receipts.make_return_sheet(given_back, answer, hotline=""), answer)


def test_a_receipt_says_what_it_is_and_what_it_is_not(context: Flask) -> None:
    answer = {
        "redemption_id": "01a20735-1735-73f8-97cd-71ed2f4dcffd",
        "amount_cents": 37_50,
        "remaining_cents": 12_50,
        "buckets": [{"kind": "paid", "amount_cents": 37_50, "remaining_cents": 12_50, "valid_until": "2029-12-31"}],
        "receipt": {
            "issuer": "Münsterland e. V.",
            "programme": "Münsterland-Gutschein",
            "shop": "Bäckerei Sandkuhle",
            "street": "Markt 2",
            "postcode": "48653",
            "town": "Coesfeld",
            "till": "Theke",
            "cashier": "Anna",
            "time": "2026-11-23T09:15:07+00:00",
            "voucher_last4": "7QX2",
            "receipt_no": "4711",
            "void_code": "4DCFFD",
        },
    }
    with context.test_request_context(headers={"Accept-Language": "de"}):
        lines = receipts.format_receipt(answer, hotline="02541 900 900", copy=True).splitlines()
        original = receipts.format_receipt(answer, hotline="02541 900 900").splitlines()
    for line in ("KOPIE", "Bäckerei Sandkuhle", "Markt 2, 48653 Coesfeld"):
        assert line in lines
    told = [" ".join(line.split()) for line in lines]
    for line in (
        "Gutschein Münsterland-Gutschein …7QX2",
        "Herausgeber Münsterland e. V.",
        "Eingelöst 37,50 €",
        "Noch auf dem Gutschein 12,50 €",
        "davon bezahlt, gültig bis 31.12.2029 12,50 €",
        "Zeit 23.11.2026 10:15:07",
        "Kasse Theke / Anna",
        "Ihr Beleg 4711",
        "Stornocode 4DCFFD",
        "Fragen? 02541 900 900",
    ):
        assert line in told
    assert "kein Steuerbeleg" in " ".join(told)
    assert [line for line in lines if line != "KOPIE"] == original


def test_a_receipt_goes_by_mail_once_and_the_address_stays_nowhere(context: Flask, client: FlaskClient) -> None:
    place, (voucher,) = shop_and_vouchers(20_00)
    open_till(client, place.id)
    form = {"presented": voucher.token, "key": str(uuid4()), "amount": "12,50"}
    number = re.search(r"/kasse/beleg/([0-9a-f-]{36})", client.post("/kasse/einloesen", data=form).text)
    assert number
    page = client.post(f"/kasse/beleg/{number[1]}/mail", data={"email": "kein Mensch"}, follow_redirects=True)
    assert "prüfen Sie die E-Mail-Adresse" in words(page)
    address = f"{uuid4().hex}@example.org"
    client.post(f"/kasse/beleg/{number[1]}/mail", data={"email": address})
    written = session.query(OutgoingMail).filter_by(recipient_hash=keyed_hash("mail", address)).one()
    letter = message_from_bytes(decrypt(written.message or b""), policy=default)
    text = letter.get_body(("plain",))
    assert text is not None
    assert "Eingelöst" in text.get_content()
    assert "KOPIE" in text.get_content()
    assert voucher.token not in text.get_content()
    found = session.scalar(sa.text("SELECT count(*) FROM voucher_operation WHERE answer::text LIKE :a"), {"a": address})
    assert found == 0


def test_the_link_behind_the_qr_code_shows_the_receipt_and_nothing_else(
    context: Flask, app: Flask, client: FlaskClient
) -> None:
    place, (voucher,) = shop_and_vouchers(20_00)
    open_till(client, place.id)
    form = {"presented": voucher.token, "key": str(uuid4()), "amount": "12,50"}
    number = re.search(r"/kasse/beleg/([0-9a-f-]{36})", client.post("/kasse/einloesen", data=form).text)
    assert number
    page = client.get(f"/kasse/beleg/{number[1]}")
    link = re.search(r'href="http://localhost:8000(/beleg/[^"]+)"', page.text)
    assert link
    assert "<svg" in page.text
    customer = app.test_client()
    shown = customer.get(link[1])
    assert "Eingelöst 12,50 €" in words(shown)
    assert "noindex" in shown.text
    assert voucher.token not in shown.text
    assert "KOPIE" in customer.get(f"{link[1]}?form=text").text.splitlines()
    assert customer.get(link[1][:-2] + "xx").status_code == 404
    assert customer.get(f"/kasse/beleg/{number[1]}").location == "/kasse"
    client.post(f"/kasse/storno/{number[1]}", data={"key": str(uuid4()), "reason": "vertippt"})
    assert "STORNIERT" in words(customer.get(link[1]))
