"""Reminders: only to who asked, 90 and 30 days before an end, each once, with a link that ends them."""

import re
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, transact, uuid7
from people.models import Person
from tests.builders import vouchers as build
from tests.builders import wallet as wallets
from tests.builders.sales import mails, text_of
from vouchers.stored_value.models import Lot
from vouchers.wallet import reminders
from vouchers.wallet.models import WalletItem


def with_bonus(days: int, *, asked: bool = True, language: str = "de") -> tuple[Person, UUID, UUID]:
    """Somebody whose voucher has a bonus of 5 € that ends in so many days; the item and the lot."""
    programme, _shop, given = build.scene()
    owner = wallets.person(language)
    build.load(programme.id, given.voucher_id, 5_00, kind="bonus", origin_id=uuid7(), days=days)
    item_id = wallets.claimed(owner, given)
    transact(reminders.set_reminders, item_id, on=asked)
    lot_id = session.scalars(sa.select(Lot.id).where(Lot.voucher_id == given.voucher_id, Lot.kind == "bonus")).one()
    return owner, item_id, lot_id


def due(item_id: UUID, after: int = 0) -> list[int]:
    day = clock.today() + timedelta(days=after)
    return [days for item, _lot, days in reminders.list_due(day) if item == item_id]


def send(item_id: UUID, lot_id: UUID, days: int) -> None:
    transact(reminders.send_reminder, str(item_id), str(lot_id), days)


def test_a_reminder_is_due_90_and_30_days_before_the_end(context: Flask) -> None:
    _owner, item_id, lot_id = with_bonus(100)
    assert [due(item_id, after) for after in (0, 9, 10, 69, 70, 100, 101)] == [[], [], [90], [90], [30], [30], []]
    send(item_id, lot_id, 90)
    assert [due(item_id, after) for after in (10, 69, 70)] == [[], [], [30]]
    send(item_id, lot_id, 30)
    assert due(item_id, 70) == []


def test_who_did_not_ask_is_never_reminded(context: Flask) -> None:
    owner, item_id, lot_id = with_bonus(20, asked=False)
    assert due(item_id) == []
    send(item_id, lot_id, 30)
    assert mails("vouchers/wallet_reminder", owner.email) == []
    assert session.scalar(sa.select(WalletItem.remind).where(WalletItem.id == item_id)) is False


def test_each_reminder_is_sent_once_however_often_the_job_runs(context: Flask) -> None:
    owner, item_id, lot_id = with_bonus(20)
    for _nth in range(3):
        send(item_id, lot_id, 30)
    [letter] = mails("vouchers/wallet_reminder", owner.email)
    assert letter["Subject"].startswith("5,00")
    text = text_of(letter)
    assert "Auf Ihrem Gutschein" in text
    assert re.search(r"/g/erinnerung-aus/\S+", text)


def test_a_spent_lot_and_one_that_left_the_wallet_remind_nobody(context: Flask) -> None:
    owner, item_id, _lot_id = with_bonus(20)
    item = session.get_one(WalletItem, item_id)
    item.removed_at, item.token, item.totp = clock.now(), None, None
    session.commit()
    assert due(item_id) == []
    assert mails("vouchers/wallet_reminder", owner.email) == []


def test_the_daily_job_queues_what_is_due(context: Flask) -> None:
    _owner, item_id, _lot_id = with_bonus(20)
    transact(reminders.queue_reminders)
    count = sa.text("SELECT count(*) FROM procrastinate_jobs WHERE args->>'item_id' = :i")
    assert session.scalar(count, {"i": str(item_id)}) == 1
