"""Jobs side by side, jobs whose worker was killed, letters that nobody could send."""

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import procrastinate
import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import audit, clock, jobs, mail
from foundation.config import settings
from foundation.database import engine_options, session, transact
from foundation.errors import Invalid
from foundation.models import AuditRecord, OutgoingMail

MEETING = threading.Barrier(2)
SESSIONS: dict[str, int] = {}


@jobs.job("test.meet")
def meet(mark: str, fails: bool) -> None:
    """Write, wait until the other has written too, then fail or not."""
    audit.record("test.meet", "thing", None, mark=mark)
    session.flush()
    if mark not in SESSIONS:  # what failed is tried again, alone
        SESSIONS[mark] = id(session())
        MEETING.wait(timeout=120)
    if fails:
        raise RuntimeError("this job fails")


@jobs.job("test.note")
def note(mark: str) -> None:
    """Only write."""
    audit.record("test.note", "thing", None, mark=mark)


def _marks(verb: str) -> list[str]:
    session.rollback()
    found = session.scalars(sa.select(AuditRecord.detail).where(AuditRecord.verb == verb)).all()
    return sorted(str(row["mark"]) for row in found)


def _letter(to: str = "leser@example.org", subject: str = "Betreff") -> OutgoingMail:
    key = transact(mail.send_rendered, to, "test/x", mail.MailContent(subject, "t", "<p>t</p>"))
    return session.get_one(OutgoingMail, key)


def test_jobs_at_the_same_time_have_sessions_of_their_own(own_database: Flask) -> None:
    SESSIONS.clear()
    transact(jobs.enqueue, meet, mark="kept", fails=False)
    transact(jobs.enqueue, meet, mark="lost", fails=True)
    session.remove()
    jobs.work(concurrency=2, wait=False)
    assert len(set(SESSIONS.values())) == 2
    assert _marks("test.meet") == ["kept"]


def test_what_a_killed_worker_had_begun_is_done_by_the_next(own_database: Flask) -> None:
    transact(jobs.enqueue, note, mark="begun")
    dead = sa.text(
        "WITH w AS (INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - interval '2 hours') RETURNING id)"
        " UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM w) WHERE task_name = 'test.note'"
    )
    session.execute(dead)
    session.commit()
    _revive()
    jobs.work(wait=False)
    assert _marks("test.note") == ["begun"]


def test_a_job_that_kills_every_worker_is_given_up(own_database: Flask) -> None:
    transact(jobs.enqueue, note, mark="poison")
    dead = sa.text("UPDATE procrastinate_jobs SET status = 'doing', attempts = 12 WHERE task_name = 'test.note'")
    session.execute(dead)
    session.commit()
    _revive()
    jobs.work(wait=False)
    status = session.scalar(sa.text("SELECT status FROM procrastinate_jobs WHERE task_name = 'test.note'"))
    assert (status, _marks("test.note")) == ("failed", [])


def _revive() -> None:
    """What the worker does every minute."""
    chosen = settings()
    options = engine_options(chosen)["connect_args"]["options"]
    connector = procrastinate.PsycopgConnector(conninfo=chosen.database_url, kwargs={"options": options})

    async def act() -> None:
        async with jobs.queue.open_async():
            await jobs.revive(timestamp=0)

    with jobs.queue.replace_connector(connector):
        asyncio.run(act())


def test_a_letter_that_no_job_delivers_any_more_is_queued_again_and_sent_once(
    own_database: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(mail, "_hand_over", lambda mail_id, message: sent.append(str(mail_id)))
    letter = _letter()
    session.execute(
        sa.text("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = 'foundation.deliver_mail'")
    )
    session.commit()
    jobs.work(wait=False)
    assert sent == []
    with clock.at(clock.now() + timedelta(hours=1)):
        transact(mail.requeue_overdue)
        transact(mail.requeue_overdue)
    jobs.work(wait=False)
    with clock.at(clock.now() + timedelta(hours=2)):
        transact(mail.requeue_overdue)
    jobs.work(wait=False)
    assert sent == [str(letter.id)]


@pytest.mark.parametrize(
    "text",
    [
        "ä@c.de",
        "=?utf-8?q?x?=@c.de",
        "a@b@c.de",
        "a\x00b@c.de",
        "a:b@c.de",
        "a..b@c.de",
        "a@c..de",
        "[a]@c.de",
        "a@-.de",
    ],
)
def test_an_address_whose_mail_would_reach_somebody_else_or_nobody_is_refused(context: Flask, text: str) -> None:
    with pytest.raises(Invalid):
        mail.normalise_address(text)


def test_a_domain_with_umlauts_is_written_as_it_travels(context: Flask) -> None:
    assert mail.normalise_address(" anna.o'neill+x@München.de ") == "anna.o'neill+x@xn--mnchen-3ya.de"


@pytest.mark.parametrize("name", ["Anna\r\nBcc: dieb@example.org", "Anna\nX", "A\u2028B", "A\x85B", "A" * 4000])
def test_what_a_giver_types_as_name_becomes_one_line_of_the_subject(context: Flask, name: str) -> None:
    message = mail._compose("a@example.org", mail.MailContent(f"Ein Gutschein von {name}", "t", "h"), [])
    assert message["Bcc"] is None
    assert len(message["Subject"]) <= 250
    assert message["Subject"].splitlines() == [message["Subject"]]
    message.as_bytes()


def test_letters_in_a_folder_are_for_their_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "settings", lambda: SimpleNamespace(mail_url=f"maildir:{tmp_path}/post"))
    key = uuid4()
    mail._hand_over(key, b"ML1.GEHEIM")
    letter = tmp_path / "post" / f"{key}.eml"
    assert letter.read_bytes() == b"ML1.GEHEIM"
    assert (letter.stat().st_mode & 0o077, letter.parent.stat().st_mode & 0o077) == (0, 0)
