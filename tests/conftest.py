"""The ground every test stands on: a PostgreSQL, a database made by the real migrations, the application, clients.

Tests commit for real and build what they need with fresh ids; the books of the shared database are proven at the end
of the run. A test that damages data on purpose asks for `own_database`.
"""

import gc
import hashlib
import importlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

ROOT = Path(__file__).resolve().parent.parent
# Workers of pytest-xdist inherit the settings below, and with them what was really given.
GIVEN = os.environ.setdefault("SUITE_DATABASE_URL", os.environ.get("DATABASE_URL", ""))
TESTING = {
    "SECRET_KEY": "test-secret-key-of-more-than-32-characters",
    "CODE_PEPPER": "test-pepper-of-more-than-32-characters!!",
    "DATABASE_URL": GIVEN or "postgresql://not-started",
    "MIGRATION_DATABASE_URL": "",
    "SECURE_COOKIES": "0",
    "BASE_URL": "http://localhost:8000",
    "HOTLINE": "02541 900 900",
    "STRIPE_SECRET_KEY": "sk_test_suite",
    "STRIPE_WEBHOOK_SECRET": "whsec_suite",
    "LOG_LEVEL": "ERROR",
    "STAFF_SECOND_FACTOR": "0",
    "DEMO": "1",
}


# No test depends on how fast it runs, and what a fixture builds may serve all examples of a test.
hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)


def pytest_configure(config: pytest.Config) -> None:
    """Give every module the same settings, whatever the developer's shell holds, and stop the clock (0008)."""
    gc.disable()  # looking for garbage is a quarter of the time of importing, and there is none
    os.environ.update(TESTING)
    module("foundation.clock").stand(moment())
    hypothesis.settings.load_profile("suite")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for garbage again, but never among the modules of the tests."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share the tests out between the workers (0009)."""
    return module("tests.workers").Files(config, log)


def moment() -> datetime:
    """Say at which instant the suite's clock stands: that of the run's beginning, the same in all its workers."""
    return datetime.fromisoformat(os.environ.setdefault("SUITE_MOMENT", datetime.now(UTC).isoformat()))


def module(name: str) -> ModuleType:
    """Import once the settings are there."""
    return importlib.import_module(name)


@pytest.fixture(scope="session")
def server_url() -> str:
    """A PostgreSQL in which databases can be made: the given one, else the embedded one."""
    if GIVEN:
        return GIVEN
    server = module("foundation.postgres").Server(ROOT / "instance" / "test-postgres", fsync=False)
    address = str(server.start())
    if server.process:
        server.process.returncode = 0  # it serves the other workers and the next run: nobody is to wait for its end
    return address


def _connect(server_url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(server_url, autocommit=True)


def named(server_url: str, database: str) -> str:
    """The address of another database of the same server."""
    head, mark, query = server_url.partition("?")
    return f"{head.rpartition('/')[0]}/{database}{mark}{query}"


def _fingerprint() -> str:
    total = hashlib.sha256()
    for path in [*sorted((ROOT / "migrations").rglob("*")), *module("foundation.schema").sql_files()]:
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _use(url: str) -> None:
    os.environ["DATABASE_URL"] = url
    module("foundation.config").settings.cache_clear()


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """A migrated, empty database to copy from; made anew when a migration changes."""
    name = f"template_{_fingerprint()}"
    with _connect(server_url) as connection:
        connection.execute("SELECT pg_advisory_lock(4711)")
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        for statement in module("foundation.roles").list_role_statements():
            connection.execute(statement)
        half = f"half_{secrets.token_hex(4)}"
        connection.execute(f'CREATE DATABASE "{half}"')  # type: ignore[call-overload]
        _use(named(server_url, half))
        made = module("wsgi").create_app()
        with made.app_context():
            module("flask_migrate").upgrade()
            module("foundation.database").db.engine.dispose()
        connection.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')  # type: ignore[call-overload]
    return name


@contextmanager
def copy(server_url: str, template: str) -> Iterator[str]:
    """A database of one's own, gone afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    with _connect(server_url) as connection:
        connection.execute("SELECT pg_advisory_lock(4711)")
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[call-overload]
        for statement in module("foundation.roles").list_closing_statements(name):
            connection.execute(statement)
    with _connect(named(server_url, name)) as connection:  # its rows wait for their seals since now
        connection.execute("UPDATE row_queue SET created_at = clock_timestamp()")
    try:
        yield named(server_url, name)
    finally:
        with _connect(server_url) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[call-overload]


class Visitor(FlaskClient):
    """A browser whose forms carry the token that the page would have given them."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("method", "GET") in {"POST", "PUT", "PATCH", "DELETE"}:
            with self.session_transaction() as stored:
                raw = stored.setdefault("csrf_token", secrets.token_hex(20))
            signer = URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token")  # type: ignore[arg-type]
            headers = dict(kwargs.pop("headers", None) or {})
            kwargs["headers"] = {"X-CSRFToken": signer.dumps(raw), **headers}
        with self.application.app_context():  # or requests would share `g`, and who is signed in, with the test
            return super().open(*args, **kwargs)


def application(url: str) -> Flask:
    """The application on the database at `url`."""
    _use(url)
    made: Flask = module("wsgi").create_app()
    made.testing = False
    made.config["PROPAGATE_EXCEPTIONS"] = False
    module("foundation.security").limiter.enabled = False
    # The same hash at its least price: at its real one, hundreds of sign-ins are a quarter of the suite's time.
    made.extensions["security"].pwd_context.update(argon2__memory_cost=8, argon2__time_cost=1, argon2__parallelism=1)
    made.test_client_class = Visitor
    return made


@pytest.fixture(scope="session")
def app(server_url: str, template: str) -> Iterator[Flask]:
    """The application on the shared test database."""
    with copy(server_url, template) as url:
        gc.disable()
        made = application(url)
        gc.freeze()
        gc.enable()
        yield made
        with made.app_context():
            module("money.ledger.sealing").seal_all()
            findings = module("money.ledger.proof").prove()
            broken = module("money.ledger.chain").verify().broken
            module("foundation.database").db.engine.dispose()
            module("foundation.database").autocommit_engine().dispose()
        assert findings == [], f"books are not proven after the run: {findings}"
        assert broken == (), f"the chain does not hold after the run: {broken[:5]}"


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """An application context with a session of its own."""
    with app.app_context():
        yield app


@pytest.fixture
def own_database(server_url: str, template: str, app: Flask) -> Iterator[Flask]:
    """An application on a database of its own, for tests that damage data on purpose."""
    shared = os.environ["DATABASE_URL"]
    with copy(server_url, template) as url:
        made = application(url)
        with made.app_context():
            yield made
            module("foundation.database").session.remove()  # a connection still lent would outlive its pool
            module("foundation.database").db.engine.dispose()
            module("foundation.database").autocommit_engine().dispose()
    _use(shared)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor with cookies."""
    return app.test_client()
