"""The buyer's withdrawal from the sale of a voucher (§§ 312g, 355 BGB): received, carried out at once or later.

What is left of the paid value goes back the way it was paid; what was redeemed stays with the shops. Decision 0311.
"""

from uuid import UUID

import sqlalchemy as sa
import structlog

from foundation import clock, mail
from foundation.database import lock_one, session
from foundation.errors import Refused
from foundation.jobs import enqueue, job
from foundation.languages import _, force_locale, show_date
from money.amount import euro
from money.payments.models import Payment
from money.payments.withdrawals import WithdrawalOutcome, WithdrawalStatement
from vouchers.purchases import queries
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.purchases.states import SaleEventKind, VoucherSaleState
from vouchers.sales import delivery, giving_back, withdrawal_period
from vouchers.stored_value import access

log = structlog.get_logger("withdrawals")
MAX_JOBS_PER_RUN = 100


class SaleContracts:
    """The sales of vouchers, for the function "Vertrag widerrufen"."""

    kind = "voucher_sale"

    def withdraw(self, stated: WithdrawalStatement) -> list[WithdrawalOutcome]:
        """Withdraw from every sale that number and buyer's address fit; an order's number means all its sales."""
        found = _list_meant(stated.number, stated.email)
        return [WithdrawalOutcome(sale.number, _build_title(sale), _receive(sale.id, stated)) for sale in found]


def _list_meant(number: str, email: str) -> list[VoucherSale]:
    wanted = number.strip().upper()
    query = (
        sa.select(VoucherSale)
        .join(VoucherOrder, VoucherOrder.id == VoucherSale.order_id)
        .where(
            sa.or_(VoucherSale.number == wanted, VoucherOrder.number == wanted),
            sa.func.lower(VoucherOrder.buyer_email) == email.lower(),
            VoucherSale.state != VoucherSaleState.DRAFT,
        )
        .order_by(VoucherSale.id)
    )
    return list(session.scalars(query))


def _receive(sale_id: UUID, stated: WithdrawalStatement) -> str:
    """Take a statement down at its sale and carry it out; gives the sentence for the buyer."""
    sale = _lock_sale(sale_id)
    if sale.withdrawal_id == stated.id:
        return _describe_outcome(sale)
    if sale.withdrawal_id:
        return _("Diesen Vertrag haben Sie schon widerrufen. Daran ändert sich nichts.")
    last = withdrawal_period.find_last_day(sale)
    if last and clock.berlin(stated.received_at).date() > last:
        return _(
            "Die Frist endete am %(day)s. Wir haben den Widerruf nicht ausgeführt; er liegt einem Menschen vor.",
            day=show_date(last),
        )
    sale.withdrawal_id = stated.id
    delivery.record_event(sale, SaleEventKind.WITHDRAWAL_RECEIVED, withdrawal=str(stated.id))
    if sale.voucher_id is None:
        return _("Dafür ist noch kein Geld bei uns. Kommt es noch, geben wir es zurück; einen Gutschein gibt es nicht.")
    return _carry_out(sale)


def _carry_out(sale: VoucherSale) -> str:
    """Freeze and give back, or freeze and wait. Nothing is half done: the attempt has a savepoint of its own."""
    try:
        with session.begin_nested():
            giving_back.give_back(sale)
    except Refused as refused:
        session.refresh(sale)
        log.info("withdrawal_waits", sale=str(sale.id), code=refused.code)
        giving_back.freeze(sale, refused.code)
    return _describe_outcome(sale)


def _describe_outcome(sale: VoucherSale) -> str:
    if sale.state != VoucherSaleState.WITHDRAWN:
        assert sale.voucher_id is not None
        if access.is_charged_back(sale.voucher_id):
            return _(
                "Ihre Bank hat das Geld schon zurückgeholt, und der Gutschein gilt nicht mehr. Es ist nichts zu tun."
            )
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


def _build_title(sale: VoucherSale) -> str:
    programme = queries.load_programme(sale.programme_id)
    return _("%(programme)s über %(amount)s", programme=programme.name, amount=euro(sale.cents))


def _lock_sale(sale_id: UUID) -> VoucherSale:
    # The payment first, as payments lock it before they touch their orders; then the sale.
    payment_id = session.scalar(sa.select(VoucherSale.payment_id).where(VoucherSale.id == sale_id))
    if payment_id:
        lock_one(Payment, payment_id)
    return lock_one(VoucherSale, sale_id)


@job("vouchers.withdraw_sale")
def withdraw_sale(sale_id: str) -> None:
    """Try again what had to wait, and tell the buyer when it is done."""
    sale = _lock_sale(UUID(sale_id))
    if sale.withdrawal_id is None or sale.withdrawn_at or sale.voucher_id is None:
        return
    try:
        with session.begin_nested():
            giving_back.give_back(sale)
    except Refused as refused:
        log.info("withdrawal_waits", sale=sale_id, code=refused.code)
        return
    with force_locale(sale.language):
        subject, sentence = _("Ihr Widerruf ist ausgeführt: %(number)s", number=sale.number), _describe_outcome(sale)
        title = _build_title(sale)
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
def withdraw_overdue() -> None:
    """Queue what was withdrawn and is not given back yet: the reservation may have ended, the money may have come."""
    query = sa.select(VoucherSale.id).where(
        VoucherSale.withdrawal_id.is_not(None), VoucherSale.withdrawn_at.is_(None), VoucherSale.voucher_id.is_not(None)
    )
    for sale_id in session.scalars(query.order_by(VoucherSale.id).limit(MAX_JOBS_PER_RUN)):
        enqueue(withdraw_sale, lock=f"withdraw:{sale_id}", sale_id=str(sale_id))
