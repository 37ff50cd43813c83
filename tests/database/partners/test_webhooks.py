"""Messages to shops' servers: nothing is lost or doubled, failures are tried again, and signatures fit."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from standardwebhooks import Webhook, WebhookVerificationError

from foundation import jobs
from foundation.clock import at, now
from foundation.database import autocommit_engine, session, transact
from foundation.errors import Invalid, NotFound, Refused
from foundation.models import OutgoingMail
from foundation.security import decrypt
from money.ledger import sealing
from tests.builders import vouchers as build
from tests.builders.listener import Listener, listening
from tests.builders.threads import at_once
from vouchers.partners import client, collecting, endpoints, sending
from vouchers.partners.models import WebhookAttempt, WebhookCursor, WebhookDelivery, WebhookEndpoint, WebhookMessage
from vouchers.partners.states import RETRY_DELAYS
from vouchers.tills import redeeming, returns
from vouchers.tills.redeeming import RedemptionOrder

ALL = endpoints.CHOSEN_EVENTS


@pytest.fixture(autouse=True)
def receivers_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library that verifies takes a signature's age against the wall clock; here against the suite's."""

    class Standing(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return now().astimezone(tz)

    monkeypatch.setattr("standardwebhooks.webhooks.datetime", Standing)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as made:
        yield made


def tell(outlet_id: UUID, url: str, events: tuple[str, ...] = ALL) -> tuple[UUID, str]:
    return transact(endpoints.add, outlet_id, url=url, events=events, person_id=None)


def take(shop: build.Shop, voucher: object, cents: int = 10_00, receipt: str = "K-1") -> UUID:
    said = redeeming.redeem(shop.token, RedemptionOrder(voucher.token, cents, str(uuid4()), receipt_no=receipt))  # type: ignore[attr-defined]
    return UUID(said.body["redemption_id"])


def collect() -> None:
    session.rollback()
    sealing.seal_all()
    collecting.collect()


def go(endpoint_id: UUID) -> None:
    session.rollback()
    sending.send(str(endpoint_id))
    session.rollback()


def deliveries(endpoint_id: UUID) -> list[WebhookDelivery]:
    query = sa.select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id).order_by(WebhookDelivery.id)
    return list(session.scalars(query.execution_options(populate_existing=True)).unique())


def due_now(endpoint_id: UUID) -> None:
    """The waiting is over, for the delivery and for the server."""
    past = now() - timedelta(seconds=1)
    session.execute(sa.update(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id).values(next_at=past))
    session.execute(sa.update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).values(rests_until=None))
    session.commit()


def test_a_redemption_is_told_signed_and_without_personal_data(context: Flask, listener: Listener) -> None:
    programme, shop, voucher = build.scene(100_00)
    endpoint_id, secret = tell(shop.outlet_id, listener.url)
    redemption = take(shop, voucher, 37_50, "K-77")
    returns.void(shop.token, redemption, key=str(uuid4()), reason="Frau Meier hat es sich anders überlegt")
    collect()
    go(endpoint_id)
    told = {json.loads(body)["type"]: (headers, body) for headers, body in listener.heard}
    assert set(told) == {"redemption.created", "redemption.voided"}
    for headers, body in told.values():
        Webhook(secret).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body.replace("3750", "3751"), headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(endpoints.signing.generate_secret()).verify(body, headers)
    created = json.loads(told["redemption.created"][1])
    assert created["data"] == {
        "redemption_id": str(redemption),
        "amount_cents": 37_50,
        "currency": "EUR",
        "programme": programme.name,
        "outlet_id": str(shop.outlet_id),
        "till_id": str(shop.till_id),
        "till": "Kasse 1",
        "receipt_no": "K-77",
        "booked_on": created["data"]["booked_on"],
    }
    assert json.loads(told["redemption.voided"][1])["data"]["redemption_id"] == str(redemption)
    everything = "".join(body for _headers, body in listener.heard)
    for private in ("Meier", voucher.code[-4:], str(voucher.voucher_id), "remaining"):
        assert private not in everything
    assert {d.state for d in deliveries(endpoint_id)} == {"delivered"}


def test_nothing_is_told_twice_however_often_is_collected_and_by_how_many(context: Flask, listener: Listener) -> None:
    _programme, shop, voucher = build.scene(100_00)
    endpoint_id, _secret = tell(shop.outlet_id, listener.url)
    for _n in range(12):
        take(shop, voucher, 1_00)
    session.rollback()
    sealing.seal_all()
    assert at_once(context, lambda _n: collecting.collect(), range(4)) == [None] * 4
    collecting.collect()
    assert at_once(context, lambda _n: sending.send(str(endpoint_id)), range(4)) == [None] * 4
    ids = [headers["webhook-id"] for headers, _body in listener.heard]
    assert len(ids) == len(set(ids)) == 12
    assert {d.state for d in deliveries(endpoint_id)} == {"delivered"}


def test_a_reader_that_dies_begins_again_where_it_stood(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    _programme, shop, voucher = build.scene(100_00)
    endpoint_id, _secret = tell(shop.outlet_id, "https://kasse.example.org/x")
    for _n in range(3):
        take(shop, voucher, 1_00)
    session.rollback()
    sealing.seal_all()
    original, calls = collecting._write, []

    def dies(row: object) -> None:
        calls.append(row)
        if len(calls) == 2:
            raise RuntimeError("killed")
        original(row)

    monkeypatch.setattr(collecting, "_write", dies)
    with pytest.raises(RuntimeError):
        collecting.collect()
    session.rollback()
    monkeypatch.setattr(collecting, "_write", original)
    collecting.collect()
    assert len(deliveries(endpoint_id)) == 3


def test_what_was_sealed_in_pieces_is_read_to_the_end(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    _programme, shop, voucher = build.scene(100_00)
    endpoint_id, _secret = tell(shop.outlet_id, "https://kasse.example.org/x")
    for _n in range(5):
        take(shop, voucher, 1_00)
    monkeypatch.setattr(collecting, "BATCH_SIZE", 2)
    collect()
    assert len(deliveries(endpoint_id)) == 5
    heads = sa.text(
        "SELECT count(*) FROM stream_head h JOIN webhook_cursor c USING (stream) WHERE seal_no <> last_seal"
    )
    assert session.scalar(heads) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(WebhookCursor)) == 16


def test_only_the_events_that_were_chosen_and_only_the_own_shop(context: Flask) -> None:
    programme, shop, voucher = build.scene(100_00)
    neighbour = build.accepting_shop(programme.id)
    session.commit()
    voids, _secret = tell(shop.outlet_id, "https://a.example.org/x", ("redemption.voided",))
    others, _secret = tell(neighbour.outlet_id, "https://b.example.org/x")
    redemption = take(shop, voucher)
    returns.void(shop.token, redemption, key=str(uuid4()), reason="")
    collect()
    assert [d.message.event for d in deliveries(voids)] == ["redemption.voided"]
    assert deliveries(others) == []


def test_what_happened_before_a_server_was_entered_is_not_told(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    first, _secret = tell(shop.outlet_id, "https://a.example.org/x")
    take(shop, voucher)
    with at(now() + timedelta(seconds=1)):
        second, _secret = tell(shop.outlet_id, "https://b.example.org/x")
    collect()
    assert (len(deliveries(first)), deliveries(second)) == (1, [])


def test_a_shop_without_servers_leaves_no_message(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    take(shop, voucher)
    collect()
    query = sa.select(sa.func.count()).select_from(WebhookMessage).where(WebhookMessage.outlet_id == shop.outlet_id)
    assert session.scalar(query) == 0


def test_failures_are_tried_again_ever_later_under_the_same_id(context: Flask, listener: Listener) -> None:
    _programme, shop, voucher = build.scene(100_00)
    endpoint_id, secret = tell(shop.outlet_id, listener.url)
    take(shop, voucher)
    collect()
    listener.answers = [500, 302, 404]
    listener.headers = {"Location": listener.url + "&elsewhere=1"}
    for expected in RETRY_DELAYS[:3]:
        before = now()
        go(endpoint_id)
        [delivery] = deliveries(endpoint_id)
        assert delivery.state == "waiting"
        waits = delivery.next_at - before
        assert expected <= waits < expected + timedelta(seconds=10)
        heard = len(listener.heard)
        go(endpoint_id)
        assert len(listener.heard) == heard, "nothing goes before its time"
        due_now(endpoint_id)
    go(endpoint_id)
    [delivery] = deliveries(endpoint_id)
    assert (delivery.state, delivery.tries) == ("delivered", 4)
    assert len(listener.heard) == 4
    assert len({headers["webhook-id"] for headers, _body in listener.heard}) == 1
    assert len({body for _headers, body in listener.heard}) == 1
    Webhook(secret).verify(listener.heard[-1][1], listener.heard[-1][0])
    attempts = session.scalars(sa.select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery.id))
    assert sorted(a.status for a in attempts) == [204, 302, 404, 500]


def test_after_the_last_try_the_server_is_switched_off_the_shop_told_and_nothing_lost(
    context: Flask, listener: Listener
) -> None:
    _programme, shop, voucher = build.scene(100_00)
    endpoint_id, _secret = tell(shop.outlet_id, listener.url)
    take(shop, voucher, 1_00)
    collect()
    listener.answers = [500] * (len(RETRY_DELAYS) + 1)
    for _n in range(len(RETRY_DELAYS) + 1):
        due_now(endpoint_id)
        go(endpoint_id)
    endpoint = session.get_one(WebhookEndpoint, endpoint_id, populate_existing=True)
    assert (endpoint.active, deliveries(endpoint_id)[0].state) == (False, "given_up")
    query = sa.select(OutgoingMail).where(OutgoingMail.template == "vouchers/webhook_disabled")
    mails = [m for m in session.scalars(query) if m.message and endpoint.outlet.email in str(decrypt(m.message))]
    assert len(mails) == 1
    take(shop, voucher, 2_00)
    collect()
    go(endpoint_id)
    assert len(listener.heard) == len(RETRY_DELAYS) + 1, "nothing is sent to a server that is switched off"
    transact(endpoints.resume, endpoint_id, [shop.outlet_id])
    go(endpoint_id)
    assert json.loads(listener.heard[-1][1])["data"]["amount_cents"] == 2_00
    given_up = deliveries(endpoint_id)[0]
    transact(lambda: sending.send_again(given_up.id, endpoints.lock_endpoint(endpoint_id, [shop.outlet_id])))
    go(endpoint_id)
    assert json.loads(listener.heard[-1][1])["data"]["amount_cents"] == 1_00
    assert {d.state for d in deliveries(endpoint_id)} == {"delivered"}


def test_a_server_that_says_gone_is_asked_no_more(context: Flask, listener: Listener) -> None:
    _programme, shop, voucher = build.scene(100_00)
    endpoint_id, _secret = tell(shop.outlet_id, listener.url)
    take(shop, voucher)
    collect()
    listener.answers = [410]
    go(endpoint_id)
    assert session.get_one(WebhookEndpoint, endpoint_id, populate_existing=True).disabled_at is not None


def test_a_server_that_is_down_costs_one_waiting_and_not_one_for_each_message(
    context: Flask, listener: Listener
) -> None:
    _programme, shop, voucher = build.scene(100_00)
    endpoint_id, _secret = tell(shop.outlet_id, listener.url)
    for _n in range(5):
        take(shop, voucher, 1_00)
    collect()
    listener.answers = [500, 500]
    go(endpoint_id)
    go(endpoint_id)
    assert len(listener.heard) == 2
    assert session.get_one(WebhookEndpoint, endpoint_id, populate_existing=True).rests_until > now()
    go(endpoint_id)
    assert len(listener.heard) == 2, "it is left alone for a while"
    due_now(endpoint_id)
    go(endpoint_id)
    assert {d.state for d in deliveries(endpoint_id)} == {"delivered"}


def test_a_worker_that_dies_while_sending_leaves_the_message_to_the_next(
    context: Flask, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    _programme, shop, voucher = build.scene(100_00)
    endpoint_id, _secret = tell(shop.outlet_id, listener.url)
    take(shop, voucher)
    collect()
    with monkeypatch.context() as patch:

        def dies(*_args: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(sending, "_note", dies)
        with pytest.raises(KeyboardInterrupt):
            sending.send(str(endpoint_id))
    go(endpoint_id)
    assert len(listener.heard) == 1, "its claim holds for a minute"
    due_now(endpoint_id)
    go(endpoint_id)
    assert next(headers["webhook-id"] for headers, _body in listener.heard) == listener.heard[1][0]["webhook-id"]


def test_while_a_secret_is_replaced_both_verify(context: Flask, listener: Listener) -> None:
    _programme, shop, voucher = build.scene(100_00)
    endpoint_id, old = tell(shop.outlet_id, listener.url)
    new = transact(endpoints.rotate, endpoint_id, [shop.outlet_id])
    take(shop, voucher)
    collect()
    go(endpoint_id)
    headers, body = listener.heard[0]
    assert len(headers["webhook-signature"].split()) == 2
    Webhook(old).verify(body, headers)
    Webhook(new).verify(body, headers)
    query = sa.update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    session.execute(query.values(old_until=now() - timedelta(seconds=1)))
    session.commit()
    take(shop, voucher)
    collect()
    go(endpoint_id)
    headers, body = listener.heard[1]
    Webhook(new).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body, headers)
    stored = session.get_one(WebhookEndpoint, endpoint_id)
    assert old.encode() not in stored.secret
    assert new.encode() not in stored.secret


def test_messages_and_tries_can_neither_be_changed_nor_deleted(context: Flask, listener: Listener) -> None:
    _programme, shop, voucher = build.scene(100_00)
    endpoint_id, _secret = tell(shop.outlet_id, listener.url)
    take(shop, voucher)
    collect()
    go(endpoint_id)
    for statement in ("UPDATE webhook_message SET body = ''", "DELETE FROM webhook_attempt"):
        with pytest.raises(sa.exc.DBAPIError), autocommit_engine().connect() as connection:
            connection.execute(sa.text(statement))


def test_limits_and_foreign_shops(context: Flask) -> None:
    _programme, shop, _voucher = build.scene(100_00)
    for n in range(endpoints.MAX_ENDPOINTS):
        endpoint_id, _secret = tell(shop.outlet_id, f"https://kasse{n}.example.org/")
    with pytest.raises(Refused):
        tell(shop.outlet_id, "https://noch-eine.example.org/")
    with pytest.raises(Invalid):
        transact(endpoints.change, endpoint_id, [shop.outlet_id], url="https://a.example.org/", events=["alles"])
    for verb in (endpoints.rotate, endpoints.pause, endpoints.resume, endpoints.remove):
        with pytest.raises(NotFound):
            transact(verb, endpoint_id, [uuid4()])  # type: ignore[arg-type]
    transact(endpoints.remove, endpoint_id, [shop.outlet_id])
    with pytest.raises(NotFound):
        transact(endpoints.resume, endpoint_id, [shop.outlet_id])


def test_an_answer_byte_by_byte_is_cut_off(monkeypatch: pytest.MonkeyPatch, listener: Listener) -> None:
    monkeypatch.setattr(client, "MAX_REQUEST_SECONDS", 0.4)
    listener.drip = True
    outcome = client.post(listener.url, {}, "{}")
    assert (outcome.status, outcome.error, outcome.good) == (None, "timeout", False)
    assert outcome.milliseconds < 60_000  # the listener would drip until the test ends


def test_the_certificate_must_be_that_of_the_name(tmp_path: Path, certificates: tuple[Path, Path, Path]) -> None:
    roots, good, wrong = certificates
    with listening(certificate=good) as listener:
        assert client.post(listener.url, {}, "{}", roots=str(roots)).status == 204
        assert client.post(listener.url, {}, "{}").error == "certificate_refused", "nobody we know vouches for it"
    with listening(certificate=wrong) as listener:
        assert client.post(listener.url, {}, "{}", roots=str(roots)).error == "certificate_refused"
        assert listener.heard == []


def test_nobody_there_is_a_word_in_the_log(listener: Listener) -> None:
    assert client.post("http://localhost:9/", {}, "{}").error == "not_connected"


def test_a_seal_has_messages_collected_and_sent_soon(context: Flask, listener: Listener) -> None:
    _programme, shop, voucher = build.scene(100_00)
    tell(shop.outlet_id, listener.url)
    take(shop, voucher, 1_23)
    session.rollback()
    sealing.seal_all()
    assert collecting.collect_after_seal in sealing.after_seal
    for _n in range(3):
        collecting.collect_after_seal()
    jobs.work(wait=False)
    jobs.work(wait=False)
    assert [json.loads(body)["data"]["amount_cents"] for _headers, body in listener.heard] == [1_23]
