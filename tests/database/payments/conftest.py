"""A running Stripe stand-in whose messages arrive at the application, and the methods and things of these tests."""

import os
from collections.abc import Iterator

import pytest
from flask import Flask

from demo.stripe_standin.testing import Running, running
from foundation.config import settings
from tests.builders import payments


@pytest.fixture(scope="session")
def standin(app: Flask) -> Iterator[Running]:
    """One stand-in for all tests of payments."""

    def hook(body: bytes, headers: dict[str, str]) -> int:
        answer = app.test_client().post("/hooks/stripe", data=body, headers=headers)
        return answer.status_code

    with app.app_context():
        payments.prepare()
    with running(hook, "whsec_suite") as started:
        os.environ["STRIPE_API_BASE"] = started.base
        settings.cache_clear()
        yield started
        os.environ.pop("STRIPE_API_BASE")
        settings.cache_clear()


@pytest.fixture
def stripe(standin: Running, context: Flask) -> Iterator[Running]:
    """The stand-in without faults, inside an application context."""
    standin.clear_faults()
    yield standin
    standin.clear_faults()
