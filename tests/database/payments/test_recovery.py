"""Crashes between any two steps, dead providers and dead keys: the minute job brings every payment to its end."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from demo.stripe_standin.testing import CheckoutRefused, Running, running
from foundation import clock, jobs
from foundation.config import settings
from foundation.database import session
from foundation.errors import Busy
from money.ledger import proof
from money.payments import calling, messages, recovering, refunding, starting
from money.payments.models import ProviderCall, Tender, WebhookEvent
from money.payments.tendering import TenderRequest
from money.stripe import gateway
from money.stripe.gateway import CallResult, ProviderState
from tests.builders import payments
from tests.builders.payments import balance, mixed, opened, thing, told, transact
from tests.builders.standin import tell_seconds
from tests.builders.stripe import at_stripe, intents_of

DISPUTED = "4000000000000259"
CRASHES = ("after it was planned", "before the call", "after the call")


class PowerCut(Exception):
    """The process dies here."""


def crash(monkeypatch: pytest.MonkeyPatch, point: str, verb: bytes) -> None:
    """Let the process die once at this point of the first call with this verb."""
    left = [1]
    begin, ask = calling._begin, calling._ask

    def dying_begin(call_id: Any, force: bool) -> Any:
        row = session.get(ProviderCall, call_id)
        if point == CRASHES[0] and left and row is not None and verb in bytes(row.request):
            left.pop()
            raise PowerCut
        return begin(call_id, force)

    def dying_ask(wanted: calling.CallSpec) -> CallResult:
        hit = left and verb in wanted.request and point != CRASHES[0]
        if hit and point == CRASHES[1]:
            left.pop()
            raise PowerCut
        answer = ask(wanted)
        if hit:
            left.pop()
            raise PowerCut
        return answer

    monkeypatch.setattr(calling, "_begin", dying_begin)
    monkeypatch.setattr(calling, "_ask", dying_ask)


def minutes(*counts: int) -> None:
    for count in counts:
        with clock.at(clock.now() + timedelta(minutes=count)):
            recovering.recover()


@pytest.mark.parametrize("point", CRASHES)
@pytest.mark.parametrize("verb", [b"session.create", b"intent.capture"])
def test_a_crash_anywhere_is_made_good_by_the_minute_job(
    stripe: Running, monkeypatch: pytest.MonkeyPatch, point: str, verb: bytes
) -> None:
    payment, _ref, voucher = mixed("card")
    crash(monkeypatch, point, verb)

    def the_way() -> None:
        stripe.pay(starting.start(payment).url)
        calling.advance(payment, force=True)

    with pytest.raises(PowerCut):
        the_way()
    session.rollback()
    if verb == b"session.create":
        minutes(2, 4)
        stripe.pay(starting.start(payment).url)
    minutes(6, 9, 14)
    now = told(payment)
    assert (now.state, now.secured, now.failed) == ("secured", 1, [])
    assert now.calls == {"authorise": ["succeeded"], "capture": ["succeeded"]}
    assert now.booked == {"payment_captured": 30_00, "provider_fee": 70}
    assert balance(voucher) == (5_00, 0)
    assert at_stripe(stripe, payment) == {"captured": 30_00, "refunded": 0, "fee": 70}
    assert len(intents_of(stripe, payment)) == 1


@pytest.mark.parametrize("point", CRASHES)
def test_a_crash_while_giving_back_gives_back_once(
    stripe: Running, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    payment = opened(thing(30_00), TenderRequest("card", 30_00))
    stripe.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    tender = session.scalar(sa.select(Tender.id).where(Tender.payment_id == payment))
    session.commit()
    assert tender
    transact(refunding.refund_tender, tender, 10_00, key=f"c {payment}", reason="x")
    crash(monkeypatch, point, b"refund.create")
    with pytest.raises(PowerCut):
        calling.advance(payment, force=True)
    session.rollback()
    minutes(2)
    stripe.advance(deliver=False)
    minutes(9, 40)
    assert told(payment).booked["payment_refunded"] == 10_00
    assert (at_stripe(stripe, payment)["refunded"], intents_of(stripe, payment)[0]["refunds"]) == (10_00, 1)


def test_giving_up_while_the_provider_is_dead_frees_the_voucher_now_and_ends_the_page_later(
    stripe: Running,
) -> None:
    payment, _ref, voucher = mixed("card")
    stripe.fault("request_lost", method="*", path="*", count=None)
    with pytest.raises(Busy):
        starting.start(payment)
    starting.abandon(payment)
    assert (told(payment).state, balance(voucher)) == ("failed", (25_00, 0))
    assert told(payment).calls == {"authorise": ["unknown"]}
    stripe.clear_faults()
    minutes(2, 5)
    now = told(payment)
    assert now.calls == {"authorise": ["failed"], "expire": ["succeeded"]}
    assert (now.booked, now.failed, intents_of(stripe, payment)) == ({}, ["abandoned"], [])


def test_an_unknown_call_never_gets_a_new_key_and_fails_only_when_its_absence_is_proven(stripe: Running) -> None:
    payment, _ref, _voucher = mixed("card")
    stripe.fault("request_lost", path="/v1/checkout/sessions", count=None)
    with pytest.raises(Busy):
        starting.start(payment)
    for hours in (1, 12, 22, 24):
        minutes(hours * 60)
        assert told(payment).calls == {"authorise": ["unknown"]}
    stripe.clear_faults()
    with clock.at(clock.now() + timedelta(hours=26)):
        recovering.recover()
    assert told(payment).calls == {"authorise": ["failed"]}
    codes = sa.select(ProviderCall.error_code).where(ProviderCall.payment_id == payment)
    assert session.scalar(codes) == "absent"
    session.commit()
    assert intents_of(stripe, payment) == []


def test_an_amount_that_is_not_ours_is_never_booked_and_the_proof_says_so(
    stripe: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment, _ref, voucher = mixed("card")
    stripe.pay(starting.start(payment).url)
    look = gateway.look

    def one_cent_more(kind: str, object_id: str) -> CallResult:
        answer = look(kind, object_id)
        found = answer.found or ProviderState()
        return replace(answer, found=replace(found, cents=(found.cents or 0) + 1))

    with monkeypatch.context() as wrong:
        wrong.setattr(gateway, "look", one_cent_more)
        calling.advance(payment, force=True)
    now = told(payment)
    assert (now.state, now.booked, balance(voucher)) == ("open", {}, (25_00, 20_00))
    assert [f.code for f in proof.prove()] == ["Z-03"]
    calling.advance(payment, force=True)
    assert told(payment).state == "secured"
    assert proof.prove() == []


def test_a_fee_that_is_known_only_later_is_booked_later(stripe: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    payment, _ref, _voucher = mixed("card")
    stripe.pay(starting.start(payment).url)
    with monkeypatch.context() as early:
        early.setattr(gateway, "_fee", lambda intent: None)
        calling.advance(payment, force=True)
    assert told(payment).booked == {"payment_captured": 30_00}
    minutes(2)
    assert told(payment).booked == {"payment_captured": 30_00, "provider_fee": 70}
    minutes(4, 8)
    assert told(payment).booked == {"payment_captured": 30_00, "provider_fee": 70}


def test_a_dispute_is_noted_for_people(stripe: Running) -> None:
    payment = opened(thing(30_00), TenderRequest("card", 30_00))
    stripe.pay(starting.start(payment).url, DISPUTED)
    calling.advance(payment, force=True)
    stripe.advance()
    query = sa.select(WebhookEvent.id).where(WebhookEvent.done_at.is_(None))
    for event in list(session.scalars(query)):
        messages.read_message(event)
    noted = "SELECT count(*) FROM audit_record WHERE verb = 'payments.dispute_opened'"
    assert session.scalar(sa.text(noted))
    session.commit()
    assert told(payment).state == "secured"


def test_the_worker_makes_the_call_without_any_browser(own_database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(None, "whsec_suite", clock=tell_seconds) as own:
        monkeypatch.setenv("STRIPE_API_BASE", own.base)
        settings.cache_clear()
        payments.prepare()
        payment, _ref, _voucher = mixed("card")
        jobs.work(wait=False)
        assert told(payment).calls == {"authorise": ["pending"]}
        own.pay(starting.start(payment).url)
        minutes(2)
        jobs.work(wait=False)
        assert told(payment).state == "secured"
        with pytest.raises(CheckoutRefused):
            own.pay("cs_unknown")
    monkeypatch.undo()
    settings.cache_clear()
