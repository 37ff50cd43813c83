"""The same moment, from real threads: one page, one decision, one posting."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask

from demo.stripe_standin.testing import Running
from foundation.database import session
from foundation.errors import NotEnough, Refused
from money.ledger import proof
from money.payments import calling, deciding, messages, recovering, refunding, starting
from money.payments.models import Tender, WebhookEvent
from money.payments.tendering import TenderRequest
from tests.builders.payments import balance, mixed, opened, thing, token, told, transact
from tests.builders.stripe import at_stripe, intents_of
from tests.builders.threads import at_once


def crash_free(results: list[Any]) -> list[Any]:
    assert [r for r in results if isinstance(r, Exception)] == []
    return results


def test_a_double_click_opens_one_page(app: Flask, stripe: Running) -> None:
    payment, _ref, _voucher = mixed("card")
    urls = crash_free(at_once(app, lambda _place: starting.start(payment).url, range(8)))
    assert len(set(urls)) == 1
    assert told(payment).calls == {"authorise": ["pending"]}
    assert sum(url == urls[0] for url in urls) == 8


def test_return_message_and_poller_decide_and_book_once(app: Flask, stripe: Running) -> None:
    for _round in range(4):
        payment, _ref, voucher = mixed("card")
        stripe.pay(starting.start(payment).url)
        stripe.flush()
        waiting = list(session.scalars(sa.select(WebhookEvent.id).where(WebhookEvent.done_at.is_(None))))
        session.commit()
        deeds: list[Callable[[], object]] = [lambda: calling.advance(payment, force=True)] * 3  # noqa: B023
        deeds += [lambda event=event: messages.read_message(event) for event in waiting]  # type: ignore[misc]
        deeds += [recovering.recover]
        crash_free(at_once(app, lambda deed: deed(), deeds))
        calling.advance(payment, force=True)
        now = told(payment)
        assert (now.state, now.secured, now.failed) == ("secured", 1, [])
        assert now.calls == {"authorise": ["succeeded"], "capture": ["succeeded"]}
        assert now.booked == {"payment_captured": 30_00, "provider_fee": 70}
        assert balance(voucher) == (5_00, 0)
        assert at_stripe(stripe, payment) == {"captured": 30_00, "refunded": 0, "fee": 70}
    assert proof.prove() == []


def test_vouchers_alone_are_taken_once_by_many_starts(app: Flask, stripe: Running) -> None:
    ref, mark = thing(20_00, rail="seller"), token(100_00)
    payment = opened(ref, TenderRequest("test_token", 20_00, mark))
    crash_free(at_once(app, lambda _place: starting.start(payment).url, range(8)))
    assert (told(payment).secured, balance(mark)) == (1, (80_00, 0))


def test_expiry_and_authorisation_at_once_end_in_one_of_the_two(app: Flask, stripe: Running) -> None:
    ends = []
    for _round in range(6):
        payment, _ref, voucher = mixed("card")
        stripe.pay(starting.start(payment).url)

        def expire(payment: UUID = payment) -> object:
            return transact(deciding.abort_if_open, payment, "expired")

        def come_back(payment: UUID = payment) -> object:
            return calling.advance(payment, force=True)

        crash_free(at_once(app, lambda deed: deed(), [expire, come_back, expire, come_back]))
        calling.advance(payment, force=True)
        now = told(payment)
        ends.append(now.state)
        intent = intents_of(stripe, payment)[0]
        if now.state == "secured":
            assert (now.secured, now.failed, balance(voucher)) == (1, [], (5_00, 0))
            assert (intent["status"], intent["captured"]) == ("succeeded", 30_00)
        else:
            assert (now.secured, now.failed, balance(voucher)) == (0, ["expired"], (25_00, 0))
            assert (now.booked, intent["status"], intent["captured"]) == ({}, "canceled", 0)
    assert set(ends) <= {"secured", "failed"}
    assert proof.prove() == []


def test_the_same_key_from_many_threads_opens_one_payment(app: Flask, stripe: Running) -> None:
    ref, mark, key = thing(50_00), token(25_00), str(uuid4())
    wishes = [TenderRequest("test_token", 20_00, mark), TenderRequest("card", 30_00)]
    found = crash_free(at_once(app, lambda _place: opened(ref, *wishes, key=key), range(10)))
    assert len(set(found)) == 1
    assert balance(mark) == (25_00, 20_00)


def test_two_tabs_open_one_payment_for_one_thing(app: Flask, stripe: Running) -> None:
    ref, mark = thing(50_00), token(100_00)
    wishes = [TenderRequest("test_token", 20_00, mark), TenderRequest("card", 30_00)]
    found = at_once(app, lambda _place: opened(ref, *wishes), range(8))
    assert sorted(type(f).__name__ for f in found) == ["Refused"] * 7 + ["UUID"]
    assert {f.code for f in found if isinstance(f, Refused)} == {"payment_under_way"}
    assert balance(mark) == (100_00, 20_00)


def test_one_voucher_in_many_baskets_is_never_held_twice(app: Flask, stripe: Running) -> None:
    mark = token(50_00)
    refs = [thing(20_00, rail="seller") for _place in range(6)]
    found = at_once(app, lambda ref: opened(ref, TenderRequest("test_token", 20_00, mark)), refs)
    assert sum(isinstance(f, UUID) for f in found) == 2
    assert sum(isinstance(f, NotEnough) for f in found) == 4
    assert balance(mark) == (50_00, 40_00)
    payments = [f for f in found if isinstance(f, UUID)]
    crash_free(at_once(app, lambda payment: starting.start(payment), payments))
    assert balance(mark) == (10_00, 0)


def test_refunds_at_once_never_exceed_what_was_paid(app: Flask, stripe: Running) -> None:
    payment, _ref, _voucher = mixed("card")
    stripe.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    tender = session.scalar(sa.select(Tender.id).where(Tender.payment_id == payment, Tender.external))
    session.commit()
    assert tender

    def give_back(key: str) -> UUID:
        return transact(refunding.refund_tender, tender, 20_00, key=key, reason="race")

    keys = [f"a {payment}", f"a {payment}", f"b {payment}", f"c {payment}"]
    found = at_once(app, give_back, keys)
    made = {f for f in found if isinstance(f, UUID)}
    assert len(made) == 1
    assert all(f.code == "more_than_left" for f in found if isinstance(f, Refused))
    calling.advance(payment, force=True)
    stripe.advance(deliver=False)
    calling.advance(payment, force=True)
    assert told(payment).booked["payment_refunded"] == 20_00
    assert at_stripe(stripe, payment)["refunded"] == 20_00
    assert threading.active_count() < 60
