"""How requests are checked and answers shaped: parameters, expansion, lists, errors, idempotency keys."""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe
from stripe.params import PaymentIntentCreateParams
from stripe.params.checkout import SessionCreateParams

from demo.stripe_standin.decoding import decode
from demo.stripe_standin.errors import StripeError
from demo.stripe_standin.shapes import blank, keys, public
from demo.stripe_standin.validation import check

GOOD = {"amount": 500, "currency": "eur"}


def raw(shop, method, path, body="", **headers):
    """One request without the client: (status, headers, JSON)."""
    names = {name.replace("_", "-"): value for name, value in {"Authorization": "Bearer sk_test_x", **headers}.items()}
    data = body.encode() if method == "POST" else None
    request = urllib.request.Request(shop.standin.base + path, data=data, headers=names, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as reply:
            return reply.status, dict(reply.headers), json.loads(reply.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, dict(refused.headers), json.loads(refused.read())


@pytest.mark.parametrize(
    ("text", "shape", "message", "param"),
    [
        ("amount=1&currency=eur&foo=1", PaymentIntentCreateParams, "Received unknown parameter: foo", "foo"),
        ("currency=eur", PaymentIntentCreateParams, "Missing required param: amount.", "amount"),
        ("amount=1.5&currency=eur", PaymentIntentCreateParams, "Invalid integer: 1.5", "amount"),
        ("amount=1&currency=eur&confirm=yes", PaymentIntentCreateParams, "Invalid boolean: yes", "confirm"),
        ("amount[a]=1&currency=eur", PaymentIntentCreateParams, "Invalid int", "amount"),
        (
            "amount=1&currency=eur&capture_method=later",
            PaymentIntentCreateParams,
            "Invalid capture_method: must be one of automatic, automatic_async, or manual",
            "capture_method",
        ),
        (
            "line_items[0][price_data][cents]=5",
            SessionCreateParams,
            "Received unknown parameter: line_items[0][price_data][cents]",
            "line_items[0][price_data][cents]",
        ),
        (
            "line_items[0][price_data][unit_amount]=5",
            SessionCreateParams,
            "Missing required param: line_items[0][price_data][currency].",
            "line_items[0][price_data][currency]",
        ),
        ("line_items=5", SessionCreateParams, "Invalid array", "line_items"),
        ("metadata=5", SessionCreateParams, "Invalid hash", "metadata"),
        (
            "payment_method_types[0]=card",
            SessionCreateParams,
            "Received unknown parameter: payment_method_types",
            "payment_method_types",
        ),
        (
            "metadata[" + "k" * 41 + "]=1",
            SessionCreateParams,
            "Metadata keys can have up to 40 characters: " + "k" * 41,
            "metadata",
        ),
        (
            "metadata[k]=" + "v" * 501,
            SessionCreateParams,
            "Metadata values can have up to 500 characters: k",
            "metadata[k]",
        ),
        (
            "payment_intent_data[metadata][k]=" + "v" * 501,
            SessionCreateParams,
            "Metadata values can have up to 500 characters: k",
            "payment_intent_data[metadata][k]",
        ),
    ],
)
def test_parameters_are_checked_against_the_types_of_the_official_package(text, shape, message, param):
    with pytest.raises(StripeError) as refused:
        check(decode(text), shape)
    error = refused.value
    assert (error.status, error.error["type"]) == (400, "invalid_request_error")
    assert (error.error["message"], error.error["param"]) == (message, param)
    assert error.executed is False


def test_texts_become_integers_booleans_lists_and_dictionaries():
    text = (
        "amount=500&currency=eur&confirm=true&metadata[0]=a&metadata[x]=b&expand[]=a&expand[]=b"
        "&allowed_payment_method_types[0]=card&shipping[name]=N&shipping[address][line1]=L"
    )
    assert check(decode(text), PaymentIntentCreateParams) == {
        "amount": 500,
        "currency": "eur",
        "confirm": True,
        "metadata": {"0": "a", "x": "b"},
        "expand": ["a", "b"],
        "allowed_payment_method_types": ["card"],
        "shipping": {"name": "N", "address": {"line1": "L"}},
    }


def test_an_empty_text_does_not_stand_for_a_value():
    with pytest.raises(StripeError) as refused:
        check(decode("customer_email="), SessionCreateParams)
    assert refused.value.error["code"] == "parameter_invalid_empty"


@pytest.mark.parametrize("text", ["a[=1", "a[b]=1&a[b][c]=2", "&".join(f"a{n}=1" for n in range(2001))])
def test_broken_form_data_is_refused(text):
    with pytest.raises(StripeError):
        decode(text)


def test_an_unknown_parameter_reaches_the_client_as_an_invalid_request(shop):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.payment_intents.create({**GOOD, "colour": "green"})
    assert (refused.value.param, refused.value.code) == ("colour", "parameter_unknown")
    assert shop.v1.payment_intents.list().data == []


def test_objects_have_exactly_the_fields_of_stripes_fixtures(shop):
    account = shop.account()
    intent = shop.paid(5000, "pm_card_createDispute")
    shop.standin.advance()
    transfer = shop.v1.transfers.create(
        {"amount": 100, "currency": "eur", "destination": account, "source_transaction": intent.latest_charge.id}
    )
    other = shop.paid(5000)
    made = {
        "payment_intent": shop.v1.payment_intents.retrieve(intent.id),
        "charge": shop.v1.charges.retrieve(intent.latest_charge.id),
        "balance_transaction": intent.latest_charge.balance_transaction,
        "refund": shop.v1.refunds.create({"payment_intent": other.id, "amount": 100}),
        "transfer": transfer,
        "transfer_reversal": shop.v1.transfers.reversals.create(transfer.id, {"amount": 50}),
        "checkout.session": shop.session(),
        "account": shop.v1.accounts.retrieve(account),
        "dispute": shop.v1.disputes.list().data[0],
        "payout": shop.v1.payouts.create({"amount": 100, "currency": "eur"}),
        "balance": shop.v1.balance.retrieve(),
        "event": shop.v1.events.list().data[0],
    }
    for kind, found in made.items():
        fields = set(found.to_dict())
        assert fields == keys(kind), f"{kind}: {fields ^ keys(kind)}"
        assert not [name for name in json.dumps(found.to_dict()).split('"') if name.startswith("_")]


def test_a_field_that_stripe_does_not_have_is_refused_when_building_an_object():
    with pytest.raises(KeyError, match="colour"):
        blank("charge", colour="green")
    assert public({"a": [{"_b": 1, "c": 2}], "_d": 3}) == {"a": [{"c": 2}]}


def test_ids_are_expanded_up_to_four_levels(shop):
    shop.paid(2000)
    found = shop.v1.payment_intents.list(
        {"expand": ["data.latest_charge.balance_transaction.source", "data.payment_method"]}
    )
    charge = found.data[0].latest_charge
    assert charge.balance_transaction.source.id == charge.id
    assert found.data[0].payment_method.card.last4 == "4242"
    plain = shop.v1.payment_intents.retrieve(found.data[0].id)
    assert plain.latest_charge == charge.id


@pytest.mark.parametrize("path", ["nothing", "latest_charge.nothing", "latest_charge.a.b.c.d", "status"])
def test_what_cannot_be_expanded_is_refused(shop, path):
    intent = shop.paid(2000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.payment_intents.retrieve(intent.id, {"expand": [path]})
    assert refused.value.param == "expand"


def test_a_list_is_read_to_its_end_page_by_page(shop):
    made = [shop.v1.payment_intents.create({"amount": 500 + n, "currency": "eur"}).id for n in range(12)]
    assert [entry.id for entry in shop.v1.payment_intents.list({"limit": 5}).auto_paging_iter()] == made[::-1]
    assert [entry.id for entry in shop.v1.payment_intents.list({"ending_before": made[9], "limit": 1}).data] == [
        made[10]
    ]
    assert len(shop.v1.payment_intents.list().data) == 10
    for wrong in ({"limit": 0}, {"limit": 101}, {"starting_after": "pi_unknown"}):
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.payment_intents.list(wrong)


def test_lists_are_filtered_by_time(shop):
    first = shop.v1.payment_intents.create(GOOD)
    shop.standin.advance(seconds=100)
    second = shop.v1.payment_intents.create(GOOD)
    border = first.created + 50

    def found(**created):
        return [entry.id for entry in shop.v1.payment_intents.list({"created": created}).data]

    assert found(gte=border) == [second.id]
    assert found(lt=border) == [first.id]
    assert found(gt=first.created) == [second.id]
    assert found(lte=first.created) == [first.id]
    assert found(gte=first.created, lte=second.created) == [second.id, first.id]


def test_keys_that_are_no_test_keys_and_unknown_paths_are_refused(shop):
    assert raw(shop, "GET", "/v1/balance", Authorization="")[0] == 401
    assert raw(shop, "GET", "/v1/balance", Authorization="Bearer sk_live_x")[0] == 401
    status, _headers, body = raw(shop, "GET", "/v1/customers")
    assert (status, body["error"]["type"]) == (404, "invalid_request_error")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.refunds.retrieve("re_unknown")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_answers_name_their_request_and_version(shop):
    _status, headers, _body = raw(shop, "GET", "/v1/balance", Stripe_Version="2026-10-28.endive")
    assert headers["Request-Id"].startswith("req_")
    assert headers["Stripe-Version"] == "2026-10-28.endive"


def test_the_same_key_gives_the_stored_answer_and_does_nothing_again(shop):
    body = "amount=500&currency=eur"
    first = raw(shop, "POST", "/v1/payment_intents", body, Idempotency_Key="key-1")
    again = raw(shop, "POST", "/v1/payment_intents", body, Idempotency_Key="key-1")
    assert first[2] == again[2]
    assert ("Idempotent-Replayed" in first[1], again[1]["Idempotent-Replayed"]) == (False, "true")
    assert again[1]["Original-Request"] == first[1]["Request-Id"]
    assert len(shop.v1.payment_intents.list().data) == 1
    assert raw(shop, "POST", "/v1/payment_intents", "currency=eur&amount=500", Idempotency_Key="key-1")[2] == first[2]


def test_the_same_key_with_other_parameters_or_another_path_is_an_idempotency_error(shop):
    intent = shop.v1.payment_intents.create(GOOD, {"idempotency_key": "key-1"})
    with pytest.raises(stripe.IdempotencyError) as refused:
        shop.v1.payment_intents.create({**GOOD, "amount": 501}, {"idempotency_key": "key-1"})
    assert refused.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError):
        shop.v1.payment_intents.cancel(intent.id, {}, {"idempotency_key": "key-1"})
    assert shop.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_a_key_remembers_refusals_of_the_work_but_not_of_the_parameters(shop):
    intent = shop.authorised(5000)
    too_much = {"amount_to_capture": 5001}
    options = {"idempotency_key": "capture-1"}
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.payment_intents.capture(intent.id, too_much, options)
    with pytest.raises(stripe.InvalidRequestError) as again:
        shop.v1.payment_intents.capture(intent.id, too_much, options)
    assert again.value.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.payment_intents.create({"amount": 500}, {"idempotency_key": "create-1"})
    assert shop.v1.payment_intents.create(GOOD, {"idempotency_key": "create-1"}).amount == 500


def test_a_key_remembers_a_decline(shop):
    wish = {**GOOD, "payment_method": "pm_card_chargeDeclined", "confirm": True}
    for _time in range(2):
        with pytest.raises(stripe.CardError):
            shop.v1.payment_intents.create(wish, {"idempotency_key": "pay-1"})
    assert len(shop.v1.charges.list().data) == 1


def test_a_key_is_forgotten_after_a_day(shop):
    first = shop.v1.payment_intents.create(GOOD, {"idempotency_key": "key-1"})
    shop.standin.advance(seconds=23 * 3600)
    assert shop.v1.payment_intents.create(GOOD, {"idempotency_key": "key-1"}).id == first.id
    shop.standin.advance(seconds=3601)
    assert shop.v1.payment_intents.create(GOOD, {"idempotency_key": "key-1"}).id != first.id


def test_keys_of_two_accounts_do_not_meet(shop):
    account = shop.account()
    ours = shop.v1.payment_intents.create(GOOD, {"idempotency_key": "key-1"})
    theirs = shop.v1.payment_intents.create(GOOD, {"idempotency_key": "key-1", "stripe_account": account})
    assert ours.id != theirs.id


def test_twenty_threads_with_one_key_make_one_payment(shop):
    def pay(_number):
        wish = {**GOOD, "payment_method": "pm_card_visa", "confirm": True}
        return shop.v1.payment_intents.create(wish, {"idempotency_key": "one"}).id

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(pay, range(20)))) == 1
    assert shop.standin.state()["totals"]["captured"] == 500


def test_twenty_refunds_at_once_never_exceed_the_charge(shop):
    intent = shop.paid(1000)

    def refund(number):
        try:
            return shop.v1.refunds.create(
                {"payment_intent": intent.id, "amount": 300, "metadata": {"n": str(number)}}
            ).amount
        except stripe.InvalidRequestError:
            return 0

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(refund, range(20))) == 900
    assert shop.standin.state()["totals"]["refunded"] == 900


def test_when_the_stand_in_itself_fails_nothing_is_half_done(shop, monkeypatch):
    def fail(*_args):
        raise RuntimeError("broken")

    monkeypatch.setattr("demo.stripe_standin.paying.confirm", fail)
    with pytest.raises(stripe.APIError) as failed:
        shop.paid(500)
    assert failed.value.http_status == 500
    assert shop.v1.payment_intents.list().data == []
    assert shop.heard() == []


@pytest.mark.parametrize(
    "wish",
    [
        {"transfer_data": {"destination": "acct_1"}},
        {"application_fee_amount": 5},
        {"setup_future_usage": "off_session"},
        {"off_session": True},
    ],
)
def test_what_is_not_imitated_is_refused_instead_of_ignored(shop, wish):
    with pytest.raises(stripe.InvalidRequestError, match="does not cover"):
        shop.v1.payment_intents.create({**GOOD, **wish})
    assert shop.v1.payment_intents.list().data == []
