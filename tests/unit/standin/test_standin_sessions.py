"""Checkout sessions over the API: what the application creates, reads, waits for."""

import time

import pytest
import stripe

from demo.stripe_standin.testing import CheckoutRefused


def test_a_session_is_open_without_intent_until_someone_pays(shop):
    session = shop.session(2550, metadata={"op": "7"}, client_reference_id="ref-1")
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.metadata.to_dict(), session.client_reference_id) == (
        2550,
        {"op": "7"},
        "ref-1",
    )
    assert session.url == f"{shop.standin.base}/c/pay/{session.id}"
    assert shop.heard() == []


def test_a_card_with_manual_capture_completes_the_session_unpaid_and_the_capture_pays_it(shop):
    session = shop.session(5000, payment_intent_data={"metadata": {"op": "9"}, "transfer_group": "order-1"})
    assert shop.standin.pay(session.url) == f"http://shop.test/danke?s={session.id}"
    found = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge", "line_items"]})
    intent = found.payment_intent
    assert (found.status, found.payment_status, intent.status) == ("complete", "unpaid", "requires_capture")
    assert (intent.metadata.to_dict(), intent.transfer_group) == ({"op": "9"}, "order-1")
    assert (intent.latest_charge.captured, intent.latest_charge.transfer_group) == (False, "order-1")
    assert found.line_items.data[0].description == "Gutschein"
    shop.v1.payment_intents.capture(intent.id)
    assert shop.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert shop.heard() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "checkout.session.completed",
        "charge.captured",
        "payment_intent.succeeded",
    ]


def test_an_automatic_card_is_paid_at_once(shop):
    session = shop.session(manual=False)
    shop.standin.pay(session.id)
    assert shop.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert shop.standin.state()["totals"]["captured"] == 5000


@pytest.mark.parametrize(
    ("iban", "paid", "last"),
    [
        ("DE89370400440532013000", "paid", "checkout.session.async_payment_succeeded"),
        ("DE62370400440532013001", "unpaid", "checkout.session.async_payment_failed"),
    ],
)
def test_a_debit_completes_the_session_and_its_end_comes_later(shop, iban, paid, last):
    session = shop.session()
    shop.standin.pay_by_debit(session.id, iban)
    found = shop.v1.checkout.sessions.retrieve(session.id)
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    assert "checkout.session.completed" in shop.heard()
    shop.standin.advance()
    assert shop.v1.checkout.sessions.retrieve(session.id).payment_status == paid
    assert shop.heard()[-1] == last


def test_after_a_decline_the_session_is_still_open_and_another_card_pays_the_same_intent(shop):
    session = shop.session()
    with pytest.raises(CheckoutRefused, match="Ihre Karte wurde abgelehnt"):
        shop.standin.pay(session.id, "4000000000000002")
    first = shop.v1.checkout.sessions.retrieve(session.id)
    assert first.status == "open"
    shop.standin.pay(session.id)
    assert shop.v1.checkout.sessions.retrieve(session.id).payment_intent == first.payment_intent


def test_paying_twice_charges_once(shop):
    session = shop.session(manual=False)
    assert shop.standin.pay(session.id) == shop.standin.pay(session.id)
    assert len(shop.v1.charges.list().data) == 1


def test_an_expired_session_cannot_be_paid_and_its_intent_is_cancelled(shop):
    session = shop.session()
    with pytest.raises(CheckoutRefused):
        shop.standin.pay(session.id, "4000000000000002")
    expired = shop.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    assert shop.intent(expired.payment_intent).status == "canceled"
    with pytest.raises(CheckoutRefused):
        shop.standin.pay(session.id)
    assert shop.heard()[-1] == "checkout.session.expired"
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.checkout.sessions.expire(session.id)


def test_sessions_expire_by_the_clock_or_on_command(shop):
    by_clock = shop.session(expires_at=int(time.time()) + 1800)
    shop.standin.advance(seconds=1801)
    assert shop.v1.checkout.sessions.retrieve(by_clock.id).status == "expired"
    by_command = shop.session()
    shop.standin.advance()
    assert shop.v1.checkout.sessions.retrieve(by_command.id).status == "open"
    shop.standin.advance(expire_sessions=True)
    assert shop.v1.checkout.sessions.retrieve(by_command.id).status == "expired"


@pytest.mark.parametrize("seconds", [60, 25 * 3600])
def test_a_session_lasts_between_half_an_hour_and_a_day(shop, seconds):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.session(expires_at=int(time.time()) + seconds)
    assert refused.value.param == "expires_at"


def test_manual_capture_of_the_whole_intent_leaves_only_cards(shop):
    session = shop.session(manual=False, payment_intent_data={"capture_method": "manual"})
    assert session.payment_method_types == ["card"]
    assert shop.session().payment_method_types == ["card", "sepa_debit"]
    assert shop.session(excluded_payment_method_types=["card"]).payment_method_types == ["sepa_debit"]


@pytest.mark.parametrize(
    "wish",
    [
        {"mode": "subscription"},
        {"line_items": []},
        {"success_url": "danke.html"},
        {"discounts": [{"coupon": "x"}]},
        {"ui_mode": "elements"},
        {"allowed_payment_method_types": ["paypal"]},
    ],
)
def test_what_the_stand_in_does_not_cover_is_refused_aloud(shop, wish):
    with pytest.raises(stripe.InvalidRequestError):
        shop.session(**wish)
    assert shop.v1.checkout.sessions.list().data == []


def test_sessions_are_found_by_their_intent(shop):
    session = shop.session()
    shop.standin.pay(session.id)
    shop.session()
    intent = shop.v1.checkout.sessions.retrieve(session.id).payment_intent
    assert [entry.id for entry in shop.v1.checkout.sessions.list({"payment_intent": intent}).data] == [session.id]
    assert [entry.status for entry in shop.v1.checkout.sessions.list({"status": "complete"}).data] == ["complete"]
    assert shop.v1.checkout.sessions.line_items.list(session.id).data[0].amount_total == 5000
