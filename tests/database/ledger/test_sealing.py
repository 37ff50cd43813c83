"""The sealer: gapless numbers, nothing lost, roll-ups that equal the entries, roots of days."""

import signal
import subprocess
import sys
import threading
import time
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.database import call, session, transact, uuid7
from money.ledger import balances, chain, sealing
from money.ledger.models import DailyRollup, DayRoot, Seal, StreamHead
from money.ledger.plan import PLAN
from tests.builders.ledger import Books, JournalDocument, JournalLine, findings, reseal, tampering, write
from tests.builders.threads import at_once

PARTIES = tuple(UUID(int=n << 64 | 1 << 76 | n) for n in range(1, 9))
ACCOUNTS = tuple(account.key for account in PLAN)


def count(table: str) -> int:
    return int(call(sa.text(f"SELECT count(*) FROM {table}"))[0][0])


def test_sealing_numbers_documents_in_the_order_they_came(own_database: Flask) -> None:
    books, thing = Books(), uuid7()
    journals = [books.book("test", thing, JournalLine("TB", "OB", n)) for n in range(1, 6)]
    assert sealing.seal_once(limit=3) == 3
    assert sealing.seal_once(limit=3) == 2
    assert sealing.seal_once() == 0
    seals = session.scalars(sa.select(Seal).order_by(Seal.seal_no)).all()
    assert [(s.seal_no, s.journal_id) for s in seals] == list(enumerate(journals, start=1))
    assert {s.stream for s in seals} == {thing.bytes[-1] % 16}
    assert findings() == []
    assert chain.verify() == chain.ChainReport(seals=5, days=0, broken=())


def test_a_document_of_an_open_transaction_is_not_sealed_and_not_skipped(own_database: Flask) -> None:
    books, thing, late, early = Books(), uuid7(), uuid7(), uuid7()
    write(JournalDocument(late, thing, books.ledger_id, "test"), [JournalLine("TB", "OB", 5)])

    def book_early(journal: UUID) -> None:
        transact(write, JournalDocument(journal, thing, books.ledger_id, "test"), [JournalLine("TB", "OB", 5)])

    assert at_once(own_database, book_early, [early]) == [None]
    assert sealing.seal_once() == 1
    session.commit()
    assert sealing.seal_once() == 1
    order = session.scalars(sa.select(Seal.journal_id).order_by(Seal.seal_no)).all()
    assert order == [early, late]


def test_days_are_summed_by_programme_shop_and_accounts(own_database: Flask) -> None:
    books, outlet = Books(), uuid7()
    voucher = books.sell(5000)
    books.redeem(voucher, outlet, 1500)
    journal = books.redeem(voucher, outlet, 700)
    books.void(journal, voucher, outlet, 700)
    assert sealing.seal_all() == 4
    rows = session.scalars(sa.select(DailyRollup).order_by(DailyRollup.kind)).all()
    assert [(r.kind, r.outlet_id, r.cents, r.entries, r.programme_id) for r in rows] == [
        ("redemption", outlet, 2200, 2, books.programme_id),
        ("sale", UUID(int=0), 5000, 1, books.programme_id),
        ("void", outlet, 700, 1, books.programme_id),
    ]


def test_the_root_of_a_finished_day_is_written_once_and_recomputes(own_database: Flask) -> None:
    books = Books()
    for _number in range(20):
        books.sell(1000)
    sealing.seal_all()
    assert sealing.close_days() == 0
    with tampering() as owner:  # three days ago, as far as seals and their hashes are concerned
        owner.execute("UPDATE seal SET sealed_at = sealed_at - interval '3 days'")
        reseal(owner)
    assert sealing.close_days() == 3
    assert sealing.close_days() == 0
    roots = session.scalars(sa.select(DayRoot).order_by(DayRoot.day)).all()
    assert [(r.seals, r.root == roots[0].root) for r in roots] == [(20, True)] * 3
    verdict = chain.verify()
    assert (verdict.seals, verdict.days, verdict.broken) == (20, 3, ())


def test_eight_post_while_two_seal_and_nothing_is_lost(own_database: Flask) -> None:
    books, each = Books(), 40
    vouchers = [books.sell(100_000) for _ in range(4)]
    stop, errors = threading.Event(), []

    def posting(number: int) -> None:
        with own_database.app_context():
            outlet = uuid7()
            for _round in range(each):
                books.redeem(vouchers[number % 4], outlet, 1 + number)
            session.remove()

    def sealer() -> None:
        with own_database.app_context():
            while not stop.is_set() or count("outbox"):
                sealing.seal_once(limit=7)

    def guarded(action: object, *args: object) -> None:
        try:
            action(*args)  # type: ignore[operator]
        except Exception as error:
            errors.append(error)

    posters = [threading.Thread(target=guarded, args=(posting, n)) for n in range(8)]
    sealers = [threading.Thread(target=guarded, args=(sealer,)) for _ in range(2)]
    for thread in posters + sealers:
        thread.start()
    while any(thread.is_alive() for thread in posters):
        assert findings() == []
        time.sleep(0.05)
    stop.set()
    for thread in posters + sealers:
        thread.join()
    assert errors == []
    assert (count("seal"), count("outbox"), count("entry")) == (8 * each + 4, 0, 8 * each + 4)
    heads = session.scalars(sa.select(StreamHead)).all()
    assert sum(h.last_seal for h in heads) == 8 * each + 4
    assert balances.load_balance(books.ledger_id, "KR") == sum(each * (1 + n) for n in range(8))
    assert findings() == []
    assert chain.verify().broken == ()


def test_the_sealer_process_works_until_it_is_told_to_stop(own_database: Flask) -> None:
    books = Books()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "money", "seal"]
    process = subprocess.Popen(command)
    try:
        books.sell(1000)
        until = time.monotonic() + 120
        while count("outbox") and time.monotonic() < until:
            time.sleep(0.1)
        assert (count("outbox"), count("seal")) == (0, 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0
    finally:
        process.kill()
        process.wait()


line = st.tuples(
    st.sampled_from(ACCOUNTS),
    st.sampled_from(ACCOUNTS),
    st.integers(1, 10**9),
    st.sampled_from(PARTIES),
    st.sampled_from(PARTIES),
    st.sampled_from((None, *PARTIES[:2])),
).filter(lambda n: (n[0], n[3]) != (n[1], n[4]))


@settings(max_examples=25)
@given(documents=st.lists(st.tuples(st.sampled_from(PARTIES), st.lists(line, min_size=1, max_size=4)), max_size=6))
def test_any_postings_keep_debits_equal_to_credits_and_rollups_to_entries(
    own_database: Flask, documents: list[tuple[UUID, list[tuple[str, str, int, UUID, UUID, UUID | None]]]]
) -> None:
    books = Books()
    wanted: dict[str, int] = {}
    for place, (thing, lines) in enumerate(documents):
        books.book("random", thing, *(JournalLine(*each) for each in lines))
        for debit, credit, cents, *_rest in lines:
            wanted[debit] = wanted.get(debit, 0) + cents
            wanted[credit] = wanted.get(credit, 0) - cents
        if place % 2:
            sealing.seal_once(limit=2)
    for _round in range(2):
        rows = call(
            sa.text(
                "SELECT account, sum(debit_cents - credit_cents)::bigint AS cents FROM balance_part"
                " WHERE ledger_id = :l GROUP BY account"
            ),
            l=books.ledger_id,
        )
        assert {row.account: row.cents for row in rows} == wanted
        assert sum(wanted.values()) == 0
        sealing.seal_all()
    assert {finding.code for finding in findings()} <= {
        "L-11",
        "L-12",
    }  # random postings neither cover debts nor keep vouchers above zero
    assert chain.verify().broken == ()
