"""Single rows are sealed exactly once, what may change is kept in versions, marks cannot be forged."""

import sqlalchemy as sa
from flask import Flask

from foundation import audit
from foundation.clock import now
from foundation.database import call, db, session, transact, uuid7
from money.ledger import chain, checks, marks, sealing
from money.ledger.models import CheckRun, RowSeal, RowVersion
from tests.builders.ledger import Books, float_for, tampering
from tests.builders.organisations import organisation


def note(word: str) -> None:
    audit.record(word, "test", uuid7())


def broken() -> list[tuple[str, str | None]]:
    return [(b.reason, b.table) for b in chain.verify().broken]


def test_a_row_that_commits_late_is_sealed_once_and_later(own_database: Flask) -> None:
    sealing.seal_all()
    before = session.scalar(sa.select(sa.func.count()).select_from(RowSeal))
    session.rollback()
    with db.engine.connect() as late:
        late.execute(
            sa.text(
                "INSERT INTO audit_record (id, recorded_at, actor, verb, subject_kind, detail)"
                " VALUES (gen_random_uuid(), now(), 'test', 'late', 'test', '{}')"
            )
        )
        transact(note, "early")
        assert sealing.seal_rows_once() == 1
        assert chain.verify().ok
        late.commit()
    assert broken() == []  # it waits for its seal
    assert sealing.seal_rows_once() == 1
    assert sealing.seal_rows_once() == 0
    assert broken() == []
    assert session.scalar(sa.select(sa.func.count()).select_from(RowSeal)) == before + 2


def test_a_row_that_was_never_sealed_is_a_finding(own_database: Flask) -> None:
    transact(note, "seen")
    sealing.seal_all()
    with tampering() as owner:
        owner.execute(
            "INSERT INTO audit_record SELECT gen_random_uuid(), recorded_at, actor, 'planted', subject_kind,"
            " subject_id, detail FROM audit_record LIMIT 1"
        )
    assert broken() == [("diese Zeile kennt kein Siegel", "audit_record")]


def test_a_row_sealed_twice_is_a_finding(own_database: Flask) -> None:
    transact(note, "seen")
    with tampering() as owner:
        owner.execute(
            "INSERT INTO row_queue (table_name, digest, created_at) SELECT table_name, digest, created_at"
            " FROM row_queue WHERE table_name = 'audit_record'"
        )
    sealing.seal_all()
    assert broken() == [("diese Zeile ist zweimal besiegelt", "audit_record")]


def test_what_may_change_is_kept_in_versions(own_database: Flask) -> None:
    issuer = organisation("issuer")
    session.commit()
    issuer.phone = "02541 7"
    session.commit()
    sealing.seal_all()
    kept = session.scalars(
        sa.select(RowVersion.content).filter_by(row_key=str(issuer.id)).order_by(RowVersion.id)
    ).all()
    assert [content["phone"] == "02541 7" for content in kept if content] == [False, True]
    assert broken() == []
    with tampering() as owner:
        owner.execute("UPDATE organisation SET phone = '110' WHERE id = %s", [issuer.id])
        owner.execute("UPDATE account SET name = 'Bank' WHERE key = 'GK'")
    assert broken() == [
        ("die Zeile ist nicht, was ihre letzte Fassung sagt", name) for name in ("account", "organisation")
    ]


def test_a_check_goes_on_from_the_last_one(own_database: Flask) -> None:
    books = Books()
    books.sell(1000)
    sealing.seal_all()
    assert checks.check_chain().seals == 1
    mark = checks.find_mark()
    assert mark is not None
    voucher = books.sell(500)
    sealing.seal_all()
    fresh = chain.verify(mark)
    assert (fresh.seals, fresh.ok) == (1, True)
    with tampering() as owner:
        owner.execute("UPDATE entry SET cents = 501 WHERE aggregate_id = %s", [voucher])
    assert [b.reason for b in chain.verify(mark).broken] == ["passt nicht zu seinen Buchungen und Zeilen"]
    with tampering() as owner:
        owner.execute("UPDATE entry SET cents = 500 WHERE aggregate_id = %s", [voucher])
        owner.execute("UPDATE seal SET row_hash = sha256(row_hash) WHERE seal_no = 1")
    assert "was vor der letzten Prüfung lag, ist neu geschrieben" in {b.reason for b in chain.verify(mark).broken}


def test_a_mark_that_the_login_writes_itself_counts_for_nothing(own_database: Flask) -> None:
    float_for(uuid7(), 500)
    sealing.seal_all()
    checks.check_chain()
    mark = checks.find_mark()
    assert mark is not None
    forged = marks.write_mark(mark) | {"rows": [10_000, "00" * 32]}
    run = CheckRun(check="chain", started_at=now(), finished_at=now(), ok=True, seals=9, detail={"mark": forged})
    session.add(run)
    session.commit()
    assert checks.find_mark() == mark
    assert marks.read_mark({"mark": 1}) is None
    assert marks.read_mark(marks.write_mark(mark)) == mark
    assert call(sa.text("SELECT count(*) FROM check_run"))[0][0] == 2
