"""Fixtures: a running Stripe stand-in whose messages reach the application. A conftest imports both names."""

from collections.abc import Iterator

import pytest
from flask import Flask

from demo.stripe_standin.testing import Running, running
from foundation import clock
from foundation.config import settings
from tests.builders import payments

__all__ = ["alone", "standin", "stripe", "tell_seconds"]


def tell_seconds() -> float:
    """Tell the stand-in the instant at which the suite's clock stands: a slow run lets no session expire."""
    return clock.now().timestamp()


@pytest.fixture(scope="session")
def standin(app: Flask) -> Iterator[Running]:
    """One stand-in for all tests below the conftest that imports it. Nothing is delivered before `flush()`."""

    def hook(body: bytes, headers: dict[str, str]) -> int:
        return app.test_client().post("/hooks/stripe", data=body, headers=headers).status_code

    with app.app_context():
        payments.prepare()
    with running(hook, "whsec_suite", clock=tell_seconds) as started:
        yield started


@pytest.fixture
def stripe(standin: Running, context: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The stand-in without faults, as the address in the settings, inside an application context."""
    monkeypatch.setenv("STRIPE_API_BASE", standin.base)
    settings.cache_clear()
    standin.clear_faults()
    yield standin
    standin.clear_faults()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def alone(stripe: Running, own_database: Flask) -> Iterator[Running]:
    """The stand-in with nothing in it, beside a database of its own: its statement and the books begin together."""

    def hook(body: bytes, headers: dict[str, str]) -> int:
        return own_database.test_client().post("/hooks/stripe", data=body, headers=headers).status_code

    stripe.reset()
    with stripe.hooked(hook):
        payments.prepare()
        yield stripe
    stripe.reset()
