"""From draft to orders: stock, windows, sums, keys. Races run in real threads."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, transact, uuid7
from foundation.errors import Invalid, Refused
from marketplace.cart import queries
from marketplace.cart.lifecycle import merge
from marketplace.cart.models import Cart
from marketplace.catalogue.models import Offer, Stock
from marketplace.checkout import placing, steps
from marketplace.checkout.draft import load_draft
from marketplace.checkout.models import Checkout
from marketplace.checkout.placing import Placement
from marketplace.handover import windows
from marketplace.handover.models import CollectionRule, HandoverWindow, WindowBooking, WindowHold
from marketplace.handover.places import list_places, load_rule
from marketplace.orders.models import Order, OrderGroup, OrderLine
from marketplace.stock.models import StockAllocation, StockHold
from marketplace.stock.queries import count_available
from money.payments import deciding, methods, starting
from money.payments.models import Payment, PaymentShare
from people import persons
from people.models import Outlet
from tests.builders import orders as build
from tests.builders.threads import at_once


def groups(cart_id: UUID) -> int:
    return int(session.scalar(sa.select(sa.func.count()).where(OrderGroup.cart_id == cart_id)) or 0)


def left(offer: Offer) -> int | None:
    return count_available([offer.id])[offer.id]


def test_three_shops_become_three_orders_under_one_payment(context: Flask) -> None:
    offers = [build.offer(build.shop(), cents=cents) for cents in (3_33, 5_00, 7_77)]
    made = build.ordered(*offers, quantity=2)
    assert [order.number for order in made.orders] == [f"{made.group.number}-{n}" for n in (1, 2, 3)]
    assert sorted(order.total_cents for order in made.orders) == [6_66, 10_00, 15_54]
    payment = session.get_one(Payment, made.group.payment_id)
    assert (payment.cents, payment.state, payment.rail) == (32_20, "secured", "seller")
    query = sa.select(PaymentShare.ref_id, PaymentShare.cents).where(PaymentShare.payment_id == payment.id)
    shares = {row[0]: row[1] for row in session.execute(query)}
    assert shares == {order.id: order.total_cents for order in made.orders}
    assert {order.state for order in made.orders} == {"new"}
    assert len({order.code_hash for order in made.orders}) == 3
    assert [order.due_cents for order in made.orders] == [order.total_cents for order in made.orders]
    assert [left(offer) for offer in offers] == [48, 48, 48]


def test_an_order_keeps_name_price_and_tax_as_they_were(context: Flask) -> None:
    offer = build.offer(build.shop(), cents=4_00)
    name, made = offer.name, build.ordered(offer)
    session.execute(sa.update(Offer).where(Offer.id == offer.id).values(name="Anders", price_cents=9_99))
    session.commit()
    line = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == made.orders[0].id)).one()
    assert (line.name, line.price_cents, line.vat_rate_bp, line.cents) == (name, 4_00, 1900, 4_00)


def test_fifty_buyers_on_the_last_piece_make_exactly_one_order(context: Flask, app: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=1)
    carts = [build.cart(offer) for _n in range(50)]

    def buy(cart_id: UUID) -> UUID:
        payment_id = build.place(build.draft(cart_id))
        starting.start(payment_id)
        return payment_id

    results = at_once(app, buy, carts)
    bought = [result for result in results if isinstance(result, UUID)]
    refused = [result for result in results if isinstance(result, Refused)]
    assert (len(bought), len(refused)) == (1, 49)
    assert {error.code for error in refused} <= {"stock_short", "cart_changed"}
    assert int(session.scalar(sa.select(sa.func.count()).where(OrderLine.offer_id == offer.id)) or 0) == 1
    assert left(offer) == 0


def test_a_hold_that_ran_out_does_not_sell_the_piece_twice(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=1)
    late = build.draft(build.cart(offer))
    with clock.at(clock.now() + timedelta(minutes=16)):
        quick = build.place(build.draft(build.cart(offer)))
        starting.start(quick)
        with pytest.raises(Refused):
            build.place(late)
    assert build.of_payment(quick).group.state == "placed"
    assert session.get_one(Checkout, late).name == "Anna Beispiel"


def test_a_hold_that_ran_out_still_orders_when_the_piece_is_there(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=1)
    night = clock.berlin(clock.now()).replace(hour=3, minute=0) + timedelta(days=1)  # no time to collect ends meanwhile
    with clock.at(night):
        late = build.draft(build.cart(offer))
    with clock.at(night + timedelta(minutes=16)):
        assert left(offer) == 1
        assert isinstance(build.place(late), UUID)
        assert left(offer) == 0


def test_twenty_whose_holds_ran_out_press_the_button_for_the_last_piece(context: Flask, app: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=20)
    drafts = [build.draft(build.cart(offer)) for _n in range(20)]
    long_ago = clock.now() - timedelta(minutes=1)
    session.execute(sa.update(StockHold).where(StockHold.offer_id == offer.id).values(expires_at=long_ago))
    session.execute(sa.update(Stock).where(Stock.offer_id == offer.id).values(on_hand=1))
    session.commit()
    results = at_once(app, build.place, drafts)
    assert len([result for result in results if isinstance(result, UUID)]) == 1
    # Who looked before the piece was sold and pressed afterwards was shown another sum.
    late = {"stock_short", "cart_changed", "order_total_differs"}
    assert {error.code for error in results if isinstance(error, Refused)} <= late
    assert left(offer) == 0


def test_leaving_puts_everything_back(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=2)
    draft = build.draft(build.cart(offer))
    assert left(offer) == 1
    transact(steps.leave, draft)
    assert left(offer) == 2
    assert session.scalar(sa.select(WindowHold.window_id).where(WindowHold.checkout_id == draft)) is None


def test_two_buyers_on_the_last_place_of_a_window(context: Flask, app: Flask) -> None:
    shop = build.shop(capacity=1)
    drafts = [transact(steps.begin, build.cart(build.offer(shop))) for _n in range(12)]
    chosen = build.first_window(drafts[0])
    window = next(iter(chosen.values()))

    def choose(draft: UUID) -> None:
        transact(steps.choose, draft, chosen=chosen, name="Anna", email="a@example.org", phone="")

    results = at_once(app, choose, drafts)
    refused = [error for error in results if error is not None]
    assert len(refused) == 11
    assert {error.code for error in refused} <= {"window_full", "window_not_offered"}
    assert session.scalar(sa.select(sa.func.count()).where(WindowHold.window_id == window)) == 1
    assert len({d for d in drafts if load_draft(d).basket.lines}) == 12


def test_eight_whose_holds_ran_out_press_the_button_for_the_last_place(context: Flask, app: Flask) -> None:
    shop = build.shop(capacity=8)
    drafts = [build.draft(build.cart(build.offer(shop))) for _n in range(8)]
    window = load_draft(drafts[0]).parts[0].window
    assert window
    long_ago = clock.now() - timedelta(minutes=1)
    session.execute(sa.update(WindowHold).where(WindowHold.window_id == window.id).values(expires_at=long_ago))
    session.execute(sa.update(HandoverWindow).where(HandoverWindow.id == window.id).values(capacity=1))
    session.execute(sa.update(CollectionRule).where(CollectionRule.outlet_id == shop.id).values(capacity=1))
    session.commit()
    results = at_once(app, build.place, drafts)
    assert len([result for result in results if isinstance(result, UUID)]) == 1
    assert {error.code for error in results if isinstance(error, Refused)} <= {"window_full", "window_gone"}
    assert windows.count_occupied([window.id]) == {window.id: 1}


def test_a_window_that_closed_meanwhile_is_refused_and_the_basket_stays(context: Flask) -> None:
    offer = build.offer(build.shop())
    draft = build.draft(build.cart(offer))
    part = load_draft(draft).parts[0]
    assert part.window
    with clock.at(part.window.starts_at + timedelta(minutes=1)), pytest.raises(Refused) as refused:
        build.place(draft)
    assert refused.value.code == "window_gone"
    assert groups(load_draft(draft).row.cart_id) == 0
    assert len(load_draft(draft).basket.lines) == 1


def test_cut_off_one_minute_before_and_after(context: Flask) -> None:
    shop = build.shop(ready_hours=0, opening_hours="Mo-Su,PH 09:00-18:00")
    rule = load_rule(shop.id)
    tomorrow = clock.berlin(clock.now() + timedelta(days=1)).replace(hour=13, minute=59, second=0, microsecond=0)
    rule.cutoff = tomorrow.replace(minute=0, hour=14).time()
    session.commit()
    offered = []
    for at in (tomorrow, tomorrow + timedelta(minutes=2)):
        with clock.at(at):
            place = list_places(shop, {"ambient"}, goods_only=True)[0]
            offered.append(windows.list_windows(place)[0].starts_at.date() - at.date())
    assert offered == [timedelta(0), timedelta(days=1)]


def test_windows_leave_out_the_lunch_break_and_holidays(context: Flask) -> None:
    shop = build.shop(opening_hours="Mo-Fr 09:00-12:30,14:30-18:30; Sa 09:00-13:00")
    wednesday = clock.berlin(clock.now()).replace(year=2026, month=12, day=23, hour=8, minute=0)
    with clock.at(wednesday):
        place = list_places(shop, {"ambient"}, goods_only=True)[0]
        found = [(w.starts_at.strftime("%d %H:%M"), w.ends_at.strftime("%H:%M")) for w in windows.list_windows(place)]
    assert found[:4] == [("23 09:00", "11:00"), ("23 11:00", "12:30"), ("23 14:30", "16:30"), ("23 16:30", "18:30")]
    assert not any(day.startswith(("25", "26", "27")) for day, _end in found)


def test_cooled_goods_are_not_offered_at_a_warm_point(context: Flask) -> None:
    warm, cold = build.point(), build.point(storage=("ambient", "cool"))
    shop = build.shop()
    names = {place.id for place in list_places(shop, {"ambient", "cool"}, goods_only=True)}
    assert cold.id in names
    assert warm.id not in names
    assert {place.is_point for place in list_places(shop, {"ambient"}, goods_only=False)} == {False}


def test_a_price_that_changed_between_the_pages_stops_the_order(context: Flask) -> None:
    offer = build.offer(build.shop(), cents=10_00)
    cart = build.cart(offer)
    draft = build.draft(cart)
    session.execute(sa.update(Offer).where(Offer.id == offer.id).values(price_cents=12_00))
    session.commit()
    with pytest.raises(Refused) as refused:
        build.place(draft, shown=10_00)
    assert refused.value.code == "order_total_differs"
    assert refused.value.details["total_cents"] == 12_00
    assert "12,00" in str(refused.value.sentence)
    assert groups(cart) == 0
    with pytest.raises(Refused) as again:
        build.place(draft, shown=12_00)
    assert again.value.code == "cart_changed"


def test_a_forged_total_stops_the_order(context: Flask) -> None:
    cart = build.cart(build.offer(build.shop(), cents=10_00))
    draft = build.draft(cart)
    with pytest.raises(Refused):
        build.place(draft, shown=1)
    assert groups(cart) == 0
    assert session.get_one(Cart, cart, populate_existing=True).closed_at is None


def test_twelve_clicks_make_one_order(context: Flask, app: Flask) -> None:
    cart = build.cart(build.offer(build.shop()))
    draft = build.draft(cart)
    key = load_draft(draft).row.key
    results = at_once(app, lambda _n: build.place(draft, key=key, shown=10_00), range(12))
    assert len(set(results)) == 1
    assert isinstance(results[0], UUID)
    assert groups(cart) == 1
    starting.start(results[0])
    again = transact(placing.place, draft, Placement(key, 10_00, "pickup", person_id=None, language="de"))
    assert again == results[0]


def test_a_key_from_an_old_page_is_refused(context: Flask) -> None:
    cart = build.cart(build.offer(build.shop()))
    draft = build.draft(cart)
    with pytest.raises(Refused) as refused:
        build.place(draft, key=uuid7())
    assert refused.value.code == "page_old"
    assert groups(cart) == 0


def test_a_failed_payment_keeps_basket_choices_and_goods(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=1)
    cart = build.cart(offer)
    draft = build.draft(cart)
    before = load_draft(draft)
    key = before.row.key
    payment_id = build.place(draft)
    assert transact(deciding.abort_if_open, payment_id, "abandoned")
    after = load_draft(draft)
    assert build.of_payment(payment_id).group.state == "failed"
    assert {order.state for order in build.of_payment(payment_id).orders} == {"expired"}
    assert after.row.key != key
    assert (after.row.name, after.cart.is_held, after.parts[0].window) == (
        "Anna Beispiel",
        True,
        before.parts[0].window,
    )
    assert left(offer) == 0
    assert session.scalar(sa.select(StockHold.quantity).where(StockHold.cart_id == cart)) == 1
    second = build.place(draft)
    starting.start(second)
    assert build.of_payment(second).group.state == "placed"
    assert left(offer) == 0
    assert groups(cart) == 2


def test_what_is_not_counted_needs_no_hold(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=None)
    made = build.ordered(offer, quantity=9)
    query = sa.select(StockAllocation).join(OrderLine, OrderLine.id == StockAllocation.order_line_id)
    assert session.scalars(query.where(OrderLine.order_id == made.orders[0].id)).all() == []
    assert made.orders[0].total_cents == 90_00


def test_goods_for_adults_need_confirmation(context: Flask) -> None:
    offer = build.offer(build.shop())
    session.execute(sa.update(Offer).where(Offer.id == offer.id).values(age_limit=16))
    session.commit()
    cart = build.cart(offer)
    with pytest.raises(Invalid) as refused:
        build.place(build.draft(cart))
    assert refused.value.code == "age_not_confirmed"
    assert groups(cart) == 0


def test_wrong_contact_is_refused_and_nothing_is_written_down(context: Flask) -> None:
    draft = transact(steps.begin, build.cart(build.offer(build.shop())))
    chosen = build.first_window(draft)
    for name, email, phone in (("", "a@b.de", ""), ("Anna", "keine Adresse", ""), ("Anna", "a@b.de", "<script>")):
        with pytest.raises(Invalid):
            transact(steps.choose, draft, chosen=chosen, name=name, email=email, phone=phone)
    assert (load_draft(draft).row.name, load_draft(draft).parts[0].window) == ("", None)


def test_points_take_no_money_for_shops(context: Flask) -> None:
    point = build.point()
    draft = build.draft(build.cart(build.offer(build.shop())), at=point.id)
    due = load_draft(draft).calculate_amount_due("de")
    assert [offer.method for offer in methods.list_offers(due)] == ["card", "sepa_debit"]
    with pytest.raises(Refused) as refused:
        build.place(draft, method="pickup")
    assert refused.value.code == "method_not_offered"


def test_only_what_every_shop_takes_is_offered(context: Flask) -> None:
    everything, few = build.shop(), build.shop(payment_kinds=("card", "cash"))
    draft = build.draft(build.cart(build.offer(everything), build.offer(few)))
    due = load_draft(draft).calculate_amount_due("de")
    assert [offer.method for offer in methods.list_offers(due)] == ["card"]
    assert methods.find_stored_value(due) is methods.of("voucher")


def test_a_debit_that_took_longer_than_the_window_moves_the_order(context: Flask) -> None:
    draft = build.draft(build.cart(build.offer(build.shop())))
    payment_id = build.place(draft)
    before = build.of_payment(payment_id).orders[0].starts_at
    with clock.at(before + timedelta(days=3, hours=1)):
        starting.start(payment_id)
    order = build.of_payment(payment_id).orders[0]
    assert order.starts_at > before + timedelta(days=3, hours=1)
    booked = session.scalar(sa.select(WindowBooking.window_id).where(WindowBooking.order_id == order.id))
    assert booked == windows.make_window_id(order.outlet_id, order.starts_at)


def test_stock_that_the_shop_counted_down_never_goes_below_nothing(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=5)
    build.ordered(offer, quantity=4)
    session.execute(sa.update(Stock).where(Stock.offer_id == offer.id).values(on_hand=1))
    session.commit()
    assert left(offer) == 0


def test_the_whole_order_leaves_letters(context: Flask) -> None:
    shop = build.shop()
    made = build.ordered(build.offer(shop), email="brief@example.org")
    mails = [text for template, text in build.mails_to("brief@example.org") if template.endswith("order_confirmed")]
    assert any(made.orders[0].number in text for text in mails)
    assert [template for template, _text in build.mails_to(shop.email)] == ["marketplace/order_new"]


def test_orders_of_a_group_are_gone_from_the_basket(context: Flask) -> None:
    made = build.ordered(build.offer(build.shop()))
    assert session.get_one(Cart, made.group.cart_id, populate_existing=True).closed_at is not None
    assert session.scalar(sa.select(Order.id).where(Order.group_id == made.group.id)) == made.orders[0].id


def test_what_was_merged_in_while_the_payment_ran_waits_in_a_new_basket(context: Flask) -> None:
    who = transact(persons.create, email=f"{uuid7()}@example.org", password_hash=None, confirmed=True).id
    ordered, later = build.offer(build.shop()), build.offer(build.shop())
    cart = build.cart(ordered, person_id=who)
    payment_id = build.place(build.draft(cart))
    assert transact(merge, build.cart(later), who) == cart
    starting.start(payment_id)
    rest = queries.find_open_cart(who)
    assert rest not in (None, cart)
    assert [line.offer.id for line in queries.load_basket(rest).lines] == [later.id]  # type: ignore[arg-type]


def test_a_shop_with_a_wrong_address_gets_its_order_all_the_same(context: Flask) -> None:
    shop = build.shop()
    session.execute(sa.update(Outlet).where(Outlet.id == shop.id).values(email="keine Adresse"))
    session.commit()
    session.refresh(shop)
    made = build.ordered(build.offer(shop))
    assert (made.group.state, made.orders[0].state) == ("placed", "new")


def test_baskets_in_opposite_order_do_not_block_each_other(context: Flask, app: Flask) -> None:
    offers = [build.offer(build.shop(), on_hand=12) for _n in range(3)]
    drafts = [build.draft(build.cart(*(offers if n % 2 else reversed(offers)))) for n in range(12)]
    results = at_once(app, build.place, drafts)
    assert [type(result) for result in results] == [UUID] * 12
    assert [left(offer) for offer in offers] == [0, 0, 0]
