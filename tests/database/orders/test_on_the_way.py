"""Accepting, ready, hand-over by code, rejecting, cancelling, points, withdrawing."""

from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from foundation.config import settings
from foundation.database import lock_one, session, transact, uuid7
from foundation.errors import Invalid, Refused
from marketplace.catalogue.models import Stock
from marketplace.handover.models import WindowBooking
from marketplace.orders import codes, handing_over, progress, queries, withdrawing
from marketplace.orders.models import HandOver, Order, OrderEvent, Withdrawal
from marketplace.stock.models import StockAllocation
from marketplace.stock.queries import count_available
from money.ledger import proof
from money.payments import losing
from money.payments.models import Payment, Tender, TenderPart
from people.models import Outlet
from tests.builders import orders as build
from tests.builders.threads import at_once


def now_of(order: Order) -> Order:
    return session.get_one(Order, order.id, populate_existing=True)


def code_of(order: Order) -> str:
    found = codes.reveal_code(now_of(order))
    assert found
    return found


def lying(order: Order) -> Order:
    transact(progress.accept, order.id)
    return transact(progress.mark_ready, order.id)


def on_hand(offer_id: object) -> int:
    return int(session.scalar(sa.select(Stock.on_hand).where(Stock.offer_id == offer_id)) or 0)


def fresh_address() -> str:
    return f"{uuid7().hex}@example.org"


def templates(email: str) -> list[str]:
    return [template for template, _text in build.mails_to(email)]


def test_ready_is_told_only_when_the_shop_marks_it(context: Flask) -> None:
    order = build.ordered(build.offer(build.shop()), email="bereit@example.org").orders[0]
    transact(progress.accept, order.id)
    assert "marketplace/order_ready" not in templates("bereit@example.org")
    transact(progress.mark_ready, order.id)
    assert templates("bereit@example.org").count("marketplace/order_ready") == 1


def test_hand_over_by_code_takes_goods_off_the_shelf_and_collects(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=10)
    order = build.ordered(offer, quantity=3).orders[0]
    lying(order)
    done = transact(handing_over.hand_over, order.id, code=code_of(order), collected=True)
    assert (done.by_code, done.collected_cents) == (True, 30_00)
    assert (now_of(order).state, on_hand(offer.id), count_available([offer.id])[offer.id]) == (
        "handed_over",
        7,
        7,
    )
    part = session.scalars(sa.select(TenderPart).join(Tender).where(Tender.payment_id == order.group.payment_id)).one()
    assert part.collected_at is not None
    assert codes.reveal_code(now_of(order)) is None


def test_a_code_works_once(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=10)
    order = build.ordered(offer).orders[0]
    lying(order)
    code = code_of(order)
    transact(handing_over.hand_over, order.id, code=code, collected=True)
    with pytest.raises(Refused) as refused:
        transact(handing_over.hand_over, order.id, code=code, collected=True)
    assert refused.value.code == "handed_over"
    assert on_hand(offer.id) == 9


def test_twenty_counters_hand_over_once(context: Flask, app: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=10)
    order = build.ordered(offer).orders[0]
    lying(order)
    code = code_of(order)

    def give(_n: int) -> HandOver:
        return transact(handing_over.hand_over, order.id, code=code, collected=True)

    results = at_once(app, give, range(20))
    assert len([r for r in results if isinstance(r, HandOver)]) == 1
    assert [r.code for r in results if isinstance(r, Refused)] == ["handed_over"] * 19
    assert on_hand(offer.id) == 9


def test_wrong_foreign_or_no_code_hands_over_nothing(context: Flask) -> None:
    shop = build.shop()
    offer = build.offer(shop, on_hand=10)
    mine, theirs = build.ordered(offer).orders[0], build.ordered(offer).orders[0]
    lying(mine)
    for code in (code_of(theirs), "0000 000", "", None):
        with pytest.raises(Invalid):
            transact(handing_over.hand_over, mine.id, code=code, collected=True)
    assert (now_of(mine).state, on_hand(offer.id)) == ("ready", 10)
    assert session.get(HandOver, mine.id) is None


def test_what_is_not_paid_is_not_handed_over_before_it_is_collected(context: Flask) -> None:
    order = build.ordered(build.offer(build.shop())).orders[0]
    lying(order)
    with pytest.raises(Invalid) as refused:
        transact(handing_over.hand_over, order.id, code=code_of(order))
    assert refused.value.code == "not_collected"
    assert now_of(order).state == "ready"


def test_without_code_after_a_look_at_who_it_is(context: Flask) -> None:
    order = build.ordered(build.offer(build.shop())).orders[0]
    lying(order)
    done = transact(handing_over.hand_over, order.id, code="", seen=True, collected=True)
    assert done.by_code is False


def test_nothing_is_handed_over_before_it_is_ready(context: Flask) -> None:
    order = build.ordered(build.offer(build.shop())).orders[0]
    with pytest.raises(Refused):
        transact(handing_over.hand_over, order.id, code=code_of(order), collected=True)
    assert now_of(order).state == "new"


def test_cancelling_one_shops_part_leaves_the_others(context: Flask) -> None:
    first, second = build.offer(build.shop(), on_hand=5), build.offer(build.shop(), on_hand=5)
    made = build.ordered(first, second)
    gone, stays = made.orders
    transact(progress.cancel, gone.id)
    assert (now_of(gone).state, now_of(stays).state) == ("cancelled", "new")
    left = count_available([first.id, second.id])
    assert sorted(v for v in left.values() if v is not None) == [4, 5]
    assert session.get_one(WindowBooking, gone.id).released_at is not None
    part = session.execute(sa.select(TenderPart.waived_at, TenderPart.share_id).order_by(TenderPart.id.desc())).all()
    assert len([row for row in part[:2] if row.waived_at]) == 1
    assert codes.reveal_code(now_of(gone)) is None


def test_after_acceptance_the_shopper_cannot_cancel(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=5)
    order = build.ordered(offer).orders[0]
    transact(progress.accept, order.id)
    with pytest.raises(Refused) as refused:
        transact(progress.cancel, order.id)
    assert refused.value.code == "too_late"
    assert (now_of(order).state, count_available([offer.id])[offer.id]) == ("accepted", 4)


def test_rejecting_needs_a_reason_and_tells_the_shopper(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=5)
    order = build.ordered(offer, email="abgelehnt@example.org").orders[0]
    with pytest.raises(Invalid):
        transact(progress.reject, order.id, " ")
    assert now_of(order).state == "new"
    transact(progress.reject, order.id, "Der Ofen ist kaputt")
    assert (now_of(order).state, count_available([offer.id])[offer.id]) == ("cancelled", 5)
    assert "marketplace/order_rejected" in templates("abgelehnt@example.org")


def test_every_step_has_its_event_and_events_cannot_be_changed(context: Flask) -> None:
    order = build.ordered(build.offer(build.shop())).orders[0]
    lying(order)
    events = queries.list_events([order.id])[order.id]
    assert [(e.verb, e.to_state) for e in events] == [
        ("placed", "pending"),
        ("secured", "new"),
        ("accepted", "accepted"),
        ("ready", "ready"),
    ]
    with pytest.raises(DBAPIError):
        session.execute(sa.update(OrderEvent).where(OrderEvent.order_id == order.id).values(reason="x"))
    session.rollback()


def test_a_withdrawal_is_taken_down_acknowledged_and_cannot_be_changed(context: Flask) -> None:
    shop = build.shop()
    order = build.ordered(build.offer(shop), email="widerruf@example.org").orders[0]
    given = {"name": "Anna Beispiel", "contract": order.number.lower(), "email": "Widerruf@example.org"}
    row_id = transact(withdrawing.record_withdrawal, **given, statement="Nur das Brett", language="de")
    row = session.get_one(Withdrawal, row_id)
    assert (row.order_id, row.statement) == (order.id, "Nur das Brett")
    assert "marketplace/withdrawal_received" in templates("widerruf@example.org")
    assert "marketplace/withdrawal_shop" in templates(shop.email)
    for statement in (sa.update(Withdrawal).values(name="x"), sa.delete(Withdrawal)):
        with pytest.raises(DBAPIError):
            session.execute(statement.where(Withdrawal.id == row_id))
        session.rollback()


def test_a_withdrawal_for_an_unknown_order_is_taken_down_all_the_same(context: Flask) -> None:
    order = build.ordered(build.offer(build.shop()), email="richtig@example.org").orders[0]
    row_id = transact(
        withdrawing.record_withdrawal,
        name="Jemand",
        contract=order.number,
        email="fremd@example.org",
        statement="",
        language="de",
    )
    assert session.get_one(Withdrawal, row_id).order_id is None
    assert "withdrawn" not in [e.verb for e in queries.list_events([order.id])[order.id]]


def test_found_by_code_number_and_name_and_only_at_home(context: Flask) -> None:
    home, elsewhere = build.shop(), build.shop()
    order = build.ordered(build.offer(home)).orders[0]
    for words in (code_of(order), code_of(order).replace(" ", ""), order.number, "beisp"):
        assert [found.id for found in queries.find_orders(words, outlet_ids=[home.id])] == [order.id], words
        assert queries.find_orders(words, outlet_ids=[elsewhere.id]) == []
    assert queries.find_orders("%", outlet_ids=[home.id]) == []


def test_the_proof_sees_a_doubled_state_and_a_wrong_sum(own_database: Flask) -> None:
    made = build.ordered(build.offer(build.shop()))
    assert {finding.code for finding in proof.prove()} == set()
    session.execute(sa.update(Order).where(Order.id == made.orders[0].id).values(total_cents=1, due_cents=0))
    session.execute(sa.update(StockAllocation).values(quantity=2))
    session.commit()
    assert {finding.code for finding in proof.prove()} == {"O-01", "O-02", "O-03"}
    session.execute(sa.update(Order).where(Order.id == made.orders[0].id).values(state="handed_over"))
    session.commit()
    assert {"O-04", "O-05"} <= {finding.code for finding in proof.prove()}


def test_the_proof_sees_a_lost_window_money_that_was_not_taken_and_an_open_basket(own_database: Flask) -> None:
    offer = build.offer(build.shop())
    over, waiting = build.ordered(offer), build.ordered(offer)
    lying(over.orders[0])
    transact(handing_over.hand_over, over.orders[0].id, code=code_of(over.orders[0]), collected=True)
    assert {finding.code for finding in proof.prove()} == set()
    with psycopg.connect(settings().database_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")  # past every trigger, as no application could
        owner.execute("UPDATE hand_over SET collected_cents = 1")
        owner.execute("UPDATE cart SET closed_at = NULL")
        owner.execute("UPDATE window_booking SET released_at = now() WHERE order_id = %s", [waiting.orders[0].id])
    assert {finding.code for finding in proof.prove()} == {"O-06", "O-07", "O-08"}


def taken_back(order: Order, case: UUID, *, back: bool = False) -> None:
    """The payer's bank takes the card's money of this order back, or returns it."""

    def happen() -> None:
        assert order.group.payment_id
        payment = lock_one(Payment, order.group.payment_id)
        if back:
            losing.give_back(payment, case)
        else:
            losing.lose(payment, case, {order.id: order.total_cents}, "dispute")

    transact(happen)


def test_an_order_whose_money_was_taken_back_is_not_handed_over_until_it_returns(context: Flask) -> None:
    order, case = build.ordered(build.offer(build.shop(), on_hand=10)).orders[0], uuid7()
    lying(order)
    taken_back(order, case)
    code = code_of(order)
    with pytest.raises(Refused) as refused:
        transact(handing_over.hand_over, order.id, code=code, collected=True)
    assert refused.value.code == "money_taken_back"
    taken_back(order, case)
    taken_back(order, case, back=True)
    transact(handing_over.hand_over, order.id, code=code, collected=True)
    verbs = session.scalars(sa.select(OrderEvent.verb).where(OrderEvent.order_id == order.id).order_by(OrderEvent.id))
    assert list(verbs)[-3:] == ["money_lost", "money_back", "handed_over"]


def test_what_was_handed_over_in_good_faith_stays(context: Flask) -> None:
    order = build.ordered(build.offer(build.shop(), on_hand=10)).orders[0]
    lying(order)
    transact(handing_over.hand_over, order.id, code=code_of(order), collected=True)
    taken_back(order, uuid7())
    assert (now_of(order).state, now_of(order).frozen_at) == ("handed_over", None)


def outcome_mails(order: Order) -> list[str]:
    """Which mails about money that was taken back the shopper and the shop have, oldest first."""
    found = [*templates(order.group.email), *templates(order.outlet.email)]
    steps = ("frozen", "thawed", "lost")
    return [name.removeprefix("marketplace/order_") for name in found if any(step in name for step in steps)]


def test_shopper_and_shop_are_told_once_when_money_is_taken_back_and_when_it_returns(context: Flask) -> None:
    order, case = (
        build.ordered(build.offer(build.shop()), email=fresh_address()).orders[0],
        uuid7(),
    )
    taken_back(order, case)
    taken_back(order, case)
    assert outcome_mails(order) == ["frozen", "frozen_shop"]
    taken_back(order, case, back=True)
    taken_back(order, case, back=True)
    assert outcome_mails(order) == ["frozen", "thawed", "frozen_shop", "thawed_shop"]
    text = dict(build.mails_to(order.outlet.email))["marketplace/order_frozen_shop"]
    assert order.number in text


def test_an_order_goes_on_only_when_all_that_was_taken_is_back(context: Flask) -> None:
    order, first, second = build.ordered(build.offer(build.shop()), email=fresh_address()).orders[0], uuid7(), uuid7()
    taken_back(order, first)
    taken_back(order, second)
    taken_back(order, first, back=True)
    assert now_of(order).is_frozen
    taken_back(order, second, back=True)
    assert not now_of(order).is_frozen


def test_a_lost_dispute_is_told_and_one_that_nobody_waits_for_is_not(context: Flask) -> None:
    shop = build.shop()
    order, other = (build.ordered(build.offer(shop), email=fresh_address()).orders[0] for _each in range(2))
    for each in (order, other):
        case = uuid7()
        taken_back(each, case)
        if each is other:
            taken_back(each, case, back=True)
        transact(lambda: losing.end(lock_one(Payment, each.group.payment_id), [case]))  # noqa: B023 called at once
    assert outcome_mails(order).count("lost") == 1
    assert "lost" not in outcome_mails(other)
    assert outcome_mails(order).count("lost_shop") == 1


def test_a_wrong_address_of_the_shop_stops_no_loss(context: Flask) -> None:
    order = build.ordered(build.offer(build.shop()), email=fresh_address()).orders[0]
    session.execute(sa.update(Outlet).where(Outlet.id == order.outlet_id).values(email="keine Adresse"))
    session.commit()
    taken_back(order, uuid7())
    assert (now_of(order).is_frozen, outcome_mails(order)) == (True, ["frozen"])
