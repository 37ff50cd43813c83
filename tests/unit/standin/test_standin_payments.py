"""Payment intents, charges, fees and the test cards, seen through the official client."""

import pytest
import stripe

from demo.stripe_standin.options import card_fee


def test_a_card_payment_brings_the_amount_less_one_and_a_half_percent_and_25_cents(shop):
    intent = shop.paid(2000)
    charge = intent.latest_charge
    assert (intent.status, intent.amount_received, charge.captured) == ("succeeded", 2000, True)
    assert (charge.balance_transaction.fee, charge.balance_transaction.net) == (55, 1945)
    assert charge.id.startswith("ch_")
    assert shop.heard() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


@pytest.mark.parametrize(
    ("cents", "fee"), [(50, 26), (33, 25), (34, 26), (100, 27), (9_999, 175), (99_999_999, 1_500_025)]
)
def test_card_fees_are_whole_cents_rounded_half_up(cents, fee):
    assert card_fee(cents) == fee


def test_an_authorised_card_is_captured_in_part_and_the_rest_is_released(shop):
    intent = shop.authorised(5000)
    assert (intent.status, intent.amount_capturable, intent.latest_charge.captured) == ("requires_capture", 5000, False)
    assert intent.latest_charge.balance_transaction is None
    assert intent.latest_charge.payment_method_details.card.capture_before > intent.created
    captured = shop.v1.payment_intents.capture(intent.id, {"amount_to_capture": 3000})
    assert (captured.status, captured.amount_received, captured.amount_capturable) == ("succeeded", 3000, 0)
    assert shop.standin.state()["payment_intents"][intent.id]["captured"] == 3000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.payment_intents.capture(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    assert "charge.captured" in shop.heard()


def test_more_than_was_authorised_is_not_captured(shop):
    intent = shop.authorised(5000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.payment_intents.capture(intent.id, {"amount_to_capture": 5001})
    assert refused.value.code == "amount_too_large"
    assert shop.intent(intent.id).status == "requires_capture"
    assert shop.standin.state()["totals"]["captured"] == 0


def test_a_cancelled_authorisation_releases_the_money_and_cannot_be_captured(shop):
    intent = shop.authorised(5000)
    cancelled = shop.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.payment_intents.capture(intent.id)
    assert shop.standin.state()["balances"]["platform"] == {"available": 0, "pending": 0}
    assert shop.heard()[-2:] == ["charge.refunded", "payment_intent.canceled"]


def test_an_authorisation_ends_by_itself_after_seven_days(shop):
    intent = shop.authorised()
    shop.standin.advance(seconds=7 * 86400 + 1)
    found = shop.intent(intent.id)
    assert (found.status, found.cancellation_reason) == ("canceled", "automatic")
    assert "charge.expired" in shop.heard()


@pytest.mark.parametrize(
    ("token", "code", "decline_code", "message"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline", "Your card was declined."),
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
            "Your card has insufficient funds.",
        ),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None, "Your card has expired."),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None, "Your card's security code is incorrect."),
        (
            "pm_card_chargeDeclinedProcessingError",
            "processing_error",
            None,
            "An error occurred while processing your card. Try again in a little bit.",
        ),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline", "Your card was declined."),
    ],
)
def test_a_declined_card_is_a_card_error_and_leaves_a_failed_charge(shop, token, code, decline_code, message):
    with pytest.raises(stripe.CardError) as declined:
        shop.paid(1000, token)
    error = declined.value
    assert (error.http_status, error.code, error.user_message) == (402, code, message)
    assert error.json_body["error"].get("decline_code") == decline_code
    intent = shop.intent(error.json_body["error"]["payment_intent"]["id"])
    assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", code)
    assert (intent.latest_charge.status, intent.latest_charge.paid) == ("failed", False)
    assert shop.standin.state()["totals"]["captured"] == 0
    assert shop.heard() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_a_declined_intent_is_paid_with_another_card(shop):
    with pytest.raises(stripe.CardError) as declined:
        shop.paid(1000, "pm_card_chargeDeclined")
    intent_id = declined.value.json_body["error"]["payment_intent"]["id"]
    assert shop.v1.payment_intents.confirm(intent_id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    assert len(shop.v1.charges.list({"payment_intent": intent_id}).data) == 2


@pytest.mark.parametrize(
    ("number", "code"), [("4242424242424241", "incorrect_number"), ("4000056655665556", "card_declined")]
)
def test_numbers_that_are_no_test_cards_are_refused(shop, number, code):
    with pytest.raises(stripe.CardError) as refused:
        shop.v1.payment_methods.create({"type": "card", "card": {"number": number, "exp_month": 1, "exp_year": 2040}})
    assert refused.value.code == code


def test_an_expired_date_is_refused(shop):
    card = {"number": "4242424242424242", "exp_month": 1, "exp_year": 2020}
    with pytest.raises(stripe.CardError) as refused:
        shop.v1.payment_methods.create({"type": "card", "card": card})
    assert refused.value.code == "expired_card"


@pytest.mark.parametrize("token", ["pm_card_authenticationRequired", "pm_card_threeDSecure2Required"])
def test_the_bank_asks_first_and_the_answer_decides(shop, token):
    asked = shop.paid(1000, token, return_url="http://shop.test/zurueck")
    assert (asked.status, asked.next_action.type) == ("requires_action", "redirect_to_url")
    assert asked.next_action.redirect_to_url.url == f"{shop.standin.base}/3ds/{asked.id}"
    shop.standin.call("POST", f"/_authenticate/{asked.id}")
    assert shop.intent(asked.id).status == "succeeded"
    denied = shop.paid(1000, token)
    assert denied.next_action.type == "use_stripe_sdk"
    with pytest.raises(AssertionError):
        shop.standin.call("POST", f"/_authenticate/{denied.id}", {"agree": False})
    failed = shop.intent(denied.id)
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    assert failed.status == "requires_payment_method"


def test_a_debit_is_under_way_and_then_final(shop):
    intent = shop.debited("DE89370400440532013000", 5000)
    assert (intent.status, intent.latest_charge.status) == ("processing", "pending")
    assert intent.latest_charge.id.startswith("py_")
    mandate = shop.v1.mandates.retrieve(intent.latest_charge.payment_method_details.sepa_debit.mandate)
    assert mandate.status == "active"
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.payment_intents.cancel(intent.id)
    shop.standin.advance()
    final = shop.intent(intent.id)
    assert (final.status, final.latest_charge.balance_transaction.fee) == ("succeeded", 35)
    assert final.latest_charge.balance_transaction.type == "payment"


@pytest.mark.parametrize(
    ("iban", "status", "events"),
    [
        ("DE62370400440532013001", "requires_payment_method", ["charge.failed", "payment_intent.payment_failed"]),
        ("DE78370400440532013004", "requires_payment_method", ["charge.failed", "payment_intent.payment_failed"]),
        ("DE08370400440532013003", "succeeded", ["charge.succeeded", "payment_intent.succeeded"]),
        ("DE18370400440532013002", "succeeded", ["charge.succeeded", "payment_intent.succeeded"]),
    ],
)
def test_each_test_iban_ends_as_documented(shop, iban, status, events):
    intent = shop.debited(iban)
    assert intent.status == "processing"
    shop.standin.advance()
    assert shop.intent(intent.id).status == status
    assert shop.heard()[-2:] == events


def test_a_slow_debit_takes_longer_than_a_normal_one(shop_with):
    shop = shop_with(sepa_after=100, sepa_slow_after=1000)
    normal, slow = shop.debited("DE89370400440532013000"), shop.debited("DE08370400440532013003")
    shop.standin.advance(seconds=101)
    assert (shop.intent(normal.id).status, shop.intent(slow.id).status) == ("succeeded", "processing")
    shop.standin.advance(seconds=900)
    assert shop.intent(slow.id).status == "succeeded"


def test_a_wrong_iban_is_refused_and_nothing_is_created(shop):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.debited("DE00370400440532013000")
    assert refused.value.code == "invalid_bank_account_iban"
    assert shop.v1.payment_intents.list().data == []


@pytest.mark.parametrize(
    ("cents", "code"), [(49, "amount_too_small"), (100_000_000, "amount_too_large"), (-5, "amount_too_small")]
)
def test_amounts_outside_of_stripes_limits_are_refused(shop, cents, code):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.payment_intents.create({"amount": cents, "currency": "eur"})
    assert refused.value.code == code
    assert shop.v1.payment_intents.list().data == []


def test_metadata_is_merged_and_single_keys_are_unset(shop):
    intent = shop.v1.payment_intents.create({"amount": 500, "currency": "eur", "metadata": {"op": "1", "x": "y"}})
    changed = shop.v1.payment_intents.update(intent.id, {"metadata": {"x": "", "z": "2"}})
    assert changed.metadata.to_dict() == {"op": "1", "z": "2"}
    assert shop.v1.payment_intents.update(intent.id, {"metadata": ""}).metadata.to_dict() == {}


def test_a_merchant_may_ask_for_3d_secure_on_every_card(shop):
    asked = shop.paid(1000, payment_method_options={"card": {"request_three_d_secure": "any"}})
    assert asked.status == "requires_action"


def test_one_authorisation_is_captured_once(shop):
    intent = shop.authorised(5000)
    with pytest.raises(stripe.InvalidRequestError, match="does not cover"):
        shop.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1000, "final_capture": False})
    assert shop.intent(intent.id).status == "requires_capture"
