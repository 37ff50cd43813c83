"""The buyer's withdrawal from the sale of a voucher (§§ 312g, 355 BGB): frozen and given back in one transaction.

What is left of the paid value goes back the way it was paid; what was redeemed stays with the shops. A bonus returns to
its campaign. Who redeems at the same moment waits for the voucher's row, and then finds it withdrawn, or is first.
"""

from datetime import date, timedelta
from uuid import UUID

import holidays
import sqlalchemy as sa
import structlog

from foundation import audit, clock, mail
from foundation.database import lock_one, session
from foundation.errors import Refused
from foundation.jobs import enqueue, job
from foundation.languages import _, force_locale, show_date
from money.amount import euro
from money.law.queries import load_legal_value
from money.payments import refunding
from money.payments.models import Payment
from money.payments.withdrawals import WithdrawalOutcome, WithdrawalStatement
from vouchers.purchases import queries
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.sales import delivery
from vouchers.stored_value import deductions, issuing
from vouchers.stored_value.issuing import Funding
from vouchers.stored_value.models import Lot, OperationPart, Voucher, VoucherOperation

log = structlog.get_logger("withdrawals")
MOST_AT_ONCE = 100


class SaleContracts:
    """The sales of vouchers, for the function "Vertrag widerrufen"."""

    kind = "voucher_sale"

    def withdraw(self, stated: WithdrawalStatement) -> list[WithdrawalOutcome]:
        """Every sale that number and buyer's address fit; an order's number means all its sales."""
        found = _meant(stated.number, stated.email)
        return [WithdrawalOutcome(sale.number, _title(sale), _stated(sale.id, stated)) for sale in found]


def _meant(number: str, email: str) -> list[VoucherSale]:
    wanted = number.strip().upper()
    query = (
        sa.select(VoucherSale)
        .join(VoucherOrder, VoucherOrder.id == VoucherSale.order_id)
        .where(
            sa.or_(VoucherSale.number == wanted, VoucherOrder.number == wanted),
            sa.func.lower(VoucherOrder.buyer_email) == email.lower(),
            VoucherSale.state != "draft",
        )
        .order_by(VoucherSale.id)
    )
    return list(session.scalars(query))


def last_day(sale: VoucherSale) -> date | None:
    """The last day on which the buyer may withdraw; nothing while the voucher is not delivered: no period runs yet.

    14 days from the delivery and from when the buyer was told, at most 12 months more (§ 356 Abs. 3 BGB). A last day
    that is a Saturday, a Sunday or a holiday is the next working day (§ 193 BGB).
    """
    if sale.delivered_at is None:
        return None
    delivered = clock.berlin(sale.delivered_at).date()
    days = timedelta(days=load_legal_value("voucher.withdrawal_days", delivered))
    latest = _year_later(delivered) + days
    if sale.instructed_at is None:
        return _working_day(latest)
    told = clock.berlin(sale.instructed_at).date()
    return _working_day(min(max(delivered, told) + days, latest))


def _year_later(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _working_day(day: date) -> date:
    free = holidays.country_holidays("DE", subdiv="NW", years=[day.year, day.year + 1])
    while day.weekday() >= 5 or day in free:
        day += timedelta(days=1)
    return day


def _stated(sale_id: UUID, stated: WithdrawalStatement) -> str:
    """Take a statement down at its sale and carry it out; gives the sentence for the buyer."""
    sale = _locked(sale_id)
    if sale.withdrawal_id == stated.id:
        return _told(sale)
    if sale.withdrawal_id:
        return _("Diesen Vertrag haben Sie schon widerrufen. Daran ändert sich nichts.")
    last = last_day(sale)
    if last and clock.berlin(stated.received_at).date() > last:
        return _(
            "Die Frist endete am %(day)s. Wir haben den Widerruf nicht ausgeführt; er liegt einem Menschen vor.",
            day=show_date(last),
        )
    sale.withdrawal_id = stated.id
    delivery.record_event(sale, "withdrawal_received", withdrawal=str(stated.id))
    if sale.voucher_id is None:
        return _("Dafür ist noch kein Geld bei uns. Kommt es noch, geben wir es zurück; einen Gutschein gibt es nicht.")
    return _carried_out(sale)


def _carried_out(sale: VoucherSale) -> str:
    """Freeze and give back, or freeze and wait. Nothing is half done: the attempt has a savepoint of its own."""
    try:
        with session.begin_nested():
            _give_back(sale)
    except Refused as refused:
        session.refresh(sale)
        log.info("withdrawal_waits", sale=str(sale.id), code=refused.code)
        _freeze(sale, refused.code)
    return _told(sale)


def _give_back(sale: VoucherSale) -> None:
    assert sale.voucher_id is not None
    assert sale.payment_id is not None
    _return_bonus(sale)
    taken = deductions.withdraw(
        sale.id,
        actor_id=sale.id,
        key=f"withdraw:{sale.id}",
        credit=Funding("KZ", sale.payment_id),
        reason="withdrawal",
    )
    if taken.cents:
        _refund(sale, taken.cents)
    sale.state, sale.withdrawn_at, sale.refunded_cents = "withdrawn", clock.now(), taken.cents
    _thaw(sale)
    delivery.record_event(sale, "withdrawn", cents=taken.cents, spent_cents=taken.spent_cents)
    audit.record("voucher.withdrawn", "voucher", taken.voucher_id, sale=str(sale.id), cents=taken.cents)


def _refund(sale: VoucherSale, cents: int) -> None:
    """The same way back (§ 357 Abs. 3 BGB): to the card, or to the account it came from."""
    payment = session.get_one(Payment, sale.payment_id)
    for tender in payment.tenders:
        if any(part.share.ref_id == sale.id for part in tender.parts):
            key = f"withdrawal:{sale.id}"
            refunding.refund_tender(tender.id, cents, key=key, reason="withdrawal", share_ref=sale.id)
            return
    raise Refused(_("Zu diesem Gutschein finden wir keine Zahlung."), "no_tender")


def _return_bonus(sale: VoucherSale) -> None:
    """What a campaign added to this voucher goes back to its budget, unless other paid value was loaded on it, too.

    Merging changes nothing: lots keep their ids, so that the bonus is found on the voucher that took this one's place,
    and what a holder merged in does not stand for it.
    """
    assert sale.voucher_id is not None
    own = _own_lots(sale.voucher_id)
    present = _successor(sale.voucher_id)
    lots = list(session.scalars(sa.select(Lot).where(Lot.voucher_id == present, Lot.id.in_(own)).order_by(Lot.id)))
    if any(lot.kind == "paid" and lot.origin_id != sale.id and lot.balance for lot in lots):
        return
    for lot in lots:
        free = lot.balance - lot.held
        if lot.kind == "bonus" and free and lot.origin_id:
            deductions.reduce(
                present,
                lot.id,
                free,
                actor_id=sale.id,
                key=f"withdraw-bonus:{lot.id}",
                credit=Funding("CB", lot.origin_id),
                reason="withdrawal",
            )


def _own_lots(voucher_id: UUID) -> list[UUID]:
    """The lots that came onto a voucher otherwise than by merging another one into it."""
    merged = (
        sa.select(OperationPart.lot_id)
        .join(
            VoucherOperation,
            sa.and_(
                VoucherOperation.voucher_id == OperationPart.voucher_id,
                VoucherOperation.id == OperationPart.operation_id,
            ),
        )
        .where(OperationPart.voucher_id == voucher_id, VoucherOperation.kind == "merge_in")
    )
    return list(session.scalars(sa.select(Lot.id).where(Lot.voucher_id == voucher_id, Lot.id.not_in(merged))))


def _successor(voucher_id: UUID) -> UUID:
    """The voucher on which this one's value lies by now."""
    found = session.get_one(Voucher, voucher_id, populate_existing=True)
    while found.replaced_by:
        found = session.get_one(Voucher, found.replaced_by, populate_existing=True)
    return found.id


def _freeze(sale: VoucherSale, why: str) -> None:
    """Nobody can redeem it from now on, while it cannot be given back yet: where its value lies by now."""
    event = delivery.record_event(sale, "withdrawal_waits", why=why)
    try:
        with session.begin_nested():
            assert sale.voucher_id is not None
            issuing.block(
                _successor(sale.voucher_id), actor_id=sale.id, key=f"withdraw-block:{event.id}", reason="withdrawal"
            )
    except Refused:
        log.warning("withdrawal_not_frozen", sale=str(sale.id))


def _thaw(sale: VoucherSale) -> None:
    """What else lies on a voucher that only this withdrawal has frozen can be spent again.

    Who had blocked it before, or has since, keeps it blocked.
    """
    assert sale.voucher_id is not None
    present = _successor(sale.voucher_id)
    if session.get_one(Voucher, present).state != "blocked":
        return
    operation = VoucherOperation
    marks = (
        sa.select(operation.kind, operation.actor_id)
        .where(operation.voucher_id == present, operation.kind.in_(("block", "unblock")), operation.outcome == "done")
        .order_by(operation.version.desc())
        .limit(2)
    )
    found = session.execute(marks).all()
    if found and found[0].actor_id == sale.id and all(mark.kind == "unblock" for mark in found[1:]):
        issuing.unblock(present, actor_id=sale.id, key=f"withdraw-unblock:{sale.id}", reason="withdrawal")


def _told(sale: VoucherSale) -> str:
    if sale.state != "withdrawn":
        return _(
            "Der Gutschein ist gesperrt. Ein Teil ist gerade für eine Bestellung reserviert; sobald das entschieden "
            "ist, geben wir Ihnen zurück, was übrig ist, und schreiben Ihnen."
        )
    if sale.refunded_cents == 0:
        return _("Der Gutschein war schon ganz eingelöst. Es ist nichts zu erstatten.")
    cents = euro(sale.refunded_cents)
    if sale.refunded_cents < sale.cents:
        return _(
            "Ein Teil war schon eingelöst. Wir geben Ihnen den Rest von %(cents)s zurück, auf dem Weg, auf dem Sie "
            "bezahlt haben. Der Gutschein gilt nicht mehr.",
            cents=cents,
        )
    return _(
        "Wir geben Ihnen %(cents)s zurück, auf dem Weg, auf dem Sie bezahlt haben. Der Gutschein gilt nicht mehr.",
        cents=cents,
    )


def _title(sale: VoucherSale) -> str:
    programme = queries.load_programme(sale.programme_id)
    return _("%(programme)s über %(amount)s", programme=programme.name, amount=euro(sale.cents))


def _locked(sale_id: UUID) -> VoucherSale:
    # The payment first, as payments lock it before they touch their orders; then the sale.
    payment_id = session.scalar(sa.select(VoucherSale.payment_id).where(VoucherSale.id == sale_id))
    if payment_id:
        lock_one(Payment, payment_id)
    return lock_one(VoucherSale, sale_id)


@job("vouchers.withdraw_sale")
def withdraw_sale(sale_id: str) -> None:
    """Try again what had to wait, and tell the buyer when it is done."""
    sale = _locked(UUID(sale_id))
    if sale.withdrawal_id is None or sale.withdrawn_at or sale.voucher_id is None:
        return
    try:
        with session.begin_nested():
            _give_back(sale)
    except Refused as refused:
        log.info("withdrawal_waits", sale=sale_id, code=refused.code)
        return
    with force_locale(sale.language):
        subject, sentence = _("Ihr Widerruf ist ausgeführt: %(number)s", number=sale.number), _told(sale)
        title = _title(sale)
    mail.send(
        to=sale.buyer_email,
        template="vouchers/withdrawn",
        subject=subject,
        language=sale.language,
        sale=sale,
        title=title,
        sentence=sentence,
    )


@job("vouchers.withdraw_left_sales", every="*/5 * * * *")
def withdraw_left() -> None:
    """Queue what was withdrawn and is not given back yet: the reservation may have ended, the money may have come."""
    query = sa.select(VoucherSale.id).where(
        VoucherSale.withdrawal_id.is_not(None), VoucherSale.withdrawn_at.is_(None), VoucherSale.voucher_id.is_not(None)
    )
    for sale_id in session.scalars(query.order_by(VoucherSale.id).limit(MOST_AT_ONCE)):
        enqueue(withdraw_sale, lock=f"withdraw:{sale_id}", sale_id=str(sale_id))
