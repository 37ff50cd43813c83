"""The door for messages: what is signed is stored once, everything else leaves no trace."""

import hashlib
import hmac
import json
import time

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from demo.stripe_standin.testing import Running
from demo.stripe_standin.webhooks import signature
from foundation.database import session
from money.payments import messages, starting
from money.payments.models import WebhookEvent
from tests.builders.payments import mixed, told

SECRET = "whsec_suite"


def body_of(event: str, about: dict[str, str] | None = None) -> bytes:
    thing = {"object": "payment_intent", "id": "pi_forged", **(about or {})}
    return json.dumps({"id": event, "type": "payment_intent.succeeded", "data": {"object": thing}}).encode()


def stored(event: str) -> int:
    found = session.scalar(sa.select(sa.func.count()).where(WebhookEvent.id == event))
    session.commit()
    return int(found or 0)


def queued(event: str) -> int:
    query = sa.text("SELECT count(*) FROM procrastinate_jobs WHERE args->>'event_id' = :e")
    found = session.scalar(query, {"e": event})
    session.commit()
    return int(found or 0)


def test_a_signed_message_is_stored_once_and_its_reading_queued_once(client: FlaskClient, stripe: Running) -> None:
    event = f"evt_{time.time_ns()}"
    body = body_of(event)
    headers = {"Stripe-Signature": signature(SECRET, body, int(time.time()))}
    first = client.post("/hooks/stripe", data=body, headers=headers)
    second = client.post("/hooks/stripe", data=body, headers=headers)
    assert (first.status_code, first.json) == (200, {"received": True, "new": True})
    assert (second.status_code, second.json) == (200, {"received": True, "new": False})
    assert (stored(event), queued(event)) == (1, 1)
    messages.read_message(event)


@pytest.mark.parametrize("fault", ["secret", "age", "body", "missing", "garbage", "no_json", "no_object", "latin"])
def test_a_forged_message_is_refused_and_leaves_no_trace(client: FlaskClient, stripe: Running, fault: str) -> None:
    event = f"evt_{time.time_ns()}"
    body = body_of(event)
    now = int(time.time())
    good = signature(SECRET, body, now)
    headers = {
        "secret": {"Stripe-Signature": signature("whsec_other", body, now)},
        "age": {"Stripe-Signature": signature(SECRET, body, now - 301)},
        "body": {"Stripe-Signature": good},
        "missing": {},
        "garbage": {"Stripe-Signature": "t=now,v1=;;;"},
        "no_json": {"Stripe-Signature": signature(SECRET, b"{", now)},
        "no_object": {"Stripe-Signature": signature(SECRET, b'{"id": "evt_x", "type": "y"}', now)},
        "latin": {"Stripe-Signature": good},
    }[fault]
    sent = {
        "body": body.replace(b"pi_forged", b"pi_others"),
        "no_json": b"{",
        "no_object": b'{"id": "evt_x", "type": "y"}',
        "latin": b"\xff\xfe" + body,
    }.get(fault, body)
    answer = client.post("/hooks/stripe", data=sent, headers=headers)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "signature_not_valid"
    assert (stored(event), queued(event)) == (0, 0)


def test_an_old_but_still_valid_signature_is_taken(client: FlaskClient, stripe: Running) -> None:
    event = f"evt_{time.time_ns()}"
    body = body_of(event)
    moment = int(time.time()) - 120
    signed = hmac.new(SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    answer = client.post(
        "/hooks/stripe", data=body, headers={"Stripe-Signature": f"t={moment},v0=x,v1=bad,v1={signed}"}
    )
    assert (answer.status_code, stored(event)) == (200, 1)
    messages.read_message(event)


def test_a_signed_lie_changes_nothing_because_the_object_is_looked_at(client: FlaskClient, stripe: Running) -> None:
    payment, _ref, _voucher = mixed("card")
    page = starting.start(payment).url
    event = f"evt_{time.time_ns()}"
    lie = {
        "object": "checkout.session",
        "id": page.rpartition("/")[2],
        "status": "complete",
        "payment_status": "paid",
        "amount_total": "3000",
    }
    body = body_of(event, lie)
    client.post(
        "/hooks/stripe",
        data=body,
        headers={"Stripe-Signature": signature(SECRET, body, int(time.time()))},
    )
    messages.read_message(event)
    now = told(payment)
    assert (now.state, now.booked, now.calls) == ("open", {}, {"authorise": ["pending"]})


def test_a_message_about_something_unknown_is_read_and_done(client: FlaskClient, stripe: Running) -> None:
    event = f"evt_{time.time_ns()}"
    body = body_of(event, {"object": "payout", "id": "po_1"})
    headers = {"Stripe-Signature": signature(SECRET, body, int(time.time()))}
    assert client.post("/hooks/stripe", data=body, headers=headers).status_code == 200
    messages.read_message(event)
    row = session.get_one(WebhookEvent, event, populate_existing=True)
    assert row.done_at is not None
    assert row.raw == body
    session.commit()


def test_the_door_takes_only_posts_and_no_large_bodies(client: FlaskClient, stripe: Running) -> None:
    assert client.get("/hooks/stripe").status_code == 405
    answer = client.post("/hooks/stripe", data=b"x" * 600_000, headers={"Stripe-Signature": "t=1,v1=x"})
    assert answer.status_code == 400
