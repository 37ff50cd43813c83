"""A database for the ledger's tests alone: they book vouchers and payments that exist nowhere but in the entries, which
other packages' queries of the proof would rightly find."""

import os
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import _use, application, copy, module


@pytest.fixture(scope="session")
def ledger_app(server_url: str, template: str, app: Flask) -> Iterator[Flask]:
    """The application on that database."""
    shared = os.environ["DATABASE_URL"]
    with copy(server_url, template) as url:
        made = application(url)
        _use(shared)
        yield made
        with made.app_context():
            module("foundation.database").db.engine.dispose()
            module("foundation.database").autocommit_engine().dispose()


@pytest.fixture
def context(ledger_app: Flask) -> Iterator[Flask]:
    """An application context with a session of its own, on that database."""
    with ledger_app.app_context():
        yield ledger_app
