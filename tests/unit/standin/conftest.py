"""A stand-in per test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from demo.stripe_standin.testing import Running, running
from tests.builders.official_client import SECRET, Listener, Shop


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def standin(listener: Listener) -> Iterator[Running]:
    with running(listener, SECRET) as started:
        yield started


@pytest.fixture
def shop(standin: Running, listener: Listener) -> Shop:
    return Shop(standin, listener)


@pytest.fixture
def shop_with(listener: Listener) -> Iterator[Callable[..., Shop]]:
    """A shop whose stand-in has other options."""
    with ExitStack() as stack:

        def make(**options: Any) -> Shop:
            started = stack.enter_context(running(options.pop("webhook", listener), SECRET, **options))
            return Shop(started, listener)

        yield make
