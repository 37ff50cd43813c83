"""The door for messages: what is signed is stored once, everything else leaves no trace."""

import hashlib
import hmac
import json
import time
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from demo.stripe_standin.testing import Running
from demo.stripe_standin.webhooks import signature
from foundation.config import settings
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


@pytest.mark.parametrize("fault", ["secret", "age", "body", "missing", "garbage", "latin"])
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
        "latin": {"Stripe-Signature": good},
    }[fault]
    sent = {
        "body": body.replace(b"pi_forged", b"pi_others"),
        "latin": b"\xff\xfe" + body,
    }.get(fault, body)
    answer = client.post("/hooks/stripe", data=sent, headers=headers)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "signature_not_valid"
    assert (stored(event), queued(event)) == (0, 0)


def event_of(**changes: object) -> bytes:
    """A signed event of a kind that somebody did not think of."""
    event = {"id": f"evt_{uuid4().hex}", "object": "event", "type": "balance.available", "api_version": "2026-10-28"}
    return json.dumps({**event, "data": {"object": {"object": "balance"}}, **changes}).encode()


THIN = {"object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered", "data": None}
SIGNED = {
    "object without id": event_of(),
    "thin event": event_of(**THIN, related_object={"id": "mtr_1", "type": "billing.meter", "url": "/v1/x"}),
    "thin event without object": event_of(**THIN),
    "unknown type": event_of(type="moon.landed"),
    "newer api version": event_of(api_version="2031-01-01.zinnia"),
    "of a connected account": event_of(account="acct_1", data={"object": {"object": "charge", "id": "ch_1"}}),
    "object of another shape": event_of(data={"object": []}),
    "no data": event_of(data=None),
    "no type": event_of(type=None),
    "no id": event_of(id=None, created=time.time_ns()),
    "a list": json.dumps([time.time_ns()]).encode(),
    "no json": f"{{ {time.time_ns()}".encode(),
}


@pytest.mark.parametrize("kind", SIGNED)
def test_whatever_is_signed_is_stored_and_answered_and_read_without_an_error(
    client: FlaskClient, stripe: Running, kind: str
) -> None:
    body, moment = SIGNED[kind], int(time.time())
    headers = {"Stripe-Signature": signature(SECRET, body, moment)}
    answer = client.post("/hooks/stripe", data=body, headers=headers)
    assert (answer.status_code, answer.json) == (200, {"received": True, "new": True})
    assert client.post("/hooks/stripe", data=body, headers=headers).json == {"received": True, "new": False}
    query = sa.select(WebhookEvent.id, WebhookEvent.raw).order_by(WebhookEvent.received_at.desc()).limit(40)
    event = next(row.id for row in session.execute(query) if bytes(row.raw) == body)
    session.commit()
    messages.read_message(event)
    found = session.get_one(WebhookEvent, event, populate_existing=True)
    assert (found.done_at is not None, (found.last_error or "").startswith("nothing done about")) == (True, True)
    session.commit()


def test_the_same_event_at_two_endpoints_is_one_message(
    client: FlaskClient, stripe: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each endpoint signs with a secret of its own. Its control: a third secret is refused."""
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", f"{SECRET}, whsec_connect")
    settings.cache_clear()
    body, moment = event_of(), int(time.time())
    told = [
        client.post("/hooks/stripe", data=body, headers={"Stripe-Signature": signature(secret, body, moment)})
        for secret in (SECRET, "whsec_connect", "whsec_third")
    ]
    assert [answer.status_code for answer in told] == [200, 200, 400]
    assert [answer.json and answer.json.get("new") for answer in told[:2]] == [True, False]


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
