"""Selling a voucher: the wish, the order, the money, the delivery."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock, mail
from foundation.config import settings
from foundation.database import session, transact
from foundation.errors import Invalid, NotFound, Refused
from foundation.models import OutgoingMail
from foundation.security import keyed_hash
from money.payments.models import Payment
from tests.builders import vouchers as build
from tests.builders.sales import last_mail, line_after, papers_of, pay, sale, text_of, wanted
from vouchers.purchases import papers, queries
from vouchers.purchases.models import VoucherSale
from vouchers.sales import delivery, drafts, ordering
from vouchers.sales.payable import VoucherOrderPayable
from vouchers.stored_value import holder_view
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Lot, Programme, Voucher


@pytest.fixture
def programme(context: Flask) -> Programme:
    made: Programme = transact(build.programme)
    return made


@pytest.mark.parametrize("cents", [0, -1, 999, 25001])
def test_amounts_outside_the_charter_are_refused_and_nothing_is_noted(programme: Programme, cents: int) -> None:
    before = session.scalar(sa.select(sa.func.count()).select_from(VoucherSale))
    with pytest.raises(Invalid):
        transact(drafts.draft_sale, wanted(programme, cents=cents))
    assert session.scalar(sa.select(sa.func.count()).select_from(VoucherSale)) == before


def test_no_charter_reaches_beyond_the_limits_of_law(programme: Programme) -> None:
    programme.min_cents = 100
    session.commit()
    for cents in (999, 25001):
        with pytest.raises(Invalid):
            transact(drafts.draft_sale, wanted(programme, cents=cents))


def test_odd_cents_are_sold(programme: Programme) -> None:
    assert sale(transact(drafts.draft_sale, wanted(programme, cents=1001))).cents == 1001


@pytest.mark.parametrize(
    "changes",
    [
        {"gift": True},
        {"message": "x" * 401, "gift": True, "recipient_email": "a@example.org"},
        {"design": "nackt"},
        {"gift": True, "recipient_email": "a@example.org", "deliver_at": clock.now() + timedelta(days=400)},
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(programme: Programme, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        transact(drafts.draft_sale, wanted(programme, **changes))


def test_what_is_not_on_sale_cannot_be_bought(programme: Programme) -> None:
    programme.on_sale = False
    session.commit()
    with pytest.raises(NotFound):
        transact(drafts.draft_sale, wanted(programme))


def test_the_voucher_exists_when_the_money_is_certain_and_only_once(programme: Programme) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme))
    payment_id = pay(sale_id)
    transact(VoucherOrderPayable().on_secured, sale_id, payment_id)
    found = sale(sale_id)
    lots = session.scalars(sa.select(Lot).where(Lot.voucher_id == found.voucher_id)).all()
    assert found.state == "paid"
    assert [(lot.kind, lot.balance) for lot in lots] == [("paid", 4250)]
    assert lots[0].legal_end.month == 12
    assert lots[0].legal_end.year == clock.today().year + 3


def test_the_mail_holds_the_only_copy_of_the_secrets(programme: Programme) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme))
    pay(sale_id)
    transact(delivery.deliver_sale, str(sale_id))
    letter = text_of(last_mail("vouchers/voucher"))
    link = next(word for word in letter.split() if "/g#" in word)
    held = holder_view.view_by_code_and_pin(link, "")
    assert held.balance_cents == 4250
    assert held.voucher_id == sale(sale_id).voucher_id
    stored = session.execute(
        sa.text("SELECT v::text FROM voucher v WHERE id = :i"), {"i": held.voucher_id}
    ).scalar_one()
    assert held.token
    assert held.token not in stored
    assert (
        holder_view.find_by_code_and_pin(line_after(letter, "Code: "), line_after(letter, "PIN für das Netz: "))
        == held.voucher_id
    )


def test_delivering_twice_sends_one_mail_and_keeps_the_code(programme: Programme) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme))
    pay(sale_id)
    transact(delivery.deliver_sale, str(sale_id))
    first = session.get_one(Voucher, sale(sale_id).voucher_id).token_hash
    transact(delivery.deliver_sale, str(sale_id))
    assert session.get_one(Voucher, sale(sale_id).voucher_id).token_hash == first


def test_nothing_is_delivered_before_the_money_is_certain(programme: Programme) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme))
    before = session.scalar(sa.select(sa.func.count()).select_from(OutgoingMail))
    transact(delivery.deliver_sale, str(sale_id))
    assert sale(sale_id).state == "draft"
    assert session.scalar(sa.select(sa.func.count()).select_from(OutgoingMail)) == before


def test_a_gift_goes_to_the_recipient_in_their_language(programme: Programme) -> None:
    wish = wanted(
        programme,
        gift=True,
        recipient_email="oma@example.org",
        recipient_name="Oma",
        recipient_language="en",
        buyer_name="Anna",
        message="<b>Alles Gute</b>",
    )
    sale_id = transact(drafts.draft_sale, wish)
    pay(sale_id)
    transact(delivery.deliver_sale, str(sale_id))
    letter = last_mail("vouchers/voucher")
    assert letter["To"] == "oma@example.org"
    html = letter.get_body(("html",))
    assert html
    assert "&lt;b&gt;Alles Gute&lt;/b&gt;" in html.get_content()
    [sheet] = letter.iter_attachments()
    assert (sheet.get_content_type(), sheet.get_filename()) == ("application/pdf", "Voucher.pdf")
    assert b"/Lang (en)" in sheet.get_content() or b"/Lang(en)" in sheet.get_content()
    assert "has given you a voucher" in html.get_content()


def test_the_paper_about_the_sale_names_no_vat_but_why(programme: Programme) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme))
    pay(sale_id)
    letter = text_of(last_mail("vouchers/confirmation"))
    assert "Mehrzweck-Gutschein, nicht steuerbar" in letter
    for word in ("19 %", "7 %", "MwSt", "USt.", "inkl."):
        assert word not in letter
    papers = dict(papers_of(last_mail("vouchers/confirmation")))
    receipt = papers[f"Beleg-{sale(sale_id).number}.pdf"]
    assert "Mehrzweck-Gutschein, nicht steuerbar" in receipt
    assert "42,50" in receipt


def test_a_paper_made_next_year_names_the_end_that_its_value_has(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    typeset_values: list[dict[str, Any]] = []

    def typeset(_source: str, values: dict[str, Any], *_files: object, **_how: object) -> bytes:
        typeset_values.append(values)
        return b"%PDF"

    monkeypatch.setattr(papers, "typeset", typeset)
    sale_id = transact(drafts.draft_sale, wanted(programme))
    pay(sale_id)
    found, issued_in = sale(sale_id), clock.today().year
    assert found.voucher_id
    secrets = Issued(found.voucher_id, "ML1.x", "XXXX", "000000", 0)
    with clock.at(clock.now() + timedelta(days=366)):
        papers.typeset_voucher(programme, found, secrets)
    assert typeset_values[-1]["words"]["until"] == f"Einlösbar bis zum 31. Dezember {issued_in + 3}."


def test_one_payer_may_not_buy_more_than_the_limit_in_30_days(programme: Programme) -> None:
    buyer = f"{uuid4().hex}@example.org"
    for _nth in range(4):
        sale_id = transact(drafts.draft_sale, wanted(programme, cents=25000, buyer_email=buyer))
        transact(ordering.place_order, sale_id, method="card", shown_cents=25000)
    last = transact(drafts.draft_sale, wanted(programme, cents=1000, buyer_email=buyer.upper()))
    with pytest.raises(Refused) as refused:
        transact(ordering.place_order, last, method="card", shown_cents=1000)
    assert refused.value.code == "payer_limit"
    assert sale(last).state == "draft"


def test_another_amount_than_shown_stops_the_order(programme: Programme) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme))
    with pytest.raises(Refused) as refused:
        transact(ordering.place_order, sale_id, method="card", shown_cents=4200)
    assert refused.value.code == "total_changed"
    assert queries.count_failed_payments(sale_id) == 0


def test_ordering_twice_opens_one_payment(programme: Programme) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme))
    first = transact(ordering.place_order, sale_id, method="card", shown_cents=4250)
    assert transact(ordering.place_order, sale_id, method="card", shown_cents=4250) == first
    assert session.scalar(sa.select(sa.func.count()).where(Payment.ref_id == sale_id)) == 1


@pytest.mark.parametrize("method", ["voucher", "pickup", "gold"])
def test_vouchers_are_not_bought_with_vouchers_or_at_pick_up(programme: Programme, method: str) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme))
    with pytest.raises(Refused):
        transact(ordering.place_order, sale_id, method=method, shown_cents=4250)
    assert sale(sale_id).state == "draft"


def test_five_wrong_pins_lock_the_code_but_not_the_token(programme: Programme) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme))
    pay(sale_id)
    transact(delivery.deliver_sale, str(sale_id))
    letter = text_of(last_mail("vouchers/voucher"))
    code, pin = line_after(letter, "Code: "), line_after(letter, "PIN für das Netz: ")
    for _nth in range(5):
        assert holder_view.find_by_code_and_pin(code, "000000" if pin != "000000" else "111111") is None
    assert holder_view.find_by_code_and_pin(code, pin) is None
    link = next(word for word in letter.split() if "/g#" in word)
    assert holder_view.view_by_code_and_pin(link, "").balance_cents == 4250


def test_mails_go_out_through_the_outbox(programme: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme))
    pay(sale_id)
    to_buyer = OutgoingMail.recipient_hash == keyed_hash("mail", sale(sale_id).buyer_email)
    row = session.scalars(sa.select(OutgoingMail).where(to_buyer)).first()
    assert row
    monkeypatch.setenv("MAIL_URL", f"maildir:{tmp_path}")
    settings.cache_clear()
    transact(mail.deliver, str(row.id))
    settings.cache_clear()
    assert len(list(tmp_path.iterdir())) == 1
