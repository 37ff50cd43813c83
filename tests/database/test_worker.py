"""The job worker as a process of its own: it outlives the database's crash, and ends when it is asked to."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from psycopg import sql

from foundation.config import settings
from foundation.database import session, transact
from foundation.jobs import enqueue
from money.payments.calling import advance_later
from tests.builders.waiting import until

WAITING = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'money.advance_payment'"


@pytest.fixture
def worker(own_database: Flask) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "work"]
    started = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": settings().database_url})
    yield started
    started.kill()
    started.wait()


def one_job_is_done() -> None:
    transact(enqueue, advance_later, payment_id=str(uuid4()))
    assert until(lambda: not _count())


def _count() -> int:
    session.rollback()
    return int(session.scalar(sa.text(WAITING)) or 0)


def crash(how: str) -> None:
    """Cut every connection to this database, and let none in or everybody again."""
    server, _slash, rest = settings().database_url.rpartition("/")
    name, mark, options = rest.partition("?")
    with psycopg.connect(f"{server}/postgres{mark}{options}", autocommit=True) as connection:
        statement = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        connection.execute(statement.format(sql.Identifier(name), sql.SQL(how)))
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def test_the_worker_outlives_a_crash_of_the_database(own_database: Flask, worker: subprocess.Popen[bytes]) -> None:
    one_job_is_done()
    session.remove()
    crash("false")
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(5)  # long enough for more than one try
    crash("true")
    assert until(_is_there)
    one_job_is_done()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0


def _is_there() -> bool:
    try:
        return _count() >= 0
    except sa.exc.OperationalError:
        session.remove()
        return False
