"""Card payments from the first click to the books, with the stand-in over HTTP."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from demo.stripe_standin.testing import CheckoutRefused, Running
from foundation import clock
from foundation.database import session, transact
from foundation.errors import Refused
from money.payments import calling, deciding, recovering, starting
from money.payments.tendering import TenderRequest
from tests.builders.payments import balance, mixed, opened, thing, told
from tests.builders.stripe import at_stripe, intents_of


def test_card_and_voucher_are_taken_together_and_booked_once(stripe: Running) -> None:
    payment, ref, voucher = mixed("card")
    assert balance(voucher) == (25_00, 20_00)
    page = starting.start(payment).url
    assert page.startswith(stripe.base)
    assert told(payment).calls == {"authorise": ["pending"]}
    back = stripe.pay(page)
    assert "/bezahlen/" in back
    calling.advance(payment, force=True)
    now = told(payment)
    assert (now.state, now.secured, now.failed) == ("secured", 1, [])
    assert now.tenders == {"test_token": "captured", "card": "captured"}
    assert now.calls == {"authorise": ["succeeded"], "capture": ["succeeded"]}
    assert now.booked == {"payment_captured": 30_00, "provider_fee": 70}
    assert balance(voucher) == (5_00, 0)
    assert at_stripe(stripe, payment) == {"captured": 30_00, "refunded": 0, "fee": 70}
    assert starting.start(payment).url == f"/test-thing/{ref}"


def test_sellers_money_is_only_a_memo(stripe: Running) -> None:
    ref = thing(10_00, 15_50, rail="seller")
    payment = opened(ref, TenderRequest("card", 25_50))
    stripe.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    now = told(payment)
    assert now.state == "secured"
    assert now.booked == {"payment_captured": 25_50, "provider_fee": 63}
    accounts = sa.text("SELECT DISTINCT debit_account, credit_account FROM entry WHERE aggregate_id = :id")
    assert {tuple(row) for row in session.execute(accounts, {"id": payment})} == {("MP", "MV"), ("MF", "MP")}
    session.commit()
    assert intents_of(stripe, payment)[0]["transfer_group"] == str(payment)


def test_the_page_stays_the_same_for_a_second_click(stripe: Running) -> None:
    payment, _ref, _voucher = mixed("card")
    assert starting.start(payment).url == starting.start(payment).url
    assert told(payment).calls == {"authorise": ["pending"]}


def test_a_declined_card_leaves_everything_held_and_another_card_pays(stripe: Running) -> None:
    payment, _ref, voucher = mixed("card")
    page = starting.start(payment).url
    with pytest.raises(CheckoutRefused):
        stripe.pay(page, "4000000000000002")
    calling.advance(payment, force=True)
    now = told(payment)
    assert (now.state, now.booked, balance(voucher)) == ("open", {}, (25_00, 20_00))
    stripe.pay(page)
    calling.advance(payment, force=True)
    assert told(payment).state == "secured"
    assert at_stripe(stripe, payment)["captured"] == 30_00


def test_choosing_another_way_ends_the_page_and_frees_the_voucher(stripe: Running) -> None:
    payment, ref, voucher = mixed("card")
    page = starting.start(payment).url
    assert starting.abandon(payment) == f"/test-thing/{ref}"
    now = told(payment)
    assert (now.state, now.failed, now.booked) == ("failed", ["abandoned"], {})
    assert now.tenders == {"test_token": "released", "card": "released"}
    assert now.calls == {"authorise": ["failed"], "expire": ["succeeded"]}
    assert balance(voucher) == (25_00, 0)
    with pytest.raises(CheckoutRefused):
        stripe.pay(page)
    again = opened(ref, TenderRequest("card", 50_00))
    stripe.pay(starting.start(again).url)
    calling.advance(again, force=True)
    assert told(again).state == "secured"


def test_an_abandoned_payment_that_was_paid_meanwhile_goes_on(stripe: Running) -> None:
    payment, ref, voucher = mixed("card")
    stripe.pay(starting.start(payment).url)
    assert starting.abandon(payment) == f"/test-thing/{ref}"
    now = told(payment)
    assert (now.state, now.secured, now.failed) == ("secured", 1, [])
    assert balance(voucher) == (5_00, 0)


def test_an_expired_payment_is_ended_by_the_minute_job(stripe: Running) -> None:
    payment, _ref, voucher = mixed("card")
    page = starting.start(payment).url
    with clock.at(clock.now() + timedelta(minutes=31)):
        recovering.recover()
    now = told(payment)
    assert (now.state, now.failed, now.booked) == ("failed", ["expired"], {})
    assert now.calls == {"authorise": ["failed"], "expire": ["succeeded"]}
    assert balance(voucher) == (25_00, 0)
    with pytest.raises(CheckoutRefused):
        stripe.pay(page)


def test_a_late_authorisation_is_voided_and_nothing_booked(stripe: Running) -> None:
    payment, _ref, voucher = mixed("card")
    page = starting.start(payment).url
    transact(deciding.abort_if_open, payment, "expired")
    stripe.pay(page)
    calling.advance(payment, force=True)
    now = told(payment)
    assert (now.state, now.failed, now.booked) == ("failed", ["expired"], {})
    assert now.tenders == {"test_token": "released", "card": "released"}
    assert now.calls == {"authorise": ["succeeded"], "expire": ["failed"], "void": ["succeeded"]}
    assert intents_of(stripe, payment)[0]["status"] == "canceled"
    assert balance(voucher) == (25_00, 0)


def test_an_authorisation_that_is_gone_releases_the_voucher_and_tells_the_payer(stripe: Running) -> None:
    payment, _ref, voucher = mixed("card")
    stripe.pay(starting.start(payment).url)
    stripe.fault("request_lost", path="*/capture", count=None)
    calling.advance(payment, force=True)
    assert told(payment).state == "committing"
    stripe.advance(expire_authorisations=True)
    stripe.clear_faults()
    calling.advance(payment, force=True)
    now = told(payment)
    assert (now.state, now.failed, now.booked) == ("failed", ["authorisation_gone"], {})
    assert now.tenders == {"test_token": "released", "card": "failed"}
    assert balance(voucher) == (25_00, 0)


def test_three_d_secure_with_and_without_consent(stripe: Running) -> None:
    payment, _ref, _voucher = mixed("card")
    page = starting.start(payment).url
    with pytest.raises(CheckoutRefused):
        stripe.pay(page, "4000002500003155", agree=False)
    calling.advance(payment, force=True)
    assert told(payment).state == "open"
    stripe.pay(page, "4000002500003155", agree=True)
    calling.advance(payment, force=True)
    assert told(payment).state == "secured"


def test_a_payment_under_way_cannot_be_opened_again(stripe: Running) -> None:
    payment, ref, _voucher = mixed("card")
    with pytest.raises(Refused) as refusal:
        opened(ref, TenderRequest("card", 50_00))
    assert refusal.value.code == "payment_under_way"
    assert refusal.value.details == {"payment_id": str(payment)}
