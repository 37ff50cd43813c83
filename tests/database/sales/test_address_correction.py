"""Sent once more, or to the right address: new secrets each time, the old link dead at once, not without end."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pypdf
import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from foundation import clock
from foundation.database import session, transact, uuid7
from foundation.errors import NotFound, Refused
from foundation.models import AuditRecord
from tests.builders import vouchers as build
from tests.builders.sales import (
    last_mail,
    lines,
    link_in,
    mails,
    order,
    paid,
    papers_of,
    pay,
    pdf_text,
    sale,
    text_of,
    wanted,
)
from vouchers.purchases import papers, queries
from vouchers.purchases.models import VoucherSale
from vouchers.sales import address_correction, delivery, drafts, letters, pictures
from vouchers.stored_value import access, holder_view
from vouchers.stored_value.models import Programme
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder


@pytest.fixture
def programme(context: Flask) -> Programme:
    made: Programme = transact(build.programme)
    return made


def gift(programme: Programme) -> VoucherSale:
    return sale(paid(programme, gift=True, recipient_email=f"{uuid4().hex}@example.org", buyer_name="Anna"))


def link_to(email: str | None) -> str:
    return link_in(text_of(last_mail("vouchers/voucher", email)))


def test_sent_again_the_old_link_is_dead_and_the_new_one_holds_the_value(programme: Programme) -> None:
    found = gift(programme)
    old = link_to(found.recipient_email)
    assert holder_view.view_by_code_and_pin(old, "").balance_cents == 42_50
    transact(address_correction.resend, found.id)
    with pytest.raises(NotFound):
        holder_view.view_by_code_and_pin(old, "")
    assert holder_view.view_by_code_and_pin(link_to(found.recipient_email), "").balance_cents == 42_50


def test_a_corrected_address_gets_the_voucher_and_the_wrong_one_holds_nothing(programme: Programme) -> None:
    found, right = gift(programme), f"{uuid4().hex}@example.org"
    old = link_to(found.recipient_email)
    transact(address_correction.correct_address, found.id, right)
    with pytest.raises(NotFound):
        holder_view.view_by_code_and_pin(old, "")
    assert holder_view.view_by_code_and_pin(link_to(right), "").voucher_id == found.voucher_id
    assert sale(found.id).recipient_email == right
    assert sale(found.id).buyer_email == found.buyer_email


def test_the_buyers_own_address_is_corrected_for_the_whole_order(programme: Programme) -> None:
    found, right = sale(paid(programme)), f"{uuid4().hex}@example.org"
    transact(address_correction.correct_address, found.id, right)
    assert (sale(found.id).buyer_email, order(found.order_id).buyer_email) == (right, right)
    assert holder_view.view_by_code_and_pin(link_to(right), "").balance_cents == 42_50


def test_before_the_delivery_only_the_address_changes(programme: Programme) -> None:
    later, right = clock.now() + timedelta(days=3), f"{uuid4().hex}@example.org"
    sale_id = transact(
        drafts.draft_sale, wanted(programme, gift=True, recipient_email=f"{uuid4().hex}@example.org", deliver_at=later)
    )
    pay(sale_id)
    transact(address_correction.correct_address, sale_id, right)
    assert mails("vouchers/voucher", right) == []
    transact(delivery.deliver_sale, str(sale_id))
    assert len(mails("vouchers/voucher", right)) == 1


def test_the_period_of_withdrawal_begins_when_the_right_person_has_it(programme: Programme) -> None:
    found = gift(programme)
    before = found.delivered_at
    with clock.at(clock.now() + timedelta(days=5)):
        transact(address_correction.correct_address, found.id, f"{uuid4().hex}@example.org")
    after = sale(found.id).delivered_at
    assert before
    assert after
    assert after - before >= timedelta(days=5)
    transact(address_correction.resend, found.id)
    assert sale(found.id).delivered_at == after


def test_both_are_logged_without_any_address(programme: Programme) -> None:
    found, right = gift(programme), f"{uuid4().hex}@example.org"
    transact(address_correction.resend, found.id)
    transact(address_correction.correct_address, found.id, right)
    events = queries.list_events([found.id])[found.id]
    assert [event.kind for event in events] == ["resent", "address_corrected"]
    verbs = session.scalars(sa.select(AuditRecord.verb).where(AuditRecord.subject_id == found.voucher_id)).all()
    assert {"voucher.resent", "voucher.address_corrected"} <= set(verbs)
    assert right not in str([event.detail for event in events])


def test_five_times_a_day_and_then_no_more(programme: Programme) -> None:
    found = gift(programme)
    for _n in range(address_correction.MAX_MAILS_PER_DAY):
        transact(address_correction.resend, found.id)
    last = link_to(found.recipient_email)
    for action in (
        lambda: address_correction.resend(found.id),
        lambda: address_correction.correct_address(found.id, f"{uuid4().hex}@example.org"),
    ):
        with pytest.raises(Refused) as refused:
            transact(action)
        assert refused.value.code == "too_often"
    assert holder_view.view_by_code_and_pin(last, "").balance_cents == 42_50
    with clock.at(clock.now() + timedelta(hours=25)):
        transact(address_correction.resend, found.id)


def test_whoever_holds_the_voucher_by_now_keeps_it(programme: Programme) -> None:
    shop = build.accepting_shop(programme.id)
    used, claimed = gift(programme), gift(programme)
    redeeming.redeem(shop.token, RedemptionOrder(link_to(used.recipient_email), 100, str(uuid4())))
    assert claimed.voucher_id
    transact(access.renew, claimed.voucher_id, actor_id=uuid7(), key=str(uuid4()), reason="claimed")
    for found in (used, claimed):
        assert address_correction.find_options(sale(found.id)) == address_correction.CorrectionOptions(
            resend=False, correct=False
        )
        for action in (
            lambda f=found: address_correction.resend(f.id),
            lambda f=found: address_correction.correct_address(f.id, "dieb@example.org"),
        ):
            with pytest.raises(Refused):
                transact(action)
    assert holder_view.view_by_code_and_pin(link_to(used.recipient_email), "").balance_cents == 41_50


def test_the_same_address_is_no_correction(programme: Programme) -> None:
    found = gift(programme)
    with pytest.raises(Refused) as refused:
        transact(address_correction.correct_address, found.id, str(found.recipient_email).upper())
    assert refused.value.code == "same_address"


def test_a_sheet_to_print_comes_to_the_buyer_at_once(programme: Programme) -> None:
    later = clock.now() + timedelta(days=9)
    wish: dict[str, Any] = {
        "gift": True,
        "delivery": "print",
        "recipient_name": "Oma",
        "message": "Alles Gute",
        "deliver_at": later,
    }
    found = sale(paid(programme, **wish))
    assert (found.state, found.deliver_at) == ("delivered", None)
    letter = last_mail("vouchers/voucher", found.buyer_email)
    [(_name, paper)] = papers_of(letter)
    assert "Alles Gute" in paper
    assert "Oma" in paper
    assert "zum Ausdrucken" in str(letter["Subject"])


def letter_of(programme: Programme) -> VoucherSale:
    wish: dict[str, Any] = {"gift": True, "delivery": "letter", "recipient_name": "Oma Erna", "street": "Markt 1"}
    return sale(paid(programme, **wish, town_line="48653 Coesfeld"))


def test_a_letter_waits_for_people_and_is_never_mailed(programme: Programme) -> None:
    found = letter_of(programme)
    assert found.state == "paid"
    assert mails("vouchers/voucher", found.buyer_email) == []
    assert found.id in {each.id for each in letters.list_due()}
    with pytest.raises(Refused) as refused:
        transact(letters.mark_posted, found.id)
    assert refused.value.code == "not_printed"


def test_a_letters_code_is_made_when_it_is_printed_and_a_second_print_replaces_it(programme: Programme) -> None:
    found = letter_of(programme)
    papers = [pdf_text(transact(letters.print_letter, found.id)) for _n in range(2)]
    for paper in papers:
        for piece in ("Oma Erna", "Markt 1", "48653 Coesfeld", "42,50"):
            assert piece in paper
    assert papers[0] != papers[1]
    transact(letters.mark_posted, found.id)
    after = sale(found.id)
    assert after.state == "delivered"
    assert after.delivered_at
    assert found.id not in {each.id for each in letters.list_due()}
    with pytest.raises(Refused):
        transact(letters.print_letter, found.id)


def test_a_letter_for_a_later_day_appears_three_days_before(programme: Programme) -> None:
    wish: dict[str, Any] = {
        "gift": True,
        "delivery": "letter",
        "recipient_name": "Oma",
        "street": "Markt 1",
        "town_line": "48653 Coesfeld",
    }
    found = sale(paid(programme, **wish, deliver_at=clock.now() + timedelta(days=20)))
    assert found.id not in {each.id for each in letters.list_due()}
    with clock.at(clock.now() + timedelta(days=18)):
        assert found.id in {each.id for each in letters.list_due()}
    assert len(lines(found.order_id)) == 1


def test_an_own_picture_is_on_the_sheet_of_the_buyer_and_of_the_holder(programme: Programme) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (200, 30, 30)).save(out, "JPEG")
    picture_id = transact(pictures.store_picture, pictures.draw_upload(out.getvalue()))
    found = sale(paid(programme, gift=True, delivery="print", picture_id=picture_id, recipient_name="Oma"))
    letter = last_mail("vouchers/voucher", found.buyer_email)
    [paper] = [part.get_content() for part in letter.iter_attachments()]
    held = holder_view.view_by_code_and_pin(link_to(found.buyer_email), "")
    for sheet in (paper, papers.typeset_holder_sheet(held)):
        images = [image for page in pypdf.PdfReader(io.BytesIO(sheet)).pages for image in page.images]
        assert [image.image.size for image in images if image.image] == [(300, 200)]
