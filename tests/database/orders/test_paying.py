"""Orders paid by real methods: vouchers, the stand-in's card and debit, at pick-up, and mixtures."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import session, transact
from foundation.errors import Invalid, NotFound, Refused
from marketplace.cart.models import Cart
from marketplace.checkout import steps
from marketplace.checkout.draft import load_draft
from marketplace.checkout.models import CheckoutVoucher
from marketplace.checkout.vouchers import apply_voucher, list_applied_vouchers
from marketplace.orders import handing_over, progress
from money.payments import calling, starting
from money.payments.models import Payment, Tender
from people.models import Outlet
from tests.builders import orders as build
from tests.builders import vouchers
from vouchers.network import programmes
from vouchers.stored_value import queries
from vouchers.stored_value.issuing import Issued


def gift(*outlets: Outlet, cents: int = 20_00) -> Issued:
    """A voucher that these shops take."""
    made = vouchers.programme()
    for outlet in outlets:
        programmes.accept(made.id, outlet.id)
    given = vouchers.voucher(made.id, cents)
    session.commit()
    return given


def lay(draft: UUID, given: str) -> CheckoutVoucher:
    return transact(apply_voucher, draft, given, "de")


def tenders(payment_id: UUID) -> list[tuple[str, int, str]]:
    query = sa.select(Tender.method, Tender.cents, Tender.state).where(Tender.payment_id == payment_id)
    return [tuple(row) for row in session.execute(query.order_by(Tender.position))]


def test_a_voucher_alone_pays_at_once(stripe: Running) -> None:
    shop = build.shop()
    given = gift(shop)
    draft = build.draft(build.cart(build.offer(shop, cents=15_00)))
    lay(draft, given.token)
    payment_id = build.place(draft, method=None)
    starting.start(payment_id)
    made = build.of_payment(payment_id)
    assert (made.group.state, made.orders[0].due_cents) == ("placed", 0)
    assert tenders(payment_id) == [("voucher", 15_00, "captured")]
    assert queries.calculate_available(given.voucher_id) == 5_00


def test_vouchers_and_card_over_three_shops_add_up_per_shop(stripe: Running) -> None:
    one, two, three = (build.shop() for _n in range(3))
    region, local = gift(one, two, cents=12_00), gift(three, cents=13_00)
    offers = [build.offer(shop, cents=cents) for shop, cents in ((one, 10_00), (two, 10_00), (three, 30_00))]
    draft = build.draft(build.cart(*offers))
    lay(draft, region.token)
    lay(draft, f"{local.code} {local.pin}")
    payment_id = build.place(draft, method="card")
    page = starting.start(payment_id).url
    assert {order.state for order in build.of_payment(payment_id).orders} == {"pending"}
    stripe.pay(page)
    calling.advance(payment_id, force=True)
    made = build.of_payment(payment_id)
    assert made.group.state == "placed"
    found = tenders(payment_id)
    assert sorted(found) == [
        ("card", 25_00, "captured"),
        ("voucher", 2_00, "captured"),
        ("voucher", 10_00, "captured"),
        ("voucher", 13_00, "captured"),
    ]
    assert [order.due_cents for order in made.orders] == [0, 0, 0]
    assert (queries.calculate_available(region.voucher_id), queries.calculate_available(local.voucher_id)) == (0, 0)


def test_a_voucher_and_the_rest_at_the_counter(stripe: Running) -> None:
    shop = build.shop()
    draft = build.draft(build.cart(build.offer(shop, cents=30_00)))
    lay(draft, gift(shop).token)
    payment_id = build.place(draft, method="pickup")
    starting.start(payment_id)
    order = build.of_payment(payment_id).orders[0]
    assert (order.total_cents, order.due_cents) == (30_00, 10_00)
    transact(progress.accept, order.id)
    transact(progress.mark_ready, order.id)
    done = transact(handing_over.hand_over, order.id, code="", seen=True, collected=True)
    assert done.collected_cents == 10_00


def test_what_the_draft_keeps_of_a_voucher_opens_nothing(stripe: Running) -> None:
    shop = build.shop()
    given = gift(shop)
    draft = build.draft(build.cart(build.offer(shop)))
    lay(draft, given.token)
    row = session.execute(sa.text("SELECT * FROM checkout_voucher WHERE checkout_id = :id"), {"id": draft}).one()
    assert not any(secret in str(row) for secret in (given.token, given.code, given.pin))


@pytest.mark.parametrize("wrong", ["ML1.0000000000000000000000000A", "ABCD-EFGH-JKM 123456", "x", "' OR 1=1"])
def test_a_wrong_code_lays_nothing_down(stripe: Running, wrong: str) -> None:
    draft = build.draft(build.cart(build.offer(build.shop())))
    with pytest.raises((NotFound, Invalid, Refused)):
        lay(draft, wrong)
    assert list_applied_vouchers(draft) == []


def test_the_same_voucher_twice_and_one_that_pays_nothing_here_are_refused(stripe: Running) -> None:
    shop = build.shop()
    here, elsewhere = gift(shop), gift(build.shop())
    draft = build.draft(build.cart(build.offer(shop)))
    lay(draft, here.token)
    for token in (here.token, elsewhere.token):
        with pytest.raises(Invalid):
            lay(draft, token)
    assert [row.reference for row in list_applied_vouchers(draft)] == [here.voucher_id]


def test_a_voucher_spent_meanwhile_stops_the_order_and_nothing_is_held(stripe: Running) -> None:
    shop = build.shop()
    given = gift(shop, cents=10_00)
    drafts = [build.draft(build.cart(build.offer(shop, cents=10_00))) for _n in range(2)]
    for draft in drafts:
        lay(draft, given.token)
    starting.start(build.place(drafts[0], method=None))
    before = int(session.scalar(sa.select(sa.func.count()).select_from(Payment)) or 0)
    with pytest.raises(Exception, match="Guthaben"):
        build.place(drafts[1], method=None)
    assert int(session.scalar(sa.select(sa.func.count()).select_from(Payment)) or 0) == before
    assert load_draft(drafts[1]).cart.is_held


def test_a_cancelled_part_goes_back_to_voucher_and_card(stripe: Running) -> None:
    one, two = build.shop(), build.shop()
    given = gift(one, cents=14_00)
    draft = build.draft(build.cart(build.offer(one, cents=20_00), build.offer(two, cents=10_00)))
    lay(draft, given.token)
    payment_id = build.place(draft, method="card")
    stripe.pay(starting.start(payment_id).url)
    calling.advance(payment_id, force=True)
    gone = next(order for order in build.of_payment(payment_id).orders if order.outlet_id == one.id)
    transact(progress.cancel, gone.id)
    calling.advance(payment_id, force=True)
    assert queries.calculate_available(given.voucher_id) == 14_00
    assert session.get_one(Payment, payment_id, populate_existing=True).refunded_cents == 20_00
    assert {order.state for order in build.of_payment(payment_id).orders} == {"cancelled", "new"}


def test_a_card_that_is_given_up_frees_the_voucher_and_keeps_the_basket(stripe: Running) -> None:
    shop = build.shop()
    given = gift(shop)
    cart = build.cart(build.offer(shop, cents=30_00))
    draft = build.draft(cart)
    lay(draft, given.token)
    payment_id = build.place(draft, method="card")
    starting.start(payment_id)
    assert queries.calculate_available(given.voucher_id) == 0
    page = starting.abandon(payment_id)
    assert page.endswith("/bestellen/bezahlen")
    assert queries.calculate_available(given.voucher_id) == 20_00
    assert (load_draft(draft).basket.cents, load_draft(draft).cart.is_held) == (30_00, True)
    assert [row.reference for row in list_applied_vouchers(draft)] == [given.voucher_id]


def test_a_debit_sets_the_basket_aside_and_a_failed_one_brings_it_back(stripe: Running) -> None:
    cart = build.cart(build.offer(build.shop(), cents=30_00))
    draft = build.draft(cart, email="debit@example.org")
    payment_id = build.place(draft, method="sepa_debit")
    assert transact(steps.set_cart_aside, cart) is False
    stripe.pay_by_debit(starting.start(payment_id).url, "DE62370400440532013001")
    calling.advance(payment_id, force=True)
    assert transact(steps.set_cart_aside, cart) is True
    assert session.get_one(Cart, cart, populate_existing=True).closed_at is not None
    stripe.advance(deliver=False)
    calling.advance(payment_id, force=True)
    assert build.of_payment(payment_id).group.state == "failed"
    assert session.get_one(Cart, cart, populate_existing=True).closed_at is None
    assert [template for template, _text in build.mails_to("debit@example.org")] == ["marketplace/order_not_paid"]


def test_a_parcel_for_a_point_is_paid_by_card_and_told_on_arrival(stripe: Running) -> None:
    point = build.point()
    draft = build.draft(build.cart(build.offer(build.shop(), cents=30_00)), at=point.id, email="paket@example.org")
    payment_id = build.place(draft, method="card")
    stripe.pay(starting.start(payment_id).url)
    calling.advance(payment_id, force=True)
    order = build.of_payment(payment_id).orders[0]
    assert order.starts_at > clock.now() + timedelta(hours=20)
    transact(progress.accept, order.id)
    transact(progress.mark_ready, order.id)

    def told() -> list[str]:
        return [template for template, _text in build.mails_to("paket@example.org")]

    assert "marketplace/order_ready" not in told()
    hand: Any = handing_over.hand_over
    with pytest.raises(Refused) as refused:
        transact(hand, order.id, code="", seen=True)
    assert refused.value.code == "not_arrived"
    transact(progress.mark_arrived, order.id)
    assert told().count("marketplace/order_ready") == 1
    with pytest.raises(Refused):
        transact(progress.mark_arrived, order.id)
    transact(hand, order.id, code="", seen=True)
    assert build.of_payment(payment_id).orders[0].state == "handed_over"
