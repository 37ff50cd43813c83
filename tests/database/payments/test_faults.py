"""Every fault of the provider's, at every call, in both methods: the books end right and nothing is doubled."""

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
import sqlalchemy as sa

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import session
from foundation.errors import Busy
from money.ledger import proof
from money.payments import calling, messages, recovering, refunding, starting
from money.payments.models import Tender, WebhookEvent
from tests.builders.payments import balance, mixed, told, transact
from tests.builders.stripe import at_stripe, intents_of

REQUEST_FAULTS = (
    "answer_lost",
    "request_lost",
    "error_500_done",
    "error_500_not_done",
    "rate_limited",
    "key_in_use",
)
WEBHOOK_FAULTS = ("duplicate", "late", "shuffled", "never")
CREATE, CAPTURE, REFUND = "/v1/checkout/sessions", "*/capture", "/v1/refunds"
FEES = {"card": 70, "sepa_debit": 35}
KINDS = {"card": "payment_captured", "sepa_debit": "payment_collected"}


def unread() -> list[str]:
    """The messages that wait for the job."""
    found = list(session.scalars(sa.select(WebhookEvent.id).where(WebhookEvent.done_at.is_(None))))
    session.commit()
    return found


def minutes_pass(stripe: Running, payment: UUID, count: int = 8) -> None:
    """The minute job runs, while the clock moves faster and faster."""
    later = timedelta()
    for place in range(count):
        later += timedelta(minutes=1 + 3 * place)
        with clock.at(clock.now() + later):
            recovering.recover()
        if told(payment).state in {"secured", "failed"}:
            return


def pay_at(stripe: Running, method: str, page: str) -> None:
    if method == "card":
        stripe.pay(page)
    else:
        stripe.pay_by_debit(page)
        stripe.advance(deliver=False)


def page_of(payment: UUID) -> str:
    """Press until the page opens, as a patient payer would."""
    for _press in range(4):
        try:
            return starting.start(payment).url
        except Busy:
            continue
    raise AssertionError("the page never opened")


def assert_paid_once(stripe: Running, payment: UUID, voucher: UUID, method: str) -> None:
    now = told(payment)
    assert (now.state, now.secured, now.failed) == ("secured", 1, [])
    assert now.booked == {KINDS[method]: 30_00, "provider_fee": FEES[method]}
    assert balance(voucher) == (5_00, 0)
    assert at_stripe(stripe, payment) == {"captured": 30_00, "refunded": 0, "fee": FEES[method]}
    assert len(intents_of(stripe, payment)) == 1
    assert proof.prove() == []


@pytest.mark.parametrize("method", ["card", "sepa_debit"])
@pytest.mark.parametrize("fault", REQUEST_FAULTS)
def test_a_fault_when_the_page_is_made(stripe: Running, fault: str, method: str) -> None:
    payment, _ref, voucher = mixed(method)
    stripe.fault(fault, path=CREATE, count=2)
    page = page_of(payment)
    pay_at(stripe, method, page)
    calling.advance(payment, force=True)
    minutes_pass(stripe, payment)
    assert_paid_once(stripe, payment, voucher, method)


@pytest.mark.parametrize("fault", REQUEST_FAULTS)
def test_a_fault_when_the_card_is_captured(stripe: Running, fault: str) -> None:
    payment, _ref, voucher = mixed("card")
    page = page_of(payment)
    stripe.pay(page)
    stripe.fault(fault, path=CAPTURE, count=2)
    calling.advance(payment, force=True)
    minutes_pass(stripe, payment)
    assert_paid_once(stripe, payment, voucher, "card")


@pytest.mark.parametrize("method", ["card", "sepa_debit"])
@pytest.mark.parametrize("fault", REQUEST_FAULTS)
def test_a_fault_when_the_object_is_looked_at(stripe: Running, fault: str, method: str) -> None:
    payment, _ref, voucher = mixed(method)
    pay_at(stripe, method, page_of(payment))
    stripe.fault(fault, method="GET", path="*", count=3)
    calling.advance(payment, force=True)
    minutes_pass(stripe, payment, 12)
    assert_paid_once(stripe, payment, voucher, method)


@pytest.mark.parametrize("fault", REQUEST_FAULTS)
def test_a_fault_when_money_is_given_back(stripe: Running, fault: str) -> None:
    payment, _ref, voucher = mixed("card")
    stripe.pay(page_of(payment))
    calling.advance(payment, force=True)
    tender = session.scalar(sa.select(Tender.id).where(Tender.payment_id == payment, Tender.external))
    session.commit()
    assert tender
    transact(refunding.refund_tender, tender, 12_34, key=f"refund {payment}", reason="test")
    stripe.fault(fault, path=REFUND, count=2)
    calling.advance(payment, force=True)
    later = timedelta()
    for place in range(6):
        stripe.advance(deliver=False)
        later += timedelta(minutes=2 + 3 * place)
        with clock.at(clock.now() + later):
            recovering.recover()
    now = told(payment)
    assert now.calls["refund"] == ["succeeded"]
    assert now.booked == {"payment_captured": 30_00, "payment_refunded": 12_34, "provider_fee": 70}
    assert at_stripe(stripe, payment)["refunded"] == 12_34
    assert intents_of(stripe, payment)[0]["refunds"] == 1
    assert balance(voucher) == (5_00, 0)
    assert proof.prove() == []


@pytest.mark.parametrize("method", ["card", "sepa_debit"])
@pytest.mark.parametrize("fault", WEBHOOK_FAULTS)
def test_a_fault_of_the_messages_alone(stripe: Running, fault: str, method: str) -> None:
    """The payer never comes back; only messages and the minute job tell."""
    payment, _ref, voucher = mixed(method)
    page = page_of(payment)
    stripe.flush()
    stripe.fault(fault, count=None, seconds=1, copies=3)
    pay_at(stripe, method, page)
    for _round in range(3):
        stripe.flush()
        waiting = unread()
        Random(7).shuffle(waiting)
        for event in waiting:
            messages.read_message(event)
    if fault == "never":
        assert told(payment).booked == {}
        minutes_pass(stripe, payment)
    assert_paid_once(stripe, payment, voucher, method)
    stripe.clear_faults()
    stripe.flush(never=True)
    for event in unread():
        messages.read_message(event)
    assert_paid_once(stripe, payment, voucher, method)


def test_messages_alone_carry_a_payment_whose_first_answer_was_lost(stripe: Running) -> None:
    """The message arrives before we ever knew the page's number."""
    payment, _ref, voucher = mixed("card")
    stripe.fault("answer_lost", path=CREATE)
    call = transact(calling._list_waiting, payment)[0]
    calling.perform(call)
    assert told(payment).calls == {"authorise": ["unknown"]}
    session_id = next(i for i in stripe_sessions(stripe, payment))
    stripe.pay(session_id)
    stripe.flush()
    for event in unread():
        messages.read_message(event)
    assert_paid_once(stripe, payment, voucher, "card")


def stripe_sessions(stripe: Running, payment: UUID) -> list[str]:
    """Their ids at the provider; the application has never heard of them."""
    objects = stripe._standin.state.objects.values()
    return [o["id"] for o in objects if o.get("client_reference_id") == str(payment)]
