"""One payment, several issuers: each has its own part in its own books, and every cent is in exactly one of them."""

from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from demo.stripe_standin.testing import Running
from foundation.config import settings
from foundation.database import session
from foundation.errors import Invalid
from money.ledger import proof
from money.payments import calling, queries, refunding, starting
from money.payments.payables import AmountDue
from money.payments.tendering import TenderRequest
from tests.builders.payments import THINGS, balance, opened, thing, token, told, transact
from tests.builders.stripe import at_stripe

FAILS_LATER = "4000000000005126"


def books(payment: UUID) -> dict[UUID, dict[str, int]]:
    """What each ledger holds about a payment, by kind of document."""
    query = sa.text(
        "SELECT ledger_id, kind, sum(cents)::bigint AS cents FROM entry WHERE aggregate_id = :id GROUP BY 1, 2"
    )
    found: dict[UUID, dict[str, int]] = {}
    for row in session.execute(query, {"id": payment}):
        found.setdefault(row.ledger_id, {})[row.kind] = row.cents
    session.commit()
    return found


def waiting(payment: UUID) -> dict[UUID, int]:
    """KZ of the payment by ledger: credit minus debit."""
    query = sa.text(
        "SELECT ledger_id, sum(CASE WHEN credit_account = 'KZ' THEN cents ELSE -cents END)::bigint AS cents FROM entry"
        " WHERE :id IN (CASE WHEN credit_account = 'KZ' THEN credit_party END,"
        " CASE WHEN debit_account = 'KZ' THEN debit_party END) GROUP BY 1"
    )
    found = {row.ledger_id: row.cents for row in session.execute(query, {"id": payment})}
    session.commit()
    return found


def issuers(ref: UUID) -> list[UUID]:
    return [share.organisation_id for share in THINGS.known[ref].shares]


def paid(stripe: Running, ref: UUID, *, card: str = "4242424242424242") -> UUID:
    payment = opened(ref, TenderRequest("card", THINGS.known[ref].cents))
    stripe.pay(starting.start(payment).url, card)
    calling.advance(payment, force=True)
    return payment


def settled(stripe: Running, payment: UUID) -> None:
    for _round in range(2):
        calling.advance(payment, force=True)
        stripe.advance(deliver=False)
    calling.advance(payment, force=True)


def test_each_issuer_has_its_shares_and_its_part_of_the_fee(stripe: Running) -> None:
    ref = thing(30_00, 15_00, 20_00, issuers=2)
    first, second, _first = issuers(ref)
    payment = paid(stripe, ref)
    fee = at_stripe(stripe, payment)["fee"]
    found = books(payment)
    assert {ledger: kinds["payment_captured"] for ledger, kinds in found.items()} == {first: 50_00, second: 15_00}
    assert sum(kinds["provider_fee"] for kinds in found.values()) == fee
    assert abs(found[first]["provider_fee"] * 65_00 - fee * 50_00) < 65_00
    assert waiting(payment) == {first: 0, second: 0}
    assert proof.prove() == []


def test_one_share_goes_back_in_its_own_books_only(stripe: Running) -> None:
    ref = thing(30_00, 15_00, issuers=2)
    first, second = issuers(ref)
    payment = paid(stripe, ref)
    share = THINGS.known[ref].shares[1].ref_id
    made = transact(refunding.refund_share, payment, share, key=f"one {payment}", reason="withdrawal")
    assert len(made) == 1
    settled(stripe, payment)
    found = books(payment)
    assert found[second]["payment_refunded"] == 15_00
    assert "payment_refunded" not in found[first]
    assert at_stripe(stripe, payment)["refunded"] == 15_00
    left = [(cents, back) for _tender, cents, back in queries.list_tenders_of_share(payment, share)]
    assert left == [(15_00, 15_00)]
    assert told(payment).state == "secured"
    assert transact(refunding.refund_share, payment, share, key=f"one {payment}", reason="withdrawal") == []
    assert proof.prove() == []


def test_a_refund_that_comes_back_is_booked_back_where_it_was_booked(stripe: Running) -> None:
    ref = thing(30_00, 15_00, issuers=2)
    payment = paid(stripe, ref, card=FAILS_LATER)
    share = THINGS.known[ref].shares[1].ref_id
    transact(refunding.refund_share, payment, share, key=f"back {payment}", reason="x")
    settled(stripe, payment)
    refund = sa.text("SELECT id FROM provider_call WHERE payment_id = :p AND kind = 'refund'")
    call = session.scalar(refund, {"p": payment})
    session.commit()
    calling.refresh(call, cause="test")
    kinds = books(payment)[issuers(ref)[1]]
    assert (kinds["payment_refunded"], kinds["payment_refund_failed"]) == (15_00, 15_00)
    assert "payment_refund_failed" not in books(payment)[issuers(ref)[0]]
    assert proof.prove() == []
    came_back = next(query.sql for query in proof.list_queries() if query.code == "Z-02")
    for damage in (
        "UPDATE refund SET state = 'succeeded' WHERE payment_id = %s",
        "UPDATE entry SET kind = 'payment_refunded' WHERE kind = 'payment_refund_failed' AND aggregate_id = %s",
    ):
        with psycopg.connect(settings().database_url) as owner:
            owner.execute("SET session_replication_role = replica")
            assert owner.execute(damage, [payment]).rowcount == 1  # type: ignore[call-overload]
            assert owner.execute(came_back).fetchall() != []  # type: ignore[call-overload]
            owner.rollback()


def test_money_after_the_end_is_booked_and_given_back_in_every_ledger(stripe: Running) -> None:
    ref = thing(10_00, 10_01, issuers=2)
    payment = opened(ref, TenderRequest("sepa_debit", 20_01))
    stripe.pay_by_debit(starting.start(payment).url)
    calling.advance(payment, force=True)
    stripe.advance(deliver=False)
    calling.advance(payment, force=True)
    tender = queries.load_payment(payment).tenders[0].id
    transact(refunding.refund_tender, tender, 20_01, key=f"all {payment}", reason="x")
    settled(stripe, payment)
    first, second = issuers(ref)
    found = books(payment)
    assert (found[first]["payment_refunded"], found[second]["payment_refunded"]) == (10_00, 10_01)
    assert told(payment).state == "refunded"
    assert proof.prove() == []


def test_a_part_of_it_in_another_way_leaves_each_issuer_the_rest(stripe: Running) -> None:
    ref, mark = thing(30_00, 15_00, issuers=2), token(20_00)
    first, second = issuers(ref)
    own = THINGS.known[ref].shares[0].ref_id
    payment = opened(ref, TenderRequest("test_token", 10_00, mark, own), TenderRequest("card", 35_00))
    page = starting.start(payment).url
    calling.advance(payment, force=True)
    assert balance(mark) == (20_00, 10_00)
    stripe.pay(page)
    calling.advance(payment, force=True)
    captured = {ledger: kinds["payment_captured"] for ledger, kinds in books(payment).items()}
    assert captured == {first: 20_00, second: 15_00}


def test_a_ledger_of_none_of_the_issuers_is_refused(stripe: Running) -> None:
    ref = thing(10_00)
    known = THINGS.known[ref]
    THINGS.known[ref] = AmountDue(known.cents, known.title, known.shares, known.rail, ref, known.email)
    with pytest.raises(Invalid):
        opened(ref, TenderRequest("card", 10_00))


def test_the_proof_finds_money_in_the_wrong_books_and_a_fee_that_is_not_whole(
    own_database: Flask, standin: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_API_BASE", standin.base)
    settings.cache_clear()
    ref = thing(30_00, 15_00, issuers=2)
    paid(standin, ref)

    def plant(statement: str) -> set[str]:
        with psycopg.connect(settings().database_url, autocommit=True) as owner:
            owner.execute("SET session_replication_role = replica")
            owner.execute(statement)  # type: ignore[call-overload]
        return {finding.code for finding in proof.prove()}

    first, second = issuers(ref)
    assert plant("SELECT 1") == set()
    move = "UPDATE entry SET ledger_id = '{}' WHERE cents = 1500 AND kind = 'payment_captured'"
    assert "Z-02" in plant(move.format(first))
    assert plant(move.format(second)) == set()
    assert "Z-02" in plant(f"UPDATE entry SET cents = cents + 1 WHERE kind = 'provider_fee' AND ledger_id = '{second}'")
    assert "Z-11" in plant("UPDATE provider_call SET cents = cents + 1 WHERE state = 'succeeded' AND kind = 'capture'")
    settings.cache_clear()
