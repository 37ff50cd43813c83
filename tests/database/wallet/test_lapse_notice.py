"""Holders are told by mail, once, when a part of what came back to their voucher had lapsed."""

from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, transact, uuid7
from people.models import Outlet
from tests.builders import vouchers as build
from tests.builders import wallet as wallets
from tests.builders.sales import mails, text_of
from tests.builders.vouchers import Shop
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Voucher
from vouchers.tills import redeeming, returns
from vouchers.tills.redeeming import RedemptionOrder
from vouchers.wallet import lapse_notice, queries, transfer
from vouchers.wallet.models import LapseLetter


def spent(*, bonus: int = 5_00) -> tuple[Issued, Shop, UUID]:
    """A voucher of 10 € and a bonus of which 8 € were spent; the bonus goes first. The redemption's id."""
    programme, shop, given = build.scene(10_00)
    build.load(programme.id, given.voucher_id, bonus, kind="bonus", origin_id=uuid7(), days=10)
    answer = redeeming.redeem(shop.token, RedemptionOrder(given.token, 8_00, uuid4().hex))
    return given, shop, UUID(answer.body["redemption_id"])


def returned(shop: Shop, redemption_id: UUID, after: int) -> UUID:
    """All of it given back so many days later."""
    with clock.at(clock.now() + timedelta(days=after)):
        answer = returns.refund(shop.token, redemption_id, cents=8_00, key=uuid4().hex, reason="zurück")
    return UUID(answer.body["refund_id"])


def tell(operation_id: UUID) -> None:
    transact(lapse_notice.send_notice, str(operation_id))


def reached(given: Issued, language: str = "de") -> str:
    """The address that the voucher was passed on to."""
    email = f"{uuid4().hex}@example.org"
    transact(transfer.store_contact, given.voucher_id, email, language)
    return email


def test_the_holder_reads_what_came_back_and_what_had_lapsed(context: Flask) -> None:
    given, shop, redemption = spent()
    email = reached(given)
    refund = returned(shop, redemption, 20)
    assert refund in lapse_notice.list_due()
    tell(refund)
    [letter] = mails("vouchers/lapsed_return", email)
    assert letter["Subject"].replace("\xa0", " ") == "5,00 € Bonus waren schon abgelaufen"
    text = " ".join(text_of(letter).split())
    assert f"Bei {session.get_one(Outlet, shop.outlet_id).name} wurde am" in text
    assert "Zurückgegeben: 8,00 €" in text
    assert "Abgelaufener Bonus: 5,00 €" in text
    assert "Wieder auf Ihrem Gutschein: 3,00 €" in text
    assert "/g " in text


def test_it_is_told_once_however_often_the_job_runs(context: Flask) -> None:
    given, shop, redemption = spent()
    email = reached(given)
    refund = returned(shop, redemption, 20)
    for _nth in range(3):
        tell(refund)
    assert len(mails("vouchers/lapsed_return", email)) == 1
    assert refund not in lapse_notice.list_due()


def test_who_has_it_in_the_wallet_is_led_there(context: Flask) -> None:
    given, shop, redemption = spent()
    former, owner = reached(given), wallets.person()
    item_id = wallets.claimed(owner, given)
    tell(returned(shop, redemption, 20))
    [letter] = mails("vouchers/lapsed_return", owner.email)
    assert f"/geldboerse/{item_id}" in text_of(letter)
    assert mails("vouchers/lapsed_return", former) == []


def test_a_return_that_came_back_whole_is_no_reason_to_write(context: Flask) -> None:
    given, shop, redemption = spent()
    reached(given)
    assert returned(shop, redemption, 5) not in lapse_notice.list_due()


def test_who_merged_the_voucher_reads_it_and_is_led_to_the_other(context: Flask) -> None:
    given, shop, redemption = spent()
    owner = wallets.person()
    first = wallets.claimed(owner, given)
    programme_id = session.get_one(Voucher, given.voucher_id).programme_id
    second_given = build.voucher(programme_id, 20_00)
    session.commit()
    second = wallets.claimed(owner, second_given)
    into = queries.load_item(owner.id, second)
    transact(transfer.merge_items, queries.load_item(owner.id, first), into, key=uuid4().hex)
    tell(returned(shop, redemption, 20))
    [letter] = mails("vouchers/lapsed_return", owner.email)
    assert f"/geldboerse/{second}" in text_of(letter)


def test_who_was_given_the_voucher_later_reads_nothing_of_what_the_giver_bought(context: Flask) -> None:
    given, shop, redemption = spent()
    giver, other = wallets.person(), f"{uuid4().hex}@example.org"
    kept = queries.load_item(giver.id, wallets.claimed(giver, given))
    transact(transfer.pass_on, kept, to=other, greeting="", giver="Anna", language="de", key=uuid4().hex)
    refund = returned(shop, redemption, 20)
    tell(refund)
    assert mails("vouchers/lapsed_return", other) == mails("vouchers/lapsed_return", giver.email) == []
    assert refund not in lapse_notice.list_due()


def test_without_an_address_nobody_is_told_and_it_is_not_tried_again(context: Flask) -> None:
    _given, shop, redemption = spent()
    refund = returned(shop, redemption, 20)
    tell(refund)
    assert refund not in lapse_notice.list_due()
    assert session.get(LapseLetter, refund)


def test_the_job_queues_a_letter_for_each(context: Flask) -> None:
    _given, shop, redemption = spent()
    refund = returned(shop, redemption, 20)
    transact(lapse_notice.queue_notices)
    queued = sa.text(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'vouchers.tell_of_lapsed_return'"
        " AND args->>'operation_id' = :id"
    )
    assert session.scalar(queued, {"id": str(refund)}) == 1
