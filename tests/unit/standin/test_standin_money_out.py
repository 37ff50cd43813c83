"""Refunds, transfers, reversals, accounts, payouts, disputes: money that leaves."""

import pytest
import stripe


def balance(shop, account=None):
    options = {"stripe_account": account} if account else {}
    return shop.v1.balance.retrieve({}, options).available[0].amount


def test_refunds_add_up_to_what_was_captured_and_not_a_cent_more(shop):
    intent = shop.paid(2500)
    first = shop.v1.refunds.create({"payment_intent": intent.id, "amount": 1000, "metadata": {"op": "a"}})
    assert (first.status, first.charge, first.metadata.op) == ("succeeded", intent.latest_charge.id, "a")
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        shop.v1.refunds.create({"payment_intent": intent.id, "amount": 1501})
    shop.v1.refunds.create({"payment_intent": intent.id})
    charge = shop.v1.charges.retrieve(intent.latest_charge.id, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded, len(charge.refunds.data)) == (2500, True, 2)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.refunds.create({"payment_intent": intent.id, "amount": 1})
    assert refused.value.code == "charge_already_refunded"
    assert shop.standin.state()["payment_intents"][intent.id]["refunded"] == 2500
    # Stripe keeps its fee.
    assert balance(shop) == -63
    assert shop.heard()[-2:] == ["charge.refunded", "refund.created"]


def test_a_partial_capture_is_refunded_up_to_what_was_captured(shop):
    intent = shop.authorised(5000)
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.refunds.create({"payment_intent": intent.id})
    shop.v1.payment_intents.capture(intent.id, {"amount_to_capture": 3000})
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.refunds.create({"payment_intent": intent.id, "amount": 3001})
    assert shop.v1.refunds.create({"payment_intent": intent.id}).amount == 3000


def test_a_debit_is_refunded_after_a_while(shop):
    intent = shop.debited("DE89370400440532013000")
    shop.standin.advance()
    refund = shop.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "pending"
    shop.standin.advance()
    assert shop.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert shop.heard()[-1] == "refund.updated"


def test_a_refund_that_the_bank_sends_back_is_in_our_balance_again(shop):
    intent = shop.paid(2000, "pm_card_refundFail")
    refund = shop.v1.refunds.create({"payment_intent": intent.id})
    assert (refund.status, balance(shop)) == ("succeeded", -55)
    shop.standin.advance()
    failed = shop.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason, balance(shop)) == ("failed", "expired_or_canceled_card", 1945)
    assert shop.heard()[-2:] == ["refund.updated", "refund.failed"]


def test_refunds_are_listed_by_intent_newest_first(shop):
    intent, other = shop.paid(2000), shop.paid(2000)
    made = [shop.v1.refunds.create({"payment_intent": intent.id, "amount": 100 + n}).id for n in range(3)]
    shop.v1.refunds.create({"payment_intent": other.id, "amount": 5})
    first = shop.v1.refunds.list({"payment_intent": intent.id, "limit": 2})
    assert ([entry.id for entry in first.data], first.has_more) == ([made[2], made[1]], True)
    rest = shop.v1.refunds.list({"payment_intent": intent.id, "starting_after": made[1]})
    assert ([entry.id for entry in rest.data], rest.has_more) == ([made[0]], False)


def test_a_transfer_needs_an_enabled_account(shop):
    intent, account = shop.paid(5000), shop.account(active=False)
    wish = {"amount": 1000, "currency": "eur", "destination": account, "source_transaction": intent.latest_charge.id}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.transfers.create(wish)
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    shop.standin.activate(account)
    assert shop.v1.transfers.create(wish).amount == 1000
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.transfers.create({**wish, "destination": "acct_unknown"})


def test_transfers_from_a_charge_never_exceed_it(shop):
    intent, account = shop.paid(5000), shop.account()
    wish = {"currency": "eur", "destination": account, "source_transaction": intent.latest_charge.id}
    transfer = shop.v1.transfers.create({**wish, "amount": 3000, "metadata": {"op": "t"}})
    with pytest.raises(stripe.InvalidRequestError, match="must not exceed the source amount"):
        shop.v1.transfers.create({**wish, "amount": 2001})
    shop.v1.transfers.create({**wish, "amount": 2000})
    assert transfer.transfer_group == f"group_{intent.id}"
    listed = shop.v1.transfers.list({"transfer_group": transfer.transfer_group}).data
    assert sorted(entry.amount for entry in listed) == [2000, 3000]
    assert balance(shop, account) == 5000
    assert shop.standin.state()["payment_intents"][intent.id]["transferred"] == 5000
    assert shop.heard()[-1] == "transfer.created"


def test_a_transfer_without_a_charge_needs_available_money(shop_with):
    shop = shop_with(available_after=3 * 86400)
    intent, account = shop.paid(5000), shop.account()
    wish = {"amount": 1000, "currency": "eur", "destination": account}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.transfers.create(wish)
    assert refused.value.code == "balance_insufficient"
    assert shop.v1.transfers.create({**wish, "source_transaction": intent.latest_charge.id}).amount == 1000
    shop.standin.advance(seconds=3 * 86400)
    assert shop.v1.transfers.create(wish).amount == 1000
    entry = shop.v1.balance_transactions.retrieve(intent.latest_charge.balance_transaction.id)
    assert entry.status == "available"


def test_a_reversal_needs_the_money_to_be_still_there(shop):
    intent, account = shop.paid(5000), shop.account()
    wish = {"amount": 4000, "currency": "eur", "destination": account, "source_transaction": intent.latest_charge.id}
    transfer = shop.v1.transfers.create(wish)
    half = shop.v1.transfers.reversals.create(transfer.id, {"amount": 1000})
    assert half.transfer == transfer.id
    shop.v1.payouts.create({"amount": 2500, "currency": "eur"}, {"stripe_account": account})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.transfers.reversals.create(transfer.id, {"amount": 501})
    assert refused.value.code == "balance_insufficient"
    with pytest.raises(stripe.InvalidRequestError, match="greater than unreversed amount"):
        shop.v1.transfers.reversals.create(transfer.id, {"amount": 3001})
    shop.v1.transfers.reversals.create(transfer.id, {"amount": 500})
    found = shop.v1.transfers.retrieve(transfer.id)
    assert (found.amount_reversed, found.reversed, len(found.reversals.data)) == (1500, False, 2)
    assert len(shop.v1.transfers.reversals.list(transfer.id).data) == 2
    assert balance(shop, account) == 0
    assert "transfer.reversed" in shop.heard()


def test_a_payout_takes_only_what_is_there_and_arrives_later(shop):
    shop.paid(2000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.payouts.create({"amount": 1946, "currency": "eur"})
    assert refused.value.code == "balance_insufficient"
    payout = shop.v1.payouts.create({"amount": 1945, "currency": "eur"})
    assert (payout.status, balance(shop)) == ("pending", 0)
    shop.standin.advance()
    assert shop.v1.payouts.retrieve(payout.id).status == "paid"
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.payouts.cancel(payout.id)
    assert shop.heard()[-2:] == ["payout.created", "payout.paid"]


def test_a_pending_payout_is_cancelled_and_the_money_is_back(shop):
    shop.paid(2000)
    payout = shop.v1.payouts.create({"amount": 1000, "currency": "eur"})
    assert shop.v1.payouts.cancel(payout.id).status == "canceled"
    assert balance(shop) == 1945


def test_an_automatic_payout_names_the_balance_transactions_in_it(shop):
    intent = shop.paid(2000)
    payout = shop.standin.payout()
    assert payout["amount"] == 1945
    inside = shop.v1.balance_transactions.list({"payout": payout["id"]}).data
    assert {entry.type for entry in inside} == {"charge", "payout"}
    assert intent.latest_charge.balance_transaction.id in {entry.id for entry in inside}
    assert sum(entry.net for entry in inside) == 0
    assert shop.standin.payout() is None


def test_a_connected_account_is_another_room(shop):
    intent, account = shop.paid(2000), shop.account()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.payment_intents.retrieve(intent.id, {}, {"stripe_account": account})
    assert refused.value.code == "resource_missing"
    with pytest.raises(stripe.PermissionError):
        shop.v1.balance.retrieve({}, {"stripe_account": "acct_unknown"})


def test_an_account_is_ready_once_its_owner_filled_in_the_form(shop):
    account = shop.v1.accounts.create(
        {
            "country": "DE",
            "email": "laden@example.org",
            "controller": {"stripe_dashboard": {"type": "express"}},
            "capabilities": {"transfers": {"requested": True}},
            "metadata": {"organisation": "7"},
        }
    )
    assert (account.payouts_enabled, account.capabilities.transfers) == (False, "inactive")
    assert "external_account" in account.requirements.currently_due
    link = shop.v1.account_links.create(
        {
            "account": account.id,
            "type": "account_onboarding",
            "return_url": "http://a.test/r",
            "refresh_url": "http://a.test/f",
        }
    )
    assert link.url == f"{shop.standin.base}/connect/setup/{account.id}"
    shop.standin.activate(account.id)
    ready = shop.v1.accounts.retrieve(account.id)
    assert (ready.payouts_enabled, ready.details_submitted, ready.capabilities.transfers) == (True, True, "active")
    assert ready.requirements.currently_due == []
    assert shop.heard() == ["account.updated"]
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.account_links.create({"account": account.id, "type": "account_onboarding"})


def test_a_disputed_card_payment_takes_amount_and_fee_at_once(shop):
    intent = shop.paid(5000, "pm_card_createDispute")
    shop.standin.advance()
    dispute = shop.v1.disputes.list({"payment_intent": intent.id}).data[0]
    assert (dispute.amount, dispute.status, dispute.reason) == (5000, "needs_response", "fraudulent")
    assert [(entry.amount, entry.fee, entry.net) for entry in dispute.balance_transactions] == [(-5000, 2000, -7000)]
    assert shop.v1.charges.retrieve(intent.latest_charge.id).disputed is True
    assert balance(shop) == 5000 - 100 - 7000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"
    assert shop.heard()[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


@pytest.mark.parametrize(
    ("word", "status", "disputed"), [("winning_evidence", "won", 0), ("losing_evidence", "lost", 5000)]
)
def test_evidence_decides_a_dispute(shop, word, status, disputed):
    intent = shop.paid(5000, "pm_card_createDispute")
    shop.standin.advance()
    dispute = shop.v1.disputes.list().data[0]
    assert shop.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": word}}).status == status
    found = shop.standin.state()["payment_intents"][intent.id]
    assert (found["disputed"], found["dispute_fee"]) == (disputed, 2000)
    assert shop.heard()[-1] == "charge.dispute.closed"
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.disputes.close(dispute.id)


def test_a_dispute_that_nobody_argues_about_is_lost(shop):
    shop.paid(5000, "pm_card_createDispute")
    shop.standin.advance()
    assert shop.v1.disputes.close(shop.v1.disputes.list().data[0].id).status == "lost"


def test_a_debit_that_is_called_back_is_lost_at_once(shop):
    intent = shop.debited("DE35370400440532013002")
    shop.standin.advance()
    dispute = shop.v1.disputes.list({"payment_intent": intent.id}).data[0]
    assert (dispute.status, dispute.reason) == ("lost", "debit_not_authorized")
    assert shop.intent(intent.id).status == "succeeded"
    assert shop.heard()[-1] == "charge.dispute.closed"


def test_an_authorised_card_is_disputed_only_after_the_capture(shop):
    intent = shop.authorised(5000, "pm_card_createDispute")
    shop.standin.advance()
    assert shop.v1.disputes.list().data == []
    shop.v1.payment_intents.capture(intent.id)
    shop.standin.advance()
    assert len(shop.v1.disputes.list().data) == 1


def test_a_debit_under_way_is_no_source_of_a_transfer(shop):
    intent, account = shop.debited("DE89370400440532013000"), shop.account()
    wish = {"amount": 100, "currency": "eur", "destination": account, "source_transaction": intent.latest_charge.id}
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.transfers.create(wish)
    shop.standin.advance()
    assert shop.v1.transfers.create(wish).amount == 100
