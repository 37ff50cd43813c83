"""The provider hangs: tills redeem, pages say so, the job goes on. Decision 0208."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from demo.stripe_standin.testing import Running
from foundation.config import settings
from foundation.database import session
from money.payments import breaker, links, recovering
from money.payments.breaker import Breaker
from tests.builders import vouchers as build
from tests.builders.hanging import Hanging, hanging
from tests.builders.payments import mixed, told
from tests.web.api.calls import post

THREADS = 4  # of one process, as in gunicorn.conf.py
PRESSERS = 50
FOREVER = 600.0  # seconds; in the test nothing ends by the clock


@pytest.fixture
def provider(context: Flask, stripe: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    """A provider that hangs, and a breaker that knows nothing yet."""
    monkeypatch.setattr(breaker, "provider", Breaker())
    with hanging() as started:
        monkeypatch.setenv("STRIPE_API_BASE", started.url)
        settings.cache_clear()
        yield started
    settings.cache_clear()


@pytest.fixture
def process(app: Flask) -> Iterator[ThreadPoolExecutor]:
    """The threads of one web process: whoever comes when all are busy waits for one."""
    with ThreadPoolExecutor(THREADS) as pool:
        yield pool


def press(app: Flask, payment: UUID) -> TestResponse:
    return app.test_client().post(f"/bezahlen/{links.sign_payment_id(payment)}/weiter")


def redeem(app: Flask, shop: build.Shop, token: str) -> TestResponse:
    return post(app.test_client(), shop.token, "/redemptions", {"token": token, "amount_cents": 1})


def everybody_presses(app: Flask, process: ThreadPoolExecutor) -> list[Future[TestResponse]]:
    payments = [mixed("card")[0] for _presser in range(PRESSERS)]
    session.remove()
    return [process.submit(press, app, payment) for payment in payments]


def test_tills_redeem_while_fifty_press_and_the_provider_hangs(
    app: Flask, provider: Hanging, process: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "SHORT_SECONDS", FOREVER)
    _programme, shop, voucher = build.scene(100_00)
    presses = everybody_presses(app, process)
    taken = [process.submit(redeem, app, shop, voucher.token) for _n in range(20)]
    assert [answer.result().status_code for answer in taken] == [201] * 20
    assert (provider.held, provider.came) == (breaker.TURNS, breaker.TURNS)
    waiting = [found for found in presses if not found.done()]
    assert len(waiting) == breaker.TURNS
    assert {found.result().status_code for found in presses if found.done()} == {503}
    provider.over.set()
    assert {found.result().status_code for found in waiting} == {503}


def test_without_turns_no_till_redeems(
    app: Flask, provider: Hanging, process: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: as many may wait as there are threads."""
    monkeypatch.setattr(breaker, "SHORT_SECONDS", FOREVER)
    monkeypatch.setattr(breaker, "TURNS", THREADS)
    monkeypatch.setattr(breaker, "provider", Breaker())
    _programme, shop, voucher = build.scene(100_00)
    presses = everybody_presses(app, process)
    taken = process.submit(redeem, app, shop, voucher.token)
    provider.wait_for(THREADS)
    assert not taken.running()
    assert not taken.done()
    provider.over.set()
    assert taken.result().status_code == 201
    assert all(found.result().status_code == 503 for found in presses)


def test_one_short_try_then_nobody_waits_and_the_page_says_so(
    client: FlaskClient, provider: Hanging, stripe: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "SHORT_SECONDS", 0.2)
    (first, _ref, _voucher), (second, _other, _token) = mixed("card"), mixed("card")
    assert press(client.application, first).status_code == 503
    assert provider.came == 1
    for payment in (first, second):
        assert press(client.application, payment).status_code == 503
        page = client.get(f"/bezahlen/{links.sign_payment_id(payment)}").text
        assert "Wir versuchen es von selbst weiter" in page
        assert state(client, payment) == "connecting"
    recovering.recover()
    assert provider.came == 1
    assert told(second).calls == {"authorise": ["planned"]}
    monkeypatch.setenv("STRIPE_API_BASE", stripe.base)
    settings.cache_clear()
    breaker.provider.reset()
    assert press(client.application, first).headers["Location"].startswith(stripe.base)
    recovering.recover()  # the job opens the other's page
    assert [state(client, payment) for payment in (first, second)] == ["waiting", "waiting"]


def state(client: FlaskClient, payment: UUID) -> Any:
    answer = client.get(f"/bezahlen/{links.sign_payment_id(payment)}/stand")
    assert answer.json is not None
    return answer.json["state"]


def test_a_provider_that_refuses_or_breaks_off_is_not_silent(client: FlaskClient, stripe: Running) -> None:
    payment, _ref, _voucher = mixed("card")
    for fault in ("request_lost", "error_500_not_done", "rate_limited"):
        stripe.fault(fault, method="*", path="*", count=1)
        press(client.application, payment)
    assert not breaker.provider.is_silent()
    assert press(client.application, payment).headers["Location"].startswith(stripe.base)
