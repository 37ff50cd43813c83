"""Transactions, locks, jobs and mails on a real database."""

import itertools
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from foundation import audit, clock, jobs, mail
from foundation.config import settings
from foundation.database import call, session, transact, uuid7
from foundation.errors import Invalid
from foundation.models import AuditRecord, OutgoingMail


def test_what_an_action_refuses_leaves_nothing_behind(context: Flask) -> None:
    subject = uuid4()

    def half_done() -> None:
        audit.record("test", "thing", subject)
        session.flush()
        raise Invalid("nein")

    with pytest.raises(Invalid):
        transact(half_done)
    assert session.scalar(sa.select(sa.func.count()).where(AuditRecord.subject_id == subject)) == 0


def test_audit_records_cannot_be_changed_by_the_application(context: Flask) -> None:
    subject = uuid4()
    transact(audit.record, "test", "thing", subject)
    with pytest.raises(DBAPIError):
        session.execute(sa.text("UPDATE audit_record SET verb = 'x' WHERE subject_id = :s"), {"s": subject})
    session.rollback()
    with pytest.raises(DBAPIError):
        session.execute(sa.text("TRUNCATE audit_record"))
    session.rollback()


def test_ids_sort_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also within a millisecond: entries of one moment are listed by their ids."""
    ids = [uuid7() for _ in range(5)]
    assert [i.version for i in ids] == [7] * 5
    assert sorted(i.int >> 80 for i in ids) == [i.int >> 80 for i in ids]
    moments = itertools.count(1_796_000_000_000_000_000, 250)
    monkeypatch.setattr("foundation.database.time.time_ns", lambda: next(moments))
    ids = [uuid7() for _ in range(20_000)]
    assert ids == sorted(ids)
    assert len({i.int & (1 << 62) - 1 for i in ids}) == len(ids)


def test_one_call_runs_in_the_limited_role_and_in_berlin(context: Flask) -> None:
    row = call(sa.text("SELECT current_user AS who, current_setting('TimeZone') AS zone"))[0]
    assert (row.who, row.zone) == (settings().database_role, "Europe/Berlin")


def test_a_job_waits_only_if_its_transaction_commits(context: Flask) -> None:
    def waiting() -> int:
        found = session.scalar(
            sa.text("SELECT count(*) FROM procrastinate_jobs WHERE args->>'mail_id' = :m"), {"m": key}
        )
        return int(found or 0)

    key = str(uuid4())
    jobs.enqueue(mail.deliver, mail_id=key)
    session.rollback()
    assert waiting() == 0
    jobs.enqueue(mail.deliver, mail_id=key, at=clock.now() + timedelta(days=400))
    session.commit()
    assert waiting() == 1


def test_a_mail_is_unreadable_in_the_database_and_gone_once_sent(
    context: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_URL", f"maildir:{tmp_path}")
    settings.cache_clear()
    message = mail._compose("Anna@Example.org", mail.MailContent("Grüße", "Ihr Code ABC", "<p>Ihr Code ABC</p>"), [])
    row = OutgoingMail(
        recipient_hash=b"x" * 32, template="t", message=mail.encrypt(message.as_bytes()), send_at=clock.now()
    )
    session.add(row)
    session.commit()
    assert b"ABC" not in (row.message or b"")
    transact(mail.deliver, str(row.id))
    transact(mail.deliver, str(row.id))
    session.refresh(row)
    assert row.message is None
    assert row.sent_at is not None
    assert [p.name for p in tmp_path.iterdir()] == [f"{row.id}.eml"]
    settings.cache_clear()


@pytest.mark.parametrize("text", ["", "a", "a@b", "a b@c.de", "a@c.de\r\nBcc: x@y.de", "x" * 250 + "@a.de", "@c.de"])
def test_an_address_that_cannot_be_one_is_refused(context: Flask, text: str) -> None:
    with pytest.raises(Invalid):
        mail.normalise_address(text)
