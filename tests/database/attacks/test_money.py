"""Money under attack: late debits, many orders at once, stolen vouchers on a table, a shop without an address."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, transact, uuid7
from foundation.errors import NotEnough, NotFound
from marketplace.checkout.models import CheckoutVoucher
from marketplace.checkout.vouchers import apply_voucher
from marketplace.orders import progress
from marketplace.orders.models import Order, OrderGroup
from money.law.queries import load_legal_value
from money.payments import deciding, starting
from people.models import Outlet
from tests.builders import orders as shops
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.builders.threads import at_once
from vouchers.network import programmes
from vouchers.purchases.models import VoucherSale
from vouchers.sales import drafts, ordering, requests
from vouchers.stored_value import access, payment_method
from vouchers.stored_value.issuing import Issued
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def draft_with_voucher(cents: int = 6_00) -> tuple[Outlet, Issued, UUID]:
    """A draft of 10 euro in a shop with a voucher on the table."""
    shop = shops.shop()
    programme = build.programme()
    programmes.accept(programme.id, shop.id)
    voucher = build.voucher(programme.id, max(cents, 10_00))
    session.commit()
    shops.operator()
    draft = shops.draft(shops.cart(shops.offer(shop, cents=10_00)))
    transact(apply_voucher, draft, voucher.token, "de")
    return shop, voucher, draft


def test_a_hold_outlasts_any_deadline_while_its_payment_is_not_decided(context: Flask) -> None:
    """A debit may take longer than the backstop; released meanwhile, the payment could never be finished."""
    shop, voucher, draft = draft_with_voucher()
    payment = shops.place(draft, method=None)
    assert balance("VH", voucher.voucher_id) == 10_00
    with clock.at(clock.now() + payment_method.HOLD_TTL + timedelta(days=1)):
        transact(payment_method.release_expired_holds)
    assert balance("VH", voucher.voucher_id) == 10_00
    assert transact(deciding.decide, payment) == "secured"
    assert (balance("VH", voucher.voucher_id), balance("KR", shop.id)) == (0, 10_00)


def test_new_secrets_take_a_voucher_off_every_table_where_the_old_ones_laid_it(context: Flask) -> None:
    """Who found the mail laid the voucher down; its holder reports it lost; the finder must not pay with it."""
    _shop, voucher, draft = draft_with_voucher()
    transact(access.renew, voucher.voucher_id, actor_id=uuid7(), key=str(uuid4()), reason="lost")
    assert session.scalar(sa.select(sa.func.count()).where(CheckoutVoucher.checkout_id == draft)) == 0
    session.commit()
    with pytest.raises(NotEnough):
        shops.place(draft, method=None)
    assert (balance("VH", voucher.voucher_id), balance("VL", voucher.voucher_id)) == (0, 10_00)


def test_many_orders_at_the_same_time_do_not_pass_the_limit_of_one_payer(app: Flask, context: Flask) -> None:
    programme = build.programme()
    session.commit()
    buyer = f"{uuid4().hex}@example.org"
    wanted = requests.VoucherRequest(programme_id=programme.id, cents=250_00, buyer_email=buyer)
    sales = [transact(drafts.draft_sale, wanted) for _n in range(12)]
    session.remove()

    def order(sale_id: UUID) -> UUID:
        return transact(ordering.place_order, sale_id, method="card", shown_cents=250_00)

    answers = at_once(app, order, sales)
    refused = [a for a in answers if isinstance(a, Exception)]
    assert {getattr(a, "code", repr(a)) for a in refused} == {"payer_limit"}
    total = session.scalar(
        sa.select(sa.func.sum(VoucherSale.cents)).where(
            VoucherSale.buyer_email == buyer, VoucherSale.state == "ordered"
        )
    )
    assert total == 250_00 * (12 - len(refused)) <= load_legal_value("voucher.payer_30_days_cents")


@pytest.mark.parametrize("email", ["", "kein Postfach", "laden@", "müller@laden.de"])
def test_a_shop_whose_address_is_wrong_gets_its_order_all_the_same(context: Flask, email: str) -> None:
    shop, voucher, draft = draft_with_voucher()
    session.execute(sa.update(Outlet).where(Outlet.id == shop.id).values(email=email))
    session.commit()
    session.remove()
    payment = shops.place(draft, method=None)
    starting.start(payment)
    group = session.scalars(sa.select(OrderGroup).where(OrderGroup.payment_id == payment)).one()
    assert (group.state, balance("KR", shop.id)) == ("placed", 10_00)
    assert balance("VL", voucher.voucher_id) == 0
    order = session.scalars(sa.select(Order).where(Order.group_id == group.id)).one()
    transact(progress.cancel, order.id)
    assert (balance("VL", voucher.voucher_id), balance("KR", shop.id)) == (10_00, 0)


def test_a_voucher_whose_money_was_called_back_can_be_blocked_and_let_go(app: Flask, context: Flask) -> None:
    programme = build.programme()
    shop = build.accepting_shop(programme.id)
    voucher = build.voucher(programme.id)
    wanted = requests.VoucherRequest(programme_id=programme.id, cents=100_00, buyer_email=f"{uuid4().hex}@example.org")
    sale = session.get_one(VoucherSale, drafts.draft_sale(wanted))
    now, number = clock.now(), sale.number
    sale.state, sale.voucher_id, sale.ordered_at, sale.paid_at, sale.delivered_at = (
        "delivered",
        voucher.voucher_id,
        now,
        now,
        now,
    )
    clerk, shopper = (shops.staff(role, programme.issuer_id) for role in ("issuer_clerk", "auditor"))
    session.commit()
    session.remove()

    def run(by: str, *more: str) -> int:
        call = ["vouchers", "block", number, "--by", by, "--reason", "du_123", *more]
        return int(app.test_cli_runner().invoke(args=call).exit_code)

    assert run(shopper) == 2
    assert redeeming.look(shop.token, voucher.token)["remaining_cents"] == 100_00
    assert run(clerk) == 0
    with pytest.raises(NotFound):
        redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 100, str(uuid4())))
    assert run(clerk, "--undo") == 0
    assert (
        redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 100, str(uuid4()))).body["remaining_cents"] == 99_00
    )
