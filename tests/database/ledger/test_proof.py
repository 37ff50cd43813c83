"""The proof finds every kind of error, each by its own query, and is silent otherwise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from foundation import clock
from foundation.clock import now
from foundation.database import session, uuid7
from money.ledger import changes, checks, cover, marks, proof, sealing
from money.ledger.models import CheckRun
from tests.builders.ledger import Books, JournalLine, findings, float_for, settle, tampering

Owner = psycopg.Connection[Any]


class Ground:
    """Sound books with a bit of everything in them."""

    def __init__(self) -> None:
        self.books, self.outlet = Books(), uuid7()
        self.ledger_id = self.books.ledger_id
        float_for(self.ledger_id, 10_00)
        self.voucher = self.books.sell(50_00)
        self.redemption = self.books.redeem(self.voucher, self.outlet, 20_00)
        self.void = self.books.void(self.redemption, self.voucher, self.outlet, 5_00)
        self.payment = uuid7()
        self.books.book("paid", self.payment, JournalLine("PSP", "KZ", 30_00, credit_party=self.payment))
        sealing.seal_all()
        self.waiting = self.books.redeem(self.voucher, self.outlet, 1_00)


def in_journal(ground: Ground) -> dict[str, UUID]:
    return {"a": ground.voucher, "j": ground.redemption}


def amount_of_nothing(ground: Ground, owner: Owner) -> None:
    owner.execute("ALTER TABLE entry DROP CONSTRAINT ck_entry_sides_differ")
    new = {"a": uuid7(), "j": uuid7(), "l": ground.ledger_id}
    owner.execute("SELECT ledger_post(%(a)s, %(j)s, 1, %(l)s, 'sale', 'TB', NULL, 'TB', NULL, 5::bigint)", new)
    owner.execute("SELECT ledger_queue(%(a)s, %(j)s, 'sale')", new)


def entry_by_hand(ground: Ground, owner: Owner, debit: str, credit: str) -> None:
    new = {"a": uuid7(), "j": uuid7(), "l": ground.ledger_id, "d": debit, "c": credit}
    owner.execute(
        "INSERT INTO entry VALUES (%(a)s, %(j)s, 1, %(l)s, 'sale', business_day(), now(), %(d)s, NULL, %(c)s, NULL, 5,"
        " 'EUR')",
        new,
    )
    owner.execute("SELECT ledger_queue(%(a)s, %(j)s, 'sale')", new)


def unknown_account(ground: Ground, owner: Owner) -> None:
    entry_by_hand(ground, owner, "XX", "OB")


def party_missing(ground: Ground, owner: Owner) -> None:
    entry_by_hand(ground, owner, "TB", "SF")


def line_left_out(ground: Ground, owner: Owner) -> None:
    new = {"a": uuid7(), "j": uuid7(), "l": ground.ledger_id}
    owner.execute("SELECT ledger_post(%(a)s, %(j)s, 2, %(l)s, 'sale', 'TB', NULL, 'OB', NULL, 5::bigint)", new)
    owner.execute("SELECT ledger_queue(%(a)s, %(j)s, 'sale')", new)


def head_moved(ground: Ground, owner: Owner) -> None:
    owner.execute("UPDATE stream_head SET last_seal = last_seal + 1 WHERE stream = ledger_stream(%s)", [ground.voucher])


def never_queued(ground: Ground, owner: Owner) -> None:
    new = {"a": uuid7(), "j": uuid7(), "l": ground.ledger_id}
    owner.execute("SELECT ledger_post(%(a)s, %(j)s, 1, %(l)s, 'sale', 'TB', NULL, 'OB', NULL, 5::bigint)", new)


def queued_again(ground: Ground, owner: Owner) -> None:
    # Its entries count twice in the balance of this moment: TB would look larger, so take one of OB and GK.
    thing, journal = uuid7(), uuid7()
    new = {"a": thing, "j": journal, "l": ground.ledger_id}
    owner.execute("SELECT ledger_post(%(a)s, %(j)s, 1, %(l)s, 'sale', 'GK', NULL, 'OB', NULL, 5::bigint)", new)
    owner.execute("SELECT ledger_queue(%(a)s, %(j)s, 'sale')", new)
    sealing.seal_all()
    owner.execute("SELECT ledger_queue(%(a)s, %(j)s, 'sale')", new)


def empty_document(ground: Ground, owner: Owner) -> None:
    owner.execute("SELECT ledger_queue(%s, %s, 'sale')", [uuid7(), uuid7()])


def balance_changed(ground: Ground, owner: Owner) -> None:
    owner.execute(
        "UPDATE balance_rollup SET debit_cents = debit_cents + 1 WHERE ledger_id = %s AND account = 'TB'",
        [ground.ledger_id],
    )


def balance_invented(ground: Ground, owner: Owner) -> None:
    owner.execute(
        "INSERT INTO balance_rollup SELECT 3, %s, 'GK', gen_random_uuid(), gen_random_uuid(), 7, 7", [ground.ledger_id]
    )


def day_changed(ground: Ground, owner: Owner) -> None:
    owner.execute(
        "UPDATE daily_rollup SET cents = cents + 1 WHERE ledger_id = %s AND kind = 'void'", [ground.ledger_id]
    )


def day_lost(ground: Ground, owner: Owner) -> None:
    owner.execute("DELETE FROM daily_rollup WHERE ledger_id = %s AND kind = 'sale'", [ground.ledger_id])


def voided_too_much(ground: Ground, owner: Owner) -> None:
    ground.books.void(ground.redemption, ground.voucher, ground.outlet, 15_01)


def voided_nothing(ground: Ground, owner: Owner) -> None:
    ground.books.void(uuid7(), ground.voucher, ground.outlet, 1)


def payment_forgotten(ground: Ground, owner: Owner) -> None:
    owner.execute("UPDATE entry SET recorded_at = %s WHERE kind = 'paid'", [clock.now() - timedelta(days=15)])


def sealer_asleep(ground: Ground, owner: Owner) -> None:
    owner.execute("UPDATE outbox SET created_at = %s", [clock.now() - timedelta(minutes=6)])


def pool_plundered(ground: Ground, owner: Owner) -> None:
    ground.books.book("fee", uuid7(), JournalLine("GK", "TB", 10_01))


def voucher_overdrawn(ground: Ground, owner: Owner) -> None:
    line = JournalLine("VL", "BE", 50_01, debit_party=ground.voucher)
    ground.books.book("lapse", ground.voucher, line)


def kind_without_a_rule(ground: Ground, owner: Owner) -> None:
    new = {"a": uuid7(), "j": uuid7(), "l": ground.ledger_id}
    owner.execute("SELECT ledger_post(%(a)s, %(j)s, 1, %(l)s, 'wages', 'TB', NULL, 'OB', NULL, 5::bigint)", new)
    owner.execute("SELECT ledger_queue(%(a)s, %(j)s, 'wages')", new)


def booked_after_the_closing(ground: Ground, owner: Owner) -> None:
    owner.execute(
        "INSERT INTO period_closing VALUES (%s, business_day(), gen_random_uuid(), gen_random_uuid(), '2020-01-01')",
        [ground.ledger_id],
    )


PLANTED: list[tuple[Callable[[Ground, Owner], None], str]] = [
    (amount_of_nothing, "L-01"),
    (unknown_account, "L-02"),
    (party_missing, "L-02"),
    (line_left_out, "L-03"),
    (head_moved, "L-04"),
    (never_queued, "L-05"),
    (queued_again, "L-05"),
    (empty_document, "L-05"),
    (balance_changed, "L-06"),
    (balance_invented, "L-06"),
    (day_changed, "L-07"),
    (day_lost, "L-07"),
    (voided_too_much, "L-08"),
    (voided_nothing, "L-08"),
    (payment_forgotten, "L-09"),
    (sealer_asleep, "L-10"),
    (pool_plundered, "L-11"),
    (voucher_overdrawn, "L-12"),
    (kind_without_a_rule, "L-14"),
    (booked_after_the_closing, "L-15"),
]


@pytest.mark.parametrize(("plant", "code"), PLANTED, ids=[f"{code}-{plant.__name__}" for plant, code in PLANTED])
def test_each_planted_error_is_found_by_its_query_and_by_no_other(
    own_database: Flask, plant: Callable[[Ground, Owner], None], code: str
) -> None:
    ground = Ground()
    assert findings() == []
    with tampering() as owner:
        plant(ground, owner)
    found = findings()
    assert [finding.code for finding in found] == [code]
    assert len(found[0].rows) >= 1


def ours(done: proof.Examination) -> list[str]:
    assert done.changed is not None
    return [finding.code for finding in done.findings if finding.code.startswith("L-")]


# A day's sums that are gone leave no row that is new: there, the balances have lost what makes them up.
FOUND_AS = {day_lost: "L-06"}


@pytest.mark.parametrize(("plant", "code"), PLANTED, ids=[f"{code}-{plant.__name__}" for plant, code in PLANTED])
def test_the_proof_that_goes_on_finds_what_was_planted_since(
    own_database: Flask, plant: Callable[[Ground, Owner], None], code: str
) -> None:
    """And what was planted before, the whole one alone does: so nothing is looked at twice, and nothing never."""
    ground = Ground()
    settle()
    since = proof.examine().position
    assert ours(proof.examine(since)) == []
    with tampering() as owner:
        plant(ground, owner)
    found = ours(proof.examine(since))
    assert FOUND_AS.get(plant, code) in found
    settle()
    later = proof.examine().position
    bounded = {query.code for query in proof.list_queries() if query.fresh == proof.PER_AGGREGATE} | {"L-07"}
    assert code in ours(proof.examine(later)) or code in bounded or plant in FOUND_AS
    assert bounded.isdisjoint(ours(proof.examine(later)))
    assert code in [finding.code for finding in findings()]


def test_the_proof_that_goes_on_is_silent_while_trade_goes_on(own_database: Flask) -> None:
    ground = Ground()
    since = proof.examine().position
    ground.books.redeem(ground.voucher, ground.outlet, 2_00)
    ground.books.void(ground.redemption, ground.voucher, ground.outlet, 5_00)
    other = ground.books.sell(10_00)
    float_for(ground.ledger_id, 5_00)
    assert ours(proof.examine(since)) == []
    sealing.seal_all()
    assert ours(proof.examine(since)) == []
    ground.books.redeem(other, ground.outlet, 10_00)
    assert ours(proof.examine(since)) == []


def prove_on() -> proof.Examination:
    settle()
    return checks.check_proof(whole=False)


def test_a_proof_goes_on_from_one_that_found_nothing_and_a_finding_is_not_forgotten(own_database: Flask) -> None:
    float_for(uuid7(), 5_00)
    sealing.seal_all()
    assert checks.find_position() is None
    assert (prove_on().changed, prove_on().changed) == (None, 0)
    document = float_for(uuid7(), 7_00)
    assert prove_on().changed == 1
    with tampering() as owner:
        owner.execute("UPDATE entry SET line_no = 2 WHERE journal_id = %s", [document])
        wrong = prove_on()
        assert (wrong.changed, "L-03" in [found.code for found in wrong.findings]) == (1, True)
        assert checks.find_position() is None
        again = prove_on()  # nothing new, and yet
        assert (again.changed, "L-03" in [found.code for found in again.findings]) == (None, True)
        owner.execute("UPDATE entry SET line_no = 1 WHERE journal_id = %s", [document])
    assert (prove_on().changed, prove_on().changed) == (None, 0)
    latest, whole = checks.find_latest("proof"), checks.find_latest("proof", whole=True)
    assert latest is not None
    assert whole is not None
    assert (latest.detail["changed"], whole.detail["changed"]) == (0, None)


def test_a_position_of_another_database_or_of_another_hand_counts_for_nothing(own_database: Flask) -> None:
    float_for(uuid7(), 5_00)
    there = proof.examine().position
    for other in (replace(there, database="7/7"), replace(there, xmin=there.xmin + 1_000_000)):
        assert proof.examine(other).changed is None
    checks.check_proof()
    right = checks.find_position()
    forged = marks.write_position(there) | {"xmin": there.xmin + 900_000}
    run = CheckRun(check="proof", started_at=now(), finished_at=now(), ok=True, seals=9, detail={"mark": forged})
    session.add(run)
    session.commit()
    assert right is not None
    assert checks.find_position() == right
    assert marks.read_position({"xmin": "x"}) is None


def test_so_much_is_new_that_it_is_proven_whole(own_database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    since = proof.examine().position
    float_for(uuid7(), 5_00)
    assert proof.examine(since).changed is not None
    monkeypatch.setattr(changes, "MAX_CHANGED", 0)
    assert proof.examine(since).changed is None


def test_a_refund_that_came_back_may_be_tried_again(own_database: Flask) -> None:
    ground, payment = Ground(), uuid7()
    line, mirror = JournalLine("PSP", "KZ", 9_00, None, payment), JournalLine("KZ", "PSP", 9_00, payment)
    paid = ground.books.book("paid", payment, line)
    refund = ground.books.book("refund", payment, mirror, reverses=paid)
    ground.books.book("refund_failed", payment, line, reverses=refund)
    ground.books.book("refund", payment, mirror, reverses=paid)
    assert findings() == []
    ground.books.book("refund", payment, JournalLine("KZ", "PSP", 1, payment), reverses=paid)
    assert [found.code for found in findings()] == ["L-08"]


def test_every_query_of_the_ledger_has_a_planted_error() -> None:
    ours = {query.code for query in proof.list_queries() if query.code.startswith("L-")}
    assert ours == {code for _plant, code in PLANTED}


def test_a_code_has_one_query() -> None:
    known = proof.list_queries()[0]
    proof.add(known.code, known.sentence, known.sql, fresh=known.fresh)
    with pytest.raises(ValueError, match="two different"):
        proof.add(known.code, known.sentence, "SELECT 1")


def test_the_proof_can_change_nothing(context: Flask) -> None:
    with proof.open_snapshot() as connection, pytest.raises(Exception, match="read-only transaction"):
        connection.exec_driver_sql("CREATE TEMP TABLE t ()")


def test_results_are_remembered_with_their_findings(own_database: Flask) -> None:
    assert checks.find_latest("proof") is None
    ground = Ground()
    checks.prove_regularly()
    checks.recompute_regularly()
    for check in ("proof", "cover", "chain"):
        run = checks.find_latest(check)
        assert run is not None
        assert (run.seals, run.started_at <= run.finished_at) == (5, True)
        assert run.ok or not any(code.startswith("L-") for code in run.detail["findings"])
    with tampering() as owner:
        owner.execute("UPDATE entry SET cents = 1 WHERE journal_id = %s", [ground.redemption])
        pool_plundered(ground, owner)
    checks.prove_regularly()
    checks.recompute_nightly()  # what was sealed and checked before is looked at whole, every night
    session.expire_all()
    runs = {check: checks.find_latest(check) for check in ("proof", "cover", "chain")}
    assert [run.ok for run in runs.values() if run] == [False, False, False]
    found = {code for code in runs["proof"].detail["findings"] if code.startswith("L-")}  # type: ignore[union-attr]
    assert found == {"L-06", "L-07", "L-08", "L-11"}
    assert str(ground.redemption) in runs["chain"].detail["broken"][0]  # type: ignore[union-attr]


def test_cover_names_pool_and_debts_of_an_issuer(context: Flask) -> None:
    books, outlet, payment = Books(), uuid7(), uuid7()
    assert cover.compute_cover(books.ledger_id) == cover.Cover(books.ledger_id)
    float_for(books.ledger_id, 100_00)
    voucher = books.sell(50_00)
    books.redeem(voucher, outlet, 20_00)
    books.book("paid", payment, JournalLine("PSP", "KZ", 30_00, credit_party=payment), JournalLine("GK", "PSP", 65))
    books.book("commission", outlet, JournalLine("KR", "PR", 40, debit_party=outlet))
    books.book("claim", outlet, JournalLine("KR", "OB", 5_00, debit_party=uuid7()))
    found = cover.compute_cover(books.ledger_id)
    assert (found.bank_cents, found.provider_cents) == (150_00, 29_35)
    assert (found.vouchers_cents, found.shops_cents, found.others_cents) == (30_00, 19_60, 30_00)
    assert (found.pool_cents, found.owed_cents, found.free_cents, found.ok) == (179_35, 79_60, 99_75, True)
    sealing.seal_all()
    assert cover.compute_cover(books.ledger_id) == found
    books.book("placed", payment, JournalLine("KZ", "VL", 30_00, payment, voucher))
