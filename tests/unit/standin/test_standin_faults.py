"""Fault switches, webhooks with signature and retries, the list of events, the memory that survives."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import stripe

from demo.stripe_standin.testing import running
from tests.builders.official_client import SECRET, connect
from tests.builders.ports import free_port
from tests.builders.waiting import until

GOOD = {"amount": 500, "currency": "eur"}
KEY = {"idempotency_key": "key-1"}


def created(shop):
    return len(shop.v1.payment_intents.list().data)


def test_a_lost_answer_was_executed_and_the_same_key_gives_it(shop):
    shop.standin.fault("answer_lost", path="/v1/payment_intents")
    with pytest.raises(stripe.APIConnectionError):
        shop.v1.payment_intents.create(GOOD, KEY)
    assert created(shop) == 1
    assert shop.v1.payment_intents.create(GOOD, KEY).amount == 500
    assert created(shop) == 1


def test_a_lost_request_was_not_executed(shop):
    shop.standin.fault("request_lost")
    with pytest.raises(stripe.APIConnectionError):
        shop.v1.payment_intents.create(GOOD, KEY)
    assert created(shop) == 0
    shop.v1.payment_intents.create(GOOD, KEY)
    assert created(shop) == 1


def test_a_500_after_the_work_is_remembered_by_the_key(shop):
    shop.standin.fault("error_500_done")
    for replayed in (None, "true"):
        with pytest.raises(stripe.APIError) as failed:
            shop.v1.payment_intents.create({**GOOD, "metadata": {"op": "7"}}, KEY)
        assert failed.value.http_status == 500
        assert failed.value.headers.get("Idempotent-Replayed") == replayed
    assert [entry.metadata.op for entry in shop.v1.payment_intents.list().data] == ["7"]


@pytest.mark.parametrize(("stored", "made"), [(False, 1), (True, 0)])
def test_a_500_before_the_work_leaves_nothing(shop, stored, made):
    shop.standin.fault("error_500_not_done", stored=stored)
    with pytest.raises(stripe.APIError):
        shop.v1.payment_intents.create(GOOD, KEY)
    assert created(shop) == 0
    if stored:
        with pytest.raises(stripe.APIError):
            shop.v1.payment_intents.create(GOOD, KEY)
    else:
        shop.v1.payment_intents.create(GOOD, KEY)
    assert created(shop) == made


def test_too_many_requests_and_a_key_in_use_execute_nothing(shop):
    shop.standin.fault("rate_limited")
    with pytest.raises(stripe.RateLimitError):
        shop.v1.payment_intents.create(GOOD, KEY)
    shop.standin.fault("key_in_use")
    with pytest.raises(stripe.APIError) as busy:
        shop.v1.payment_intents.create(GOOD, KEY)
    assert busy.value.http_status == 409
    assert created(shop) == 0
    assert shop.v1.payment_intents.create(GOOD, KEY).amount == 500


def test_a_slow_answer_is_slow_and_holds_up_nobody_else(shop):
    shop.standin.fault("slow", seconds=0.3)
    begin = time.monotonic()
    shop.v1.payment_intents.create(GOOD)
    assert time.monotonic() - begin >= 0.3


def test_a_fault_hits_the_next_n_requests_of_its_path_and_method(shop):
    fault = shop.standin.fault("rate_limited", path="/v1/payment_intents/*/capture", count=2)
    intent = shop.authorised()
    for _time in range(2):
        with pytest.raises(stripe.RateLimitError):
            shop.v1.payment_intents.capture(intent.id)
    assert shop.v1.payment_intents.capture(intent.id).status == "succeeded"
    known = shop.standin.call("GET", "/_faults")["faults"]
    assert [(entry["id"], entry["left"], entry["used"]) for entry in known] == [(fault["id"], 0, 2)]


def test_faults_without_count_last_until_they_are_cleared(shop):
    shop.standin.fault("rate_limited", count=None, method="GET", path="/v1/balance")
    for _time in range(3):
        with pytest.raises(stripe.RateLimitError):
            shop.v1.balance.retrieve()
    shop.standin.clear_faults()
    assert shop.v1.balance.retrieve().object == "balance"
    assert shop.standin.call("GET", "/_faults")["faults"] == []


@pytest.mark.parametrize(
    "wish", [{"kind": "earthquake"}, {"kind": "rate_limited", "colour": 1}, {"kind": "rate_limited", "count": 0}]
)
def test_a_fault_that_does_not_exist_is_refused(shop, wish):
    with pytest.raises(AssertionError, match="400"):
        shop.standin.call("POST", "/_faults", wish)
    assert shop.standin.call("GET", "/_faults")["faults"] == []


def test_events_are_signed_so_that_the_official_package_accepts_them(shop):
    shop.paid(2000)
    assert shop.standin.flush()["delivered"] == 3
    event = shop.listener.events[-1]
    assert (event.type, event.data.object.amount_received, event.livemode) == ("payment_intent.succeeded", 2000, False)
    assert event.request.id.startswith("req_")
    assert shop.standin.flush()["sent"] == 0


def test_a_wrong_secret_does_not_pass():
    def refuse(body, headers):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)
        return 400

    with running(refuse, "whsec_other") as standin:
        connect(standin.base).v1.payment_intents.create(GOOD)
        assert standin.flush()["results"] == [{"status": 400, "delivered": False}]


def test_an_event_that_nobody_took_is_sent_again_until_somebody_does(shop):
    shop.listener.status = 503
    shop.paid(2000)
    assert shop.standin.flush()["delivered"] == 0
    missed = [event.type for event in shop.v1.events.list({"delivery_success": False}).data]
    assert missed == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]
    shop.listener.status = 200
    assert shop.standin.flush()["delivered"] == 3
    assert shop.v1.events.list({"delivery_success": False}).data == []
    assert len(shop.v1.events.list({"delivery_success": True}).data) == 3


def test_deliveries_run_by_themselves_with_growing_pauses(shop_with, listener):
    listener.status = 500
    shop = shop_with(deliver=True, retry_waits=(0.05, 0.05, 0.05))
    shop.v1.payment_intents.create(GOOD)
    assert until(lambda: shop.standin.state()["webhooks"]["failed"])
    assert listener.types == ["payment_intent.created"] * 4
    assert shop.standin.state()["webhooks"] == {"due": 0, "failed": 1, "never": 0}


def test_a_dead_application_does_not_hold_up_requests(shop_with):
    with socket.socket() as silent:  # takes connections and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        shop = shop_with(webhook=f"http://127.0.0.1:{silent.getsockname()[1]}/hook", deliver=True, webhook_timeout=60)
        begin = time.monotonic()
        shop.paid(2000)
        assert time.monotonic() - begin < 60  # the first delivery alone waits longer for its answer


def test_a_duplicate_comes_as_often_as_wished(shop):
    shop.standin.fault("webhook_duplicate", event="charge.succeeded", copies=3)
    shop.paid(2000)
    assert sorted(shop.heard()) == ["charge.succeeded"] * 3 + ["payment_intent.created", "payment_intent.succeeded"]
    assert len({event.id for event in shop.listener.events if event.type == "charge.succeeded"}) == 1


def test_a_late_event_comes_later_and_a_flush_brings_it(shop_with, listener):
    shop = shop_with(deliver=True)
    shop.standin.fault("late", event="payment_intent.created", seconds=60)
    shop.paid(2000)
    assert until(lambda: len(listener.types) == 2)
    assert sorted(listener.types) == ["charge.succeeded", "payment_intent.succeeded"]
    assert shop.heard()[-1] == "payment_intent.created"


def test_shuffled_events_come_in_another_order(shop):
    shop.standin.fault("shuffled", count=None, seconds=60)
    for _time in range(10):
        shop.v1.payment_intents.create(GOOD)
    made = [event.id for event in shop.v1.events.list({"limit": 100}).data][::-1]
    shop.heard()
    heard = [event.id for event in shop.listener.events]
    assert (sorted(heard), heard != made) == (sorted(made), True)


def test_an_event_that_never_comes_is_found_in_the_list(shop):
    shop.standin.fault("never", event="payment_intent.*")
    shop.v1.payment_intents.create(GOOD)
    assert shop.heard() == []
    shop.standin.advance(seconds=86400)
    assert shop.heard() == []
    missed = shop.v1.events.list({"delivery_success": False, "type": "payment_intent.*"}).data
    assert [event.type for event in missed] == ["payment_intent.created"]
    assert shop.v1.events.retrieve(missed[0].id).data.object.amount == 500
    shop.standin.flush(never=True)
    assert shop.listener.types == ["payment_intent.created"]


def test_events_of_connected_accounts_name_the_account(shop):
    account = shop.account()
    shop.v1.payment_intents.create(GOOD, {"stripe_account": account})
    shop.heard()
    assert shop.listener.events[-1].account == account
    assert shop.listener.types == ["account.updated", "payment_intent.created"]


def test_a_reset_forgets_everything(shop):
    shop.paid(2000)
    shop.standin.fault("rate_limited")
    shop.standin.reset()
    assert created(shop) == 0
    state = shop.standin.state()
    assert (state["events"], state["faults"], state["balances"]["platform"]) == (0, [], {"available": 0, "pending": 0})


def test_the_state_survives_a_restart_and_a_torn_last_line(tmp_path, listener):
    path = tmp_path / "sub" / "standin.json"
    with running(listener, SECRET, path=path) as standin:
        first = connect(standin.base).v1.payment_intents.create(
            {**GOOD, "payment_method": "pm_card_visa", "confirm": True}, KEY
        )
        before = standin.state()
    with path.open("a") as file:
        file.write('{"put": [{"id": "pi_torn"')
    with running(listener, SECRET, path=path) as standin:
        assert standin.state() == {**before, "now": standin.state()["now"]}
        client = connect(standin.base)
        assert (
            client.v1.payment_intents.create({**GOOD, "payment_method": "pm_card_visa", "confirm": True}, KEY).id
            == first.id
        )
        assert standin.flush()["delivered"] == 3
        assert client.v1.payment_intents.create(GOOD).id != first.id


def start(path: Path, port: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "demo.stripe_standin", "--port", str(port), "--state", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])
    assert process.stdout is not None
    assert process.stdout.readline() == f"Stripe stand-in: http://127.0.0.1:{port}\n"
    return process


def test_the_program_starts_fast_and_survives_kill_9(tmp_path):
    path, port = tmp_path / "standin.json", free_port()
    with start(path, port) as process:
        client = connect(f"http://127.0.0.1:{port}")
        made = client.v1.payment_intents.create(GOOD)
        os.kill(process.pid, signal.SIGKILL)
    with start(path, port) as process:
        assert connect(f"http://127.0.0.1:{port}").v1.payment_intents.retrieve(made.id).amount == 500
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=120) as reply:
            assert json.loads(reply.read()) == {"ok": True}
        process.terminate()
        assert process.wait(timeout=120) == 0
