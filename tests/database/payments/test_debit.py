"""SEPA direct debit: certain only when the bank says so, days later."""

from datetime import timedelta

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import transact
from money.payments import calling, deciding, recovering, starting
from tests.builders.payments import balance, mixed, told
from tests.builders.stripe import at_stripe, intents_of

COMES_BACK = "DE62370400440532013001"


def test_nothing_is_taken_or_told_before_the_debit_has_succeeded(stripe: Running) -> None:
    payment, _ref, voucher = mixed("sepa_debit")
    stripe.pay_by_debit(starting.start(payment).url)
    calling.advance(payment, force=True)
    now = told(payment)
    assert (now.state, now.secured, now.booked) == ("pending", 0, {})
    assert now.tenders == {"test_token": "held", "sepa_debit": "processing"}
    assert now.calls == {"collect": ["pending"]}
    assert balance(voucher) == (25_00, 20_00)
    stripe.advance(deliver=False)
    calling.advance(payment, force=True)
    now = told(payment)
    assert (now.state, now.secured, now.failed) == ("secured", 1, [])
    assert now.booked == {"payment_collected": 30_00, "provider_fee": 35}
    assert balance(voucher) == (5_00, 0)
    assert at_stripe(stripe, payment) == {"captured": 30_00, "refunded": 0, "fee": 35}


def test_a_debit_that_the_bank_sends_back_releases_everything(stripe: Running) -> None:
    payment, _ref, voucher = mixed("sepa_debit")
    stripe.pay_by_debit(starting.start(payment).url, COMES_BACK)
    calling.advance(payment, force=True)
    assert told(payment).state == "pending"
    stripe.advance(deliver=False)
    calling.advance(payment, force=True)
    now = told(payment)
    assert (now.state, now.secured, now.failed, now.booked) == ("failed", 0, ["debit_failed"], {})
    assert now.tenders == {"test_token": "released", "sepa_debit": "failed"}
    assert balance(voucher) == (25_00, 0)


def test_a_debit_under_way_neither_expires_nor_can_be_given_up(stripe: Running) -> None:
    payment, _ref, voucher = mixed("sepa_debit")
    stripe.pay_by_debit(starting.start(payment).url)
    with clock.at(clock.now() + timedelta(hours=2)):
        recovering.recover()
    assert "/bezahlen/" in starting.abandon(payment)
    assert told(payment).state == "pending"
    assert balance(voucher) == (25_00, 20_00)


def test_a_debit_that_comes_after_the_end_is_booked_and_sent_back_but_no_voucher_is_touched(
    stripe: Running,
) -> None:
    payment, _ref, voucher = mixed("sepa_debit")
    page = starting.start(payment).url
    transact(deciding.abort_if_open, payment, "expired")
    stripe.pay_by_debit(page)
    calling.advance(payment, force=True)
    assert told(payment).tenders == {"test_token": "released", "sepa_debit": "processing"}
    stripe.advance(deliver=False)
    calling.advance(payment, force=True)
    stripe.advance(deliver=False)
    calling.advance(payment, force=True)
    now = told(payment)
    assert (now.state, now.secured, now.failed) == ("failed", 0, ["expired"])
    assert now.booked == {"payment_collected": 30_00, "payment_refunded": 30_00, "provider_fee": 35}
    assert now.calls["refund"] == ["succeeded"]
    assert balance(voucher) == (25_00, 0)
    assert at_stripe(stripe, payment)["refunded"] == 30_00
    assert len(intents_of(stripe, payment)) == 1
