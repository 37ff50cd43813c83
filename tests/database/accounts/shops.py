"""Paths of orders in the marketplace."""

from foundation.database import session, transact
from marketplace.checkout.vouchers import apply_voucher
from marketplace.orders import handing_over, progress
from money.payments import calling
from tests.builders import orders as build
from tests.builders import vouchers
from tests.database.accounts import ground, losing
from tests.database.accounts.stage import Stage, money_path
from vouchers.network import programmes
from vouchers.stored_value.issuing import Issued

GROUP = "Orders in the marketplace"


def voucher_for(*outlets: build.Outlet, cents: int) -> Issued:
    """A voucher that these shops take."""
    made = ground.programme()
    for outlet in outlets:
        programmes.accept(made.id, outlet.id)
    session.commit()
    given = vouchers.voucher(made.id, cents)
    session.commit()
    return given


@money_path(
    "order-over-many-shops",
    GROUP,
    "An order over two shops, paid by voucher and card, handed over",
    "The voucher's value is reserved first and goes to the shops when the card has paid the rest. Card money of"
    " shops stays with the licensed provider: memo accounts only. Handing over moves no money.",
)
def order_everywhere(stage: Stage) -> None:
    one, two = build.shop(), build.shop()
    given = voucher_for(one, cents=14_00)
    draft = build.draft(build.cart(build.offer(one, cents=20_00), build.offer(two, cents=10_00)))
    transact(apply_voucher, draft, given.token, "de")
    with stage.step("The order is placed: 14.00 of the voucher are reserved, 16.00 are to be paid by card."):
        payment = build.place(draft, method="card")
    with stage.step("The card is charged: voucher and card are captured for good, each shop its part."):
        ground.pay_by_card(stage, payment)
    orders = build.of_payment(payment).orders
    with stage.step("The second shop hands its goods over."):
        theirs = next(order for order in orders if order.outlet_id == two.id)
        transact(progress.accept, theirs.id)
        transact(progress.mark_ready, theirs.id)
        transact(handing_over.hand_over, theirs.id, code="", seen=True)
    with stage.step("The first shop's part is cancelled: it goes back to voucher and card."):
        gone = next(order for order in orders if order.outlet_id == one.id)
        transact(progress.cancel, gone.id)
        calling.advance(payment, force=True)


@money_path(
    "order-disputed",
    GROUP,
    "Card money of an order is disputed",
    "The provider takes its part back from the seller's money and charges a fee; our own books note it on memo"
    " accounts. The part that a voucher paid is not touched.",
)
def dispute_order(stage: Stage) -> None:
    shop = build.shop()
    given = voucher_for(shop, cents=10_00)
    draft = build.draft(build.cart(build.offer(shop, cents=30_00)))
    transact(apply_voucher, draft, given.token, "de")
    payment = build.place(draft, method="card")
    with stage.step("10.00 are paid by voucher, 20.00 by card."):
        ground.pay_by_card(stage, payment)
    with stage.step("The shopper's bank takes the 20.00 back."):
        ref = losing.dispute(stage, payment)
    with stage.step("The dispute is won."):
        losing.settle(stage, ref, won=True)


@money_path(
    "order-given-up",
    GROUP,
    "An order that is never paid",
    "What the voucher had set aside is the holder's again.",
)
def give_up(stage: Stage) -> None:
    shop = build.shop()
    given = voucher_for(shop, cents=20_00)
    draft = build.draft(build.cart(build.offer(shop, cents=30_00)))
    transact(apply_voucher, draft, given.token, "de")
    with stage.step("The order is placed: 20.00 are reserved."):
        payment = build.place(draft, method="card")
        ground.starting.start(payment)
    with stage.step("The shopper leaves the provider's page."):
        ground.starting.abandon(payment)
