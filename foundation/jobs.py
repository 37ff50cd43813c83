"""Jobs: procrastinate on the same PostgreSQL. A job is queued in the transaction that wants it, or not at all."""

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import datetime
from typing import Any

import procrastinate
import psycopg
import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from foundation.config import settings
from foundation.database import engine_options, session, transact

Job = Callable[..., Any]
MAX_TRIES = 12
WAIT_SECONDS = 2.0  # until the database is asked again
MAX_SILENCE_SECONDS = 60  # seconds without a sign of life of its worker; workers give one every ten

log = structlog.get_logger("jobs")

queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())
# Queues on a connection of ours, also inside a worker, whose own connector is asynchronous and could not.
_here = JobManager(procrastinate.SyncPsycopgConnector())
_application: list[Flask] = []
_tasks: dict[Job, Any] = {}


def plug(app: Flask) -> None:
    """Let jobs run inside this application, with a context and a session of their own."""
    _application[:] = [app]


def _run(function: Job, transaction: bool, values: dict[str, Any]) -> None:
    # Always a context of its own: the worker's threads inherit that of the command, and would share one session.
    with _application[0].app_context():
        try:
            if transaction:
                transact(function, **values)
            else:
                function(**values)
        finally:
            session.remove()


def job(name: str, *, every: str | None = None, transaction: bool = True) -> Callable[[Job], Job]:
    """Make a function a job. `every` is a cron line (UTC). Without `transaction` the job calls `transact` itself.

    A job may run more than once: it must find out itself what is still to do. Failures are tried again, ever later.
    """

    def register(function: Job) -> Job:
        retry = procrastinate.RetryStrategy(max_attempts=MAX_TRIES, exponential_wait=2)
        if every:

            def tick(timestamp: int) -> None:
                _run(function, transaction, {})

            _tasks[function] = queue.periodic(cron=every)(queue.task(name=name, queueing_lock=name)(tick))
        else:

            def work(**values: Any) -> None:
                _run(function, transaction, values)

            _tasks[function] = queue.task(name=name, retry=retry)(work)
        return function

    return register


def enqueue(function: Job, *, at: datetime | None = None, lock: str | None = None, **values: Any) -> None:
    """Queue a job in the present transaction. With `lock`, at most one such job waits at a time."""
    options: dict[str, Any] = {
        "connection": session.connection().connection.driver_connection,
        "queueing_lock": lock,
    }
    if at is not None:
        options["schedule_at"] = at
    deferrer = _tasks[function].configure(**options)
    deferrer.job_manager = _here
    with suppress(AlreadyEnqueued), session.begin_nested() if lock else nullcontext():
        session.connection()  # sets the savepoint: the queue goes past the session, which would set it too late
        deferrer.defer(**values)


def count_by_status() -> dict[str, int]:
    """Count the jobs in the queue by their status, as procrastinate names it."""
    counted = session.execute(sa.text("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1 ORDER BY 1"))
    return {str(status): int(number) for status, number in counted}


def find_oldest_due() -> datetime | None:
    """Find since when (UTC) the job that is due longest has waited; nothing where none is due."""
    due = "status = 'todo' AND coalesce(scheduled_at, now()) <= now()"
    found: datetime | None = session.scalar(sa.text(f"SELECT min(scheduled_at) FROM procrastinate_jobs WHERE {due}"))  # noqa: S608 a constant
    return found


@queue.periodic(cron="*/1 * * * *")
@queue.task(name="foundation.revive_jobs", queueing_lock="foundation.revive_jobs")
async def revive(timestamp: int) -> None:
    """Queue again what a killed worker had begun: nobody else would ever finish it. What kills workers again and again
    is given up; a periodic job has its next turn anyway."""
    manager = queue.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=MAX_SILENCE_SECONDS):
        log.warning("job_revived", job=stalled.id, task=stalled.task_name, attempts=stalled.attempts)
        if stalled.queueing_lock or stalled.attempts >= MAX_TRIES:
            await manager.finish_job(stalled, Status.FAILED, delete_job=False)
        else:
            await manager.retry_job(stalled)


def work(*, concurrency: int = 2, wait: bool = True) -> None:
    """Run jobs until stopped by a signal, or with `wait=False` until none is due.

    A database that goes away, even in the middle of a job, ends nothing: the worker waits for it. What it had begun is
    queued again (`revive`).
    """
    plug(current_app._get_current_object())  # type: ignore[attr-defined]
    while True:
        try:
            if asyncio.run(_work(concurrency, wait)):
                return
            log.warning("worker_waits", reason="stopped by itself")
        except (ConnectorException, psycopg.OperationalError) as error:
            if not wait:
                raise
            log.warning("worker_waits", reason=type(error.__cause__ or error).__name__)
        time.sleep(WAIT_SECONDS)


async def _work(concurrency: int, wait: bool) -> bool:
    """Work; whether it is over. The worker of the queue ends by itself when it loses the database, as if it were
    asked to: only who counts the signals can tell."""
    options = engine_options(settings())["connect_args"]["options"]
    connector = procrastinate.PsycopgConnector(
        conninfo=settings().database_url, kwargs={"options": options}, max_size=4
    )
    asked = not wait
    with queue.replace_connector(connector):
        async with queue.open_async():
            worker = asyncio.create_task(
                queue.run_worker_async(
                    concurrency=concurrency, wait=wait, install_signal_handlers=False, delete_jobs="successful"
                )
            )

            def stop() -> None:
                nonlocal asked
                asked = True
                worker.cancel()  # begins nothing more, and ends what runs

            for name in (signal.SIGTERM, signal.SIGINT) if wait else ():
                asyncio.get_running_loop().add_signal_handler(name, stop)
            with suppress(asyncio.CancelledError):
                await worker
    return asked
