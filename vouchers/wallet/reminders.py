"""Reminders: 90 and 30 days before something of a voucher ends, each once, and only to who asked for them.

Decision 0312.
"""

from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation import clock
from foundation.database import session
from foundation.jobs import enqueue, job
from people.models import Person
from vouchers.stored_value.models import Lot, Programme, Voucher
from vouchers.stored_value.states import SPENDABLE
from vouchers.wallet import mails, queries
from vouchers.wallet.models import WalletItem, WalletReminder

REMINDER_DAYS = (30, 90)
MAX_REMINDERS_PER_RUN = 2000


@job("vouchers.remind_holders", every="10 6 * * *")
def queue_reminders() -> None:
    """Queue a reminder for every lot that came within 90 or 30 days of its end and was not reminded of."""
    for item_id, lot_id, days in list_due(clock.today()):
        enqueue(send_reminder, lock=f"remind:{item_id}:{lot_id}", item_id=str(item_id), lot_id=str(lot_id), days=days)


def list_due(day: date) -> list[tuple[UUID, UUID, int]]:
    """List (item, lot, 30 or 90) of what is to be reminded of on a day. Only the nearer of the two, if both are due."""
    sent = (
        sa.select(sa.func.min(WalletReminder.days))
        .where(WalletReminder.item_id == WalletItem.id, WalletReminder.lot_id == Lot.id)
        .scalar_subquery()
    )
    distance = sa.case(
        (Lot.legal_end <= day + timedelta(days=REMINDER_DAYS[0]), REMINDER_DAYS[0]), else_=REMINDER_DAYS[1]
    )
    query = (
        sa.select(WalletItem.id, Lot.id, distance)
        .join(Lot, Lot.voucher_id == WalletItem.voucher_id)
        .join(Voucher, Voucher.id == WalletItem.voucher_id)
        .where(
            WalletItem.remind,
            WalletItem.removed_at.is_(None),
            Voucher.state.in_(SPENDABLE),
            Lot.balance > 0,
            Lot.legal_end >= day,
            Lot.legal_end <= day + timedelta(days=REMINDER_DAYS[1]),
            sa.or_(sent.is_(None), sent > distance),
        )
        .order_by(WalletItem.id, Lot.id)
        .limit(MAX_REMINDERS_PER_RUN)
    )
    return [(item_id, lot_id, int(days)) for item_id, lot_id, days in session.execute(query)]


@job("vouchers.remind_holder")
def send_reminder(item_id: str, lot_id: str, days: int) -> None:
    """Send one reminder. The row that says so is written first: a second run finds it and sends nothing."""
    item = session.get(WalletItem, UUID(item_id), populate_existing=True)
    lot = session.get(Lot, (item.voucher_id, UUID(lot_id)), populate_existing=True) if item else None
    voucher = session.get(Voucher, item.voucher_id, populate_existing=True) if item else None
    if item is None or lot is None or voucher is None or not item.remind or not lot.balance:
        return
    if item.removed_at or not queries.is_current(item, voucher):
        return
    mark = insert(WalletReminder).values(item_id=item.id, lot_id=lot.id, days=days, sent_at=clock.now())
    if session.scalar(mark.on_conflict_do_nothing().returning(WalletReminder.days)) is None:
        return
    person = session.get_one(Person, item.person_id)
    programme = session.get_one(Programme, voucher.programme_id)
    mails.send_reminder(
        person.email,
        person.language,
        programme=programme,
        cents=lot.balance,
        end=lot.legal_end,
        item=item.id,
    )


def set_reminders(item_id: UUID, *, on: bool) -> None:
    """Ask for reminders of one voucher, or end them."""
    session.execute(sa.update(WalletItem).where(WalletItem.id == item_id).values(remind=on))
