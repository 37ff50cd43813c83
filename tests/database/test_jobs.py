"""Jobs as the worker runs them: each in a session of its own, and free to queue others."""

import threading

import sqlalchemy as sa
from flask import Flask

from foundation import jobs
from foundation.database import session, transact
from foundation.jobs import enqueue, job

done: list[str] = []
together = threading.Barrier(2, timeout=120)


@job("tests.first")
def first(name: str) -> None:
    enqueue(second, name=name)


@job("tests.second")
def second(name: str) -> None:
    done.append(name)


@job("tests.beside")
def beside(name: str) -> None:
    before = session()
    together.wait()
    assert before is session()
    done.append(f"{name} {id(before)}")


def test_a_job_queues_another_in_its_own_transaction(context: Flask) -> None:
    done.clear()
    transact(enqueue, first, name="tick")
    jobs.work(wait=False)
    jobs.work(wait=False)
    assert done == ["tick"]


def test_two_jobs_at_a_time_do_not_share_a_session(context: Flask) -> None:
    done.clear()
    transact(enqueue, beside, name="one")
    transact(enqueue, beside, name="two")
    jobs.work(wait=False)
    assert sorted(line.split()[0] for line in done) == ["one", "two"]
    assert len({line.split()[1] for line in done}) == 2


def test_what_waits_already_is_not_queued_again_and_spoils_no_transaction(context: Flask) -> None:
    done.clear()

    def three_times() -> None:
        for _n in range(3):
            enqueue(second, lock="tests.second", name="once")
        session.execute(sa.text("SELECT 1"))

    transact(three_times)
    transact(three_times)
    jobs.work(wait=False)
    assert done == ["once"]
