"""Giving money back in the method it came, and what the books say."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import session
from foundation.errors import Invalid, Refused
from money.ledger import proof
from money.payments import calling, queries, refunding, starting
from money.payments.models import Tender
from money.payments.tendering import TenderRequest
from tests.builders.payments import THINGS, balance, mixed, opened, thing, told, transact
from tests.builders.stripe import at_stripe

FAILS_LATER = "4000000000005126"


def external_of(payment: UUID) -> UUID:
    found = session.scalar(sa.select(Tender.id).where(Tender.payment_id == payment, Tender.external))
    session.commit()
    assert found
    return found


def settled(stripe: Running, payment: UUID) -> None:
    for _round in range(2):
        calling.advance(payment, force=True)
        stripe.advance(deliver=False)
    calling.advance(payment, force=True)


def entries(payment: UUID) -> list[tuple[str, str, str, int, bool]]:
    query = sa.text(
        "SELECT kind, debit_account, credit_account, cents, reverses IS NOT NULL AS reversal FROM entry"
        " WHERE aggregate_id = :id ORDER BY recorded_at, journal_id, line_no"
    )
    found = [tuple(row) for row in session.execute(query, {"id": payment})]
    session.commit()
    return found  # type: ignore[return-value]


def test_card_money_goes_back_and_the_mirror_names_what_it_reverses(stripe: Running) -> None:
    ref = thing(30_00)
    payment = opened(ref, TenderRequest("card", 30_00))
    stripe.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    transact(refunding.refund_tender, external_of(payment), 30_00, key=f"r {payment}", reason="withdrawal")
    settled(stripe, payment)
    assert entries(payment) == [
        ("payment_captured", "PSP", "KZ", 30_00, False),
        ("provider_fee", "GK", "PSP", 70, False),
        ("payment_refunded", "KZ", "PSP", 30_00, True),
    ]
    assert told(payment).state == "refunded"
    assert at_stripe(stripe, payment)["refunded"] == 30_00
    assert [r.state for r in queries.list_refunds(payment)] == ["succeeded"]
    session.commit()


def test_sellers_shares_are_given_back_one_by_one(stripe: Running) -> None:
    ref = thing(10_00, 15_50, rail="seller")
    first, second = (share.ref_id for share in THINGS.known[ref].shares)
    payment = opened(ref, TenderRequest("card", 25_50))
    stripe.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    transact(refunding.refund_share, payment, second, key=f"s {payment}", reason="cancelled")
    settled(stripe, payment)
    assert entries(payment) == [
        ("payment_captured", "MP", "MV", 10_00, False),
        ("payment_captured", "MP", "MV", 15_50, False),
        ("provider_fee", "MF", "MP", 63, False),
        ("payment_refunded", "MV", "MP", 15_50, True),
    ]
    left = [(c, back) for _t, c, back in queries.list_tenders_of_share(payment, first)]
    assert left == [(10_00, 0)]
    session.commit()


def test_a_refund_without_a_share_is_split_in_proportion_to_the_cent(stripe: Running) -> None:
    payment = opened(thing(10_00, 10_00, 10_00, rail="seller"), TenderRequest("card", 30_00))
    stripe.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    transact(refunding.refund_tender, external_of(payment), 10_00, key=f"p {payment}", reason="price")
    settled(stripe, payment)
    back = [cents for kind, *_accounts, cents, _r in entries(payment) if kind == "payment_refunded"]
    assert sorted(back) == [3_33, 3_33, 3_34]


def test_more_than_is_left_and_nonsense_are_refused_and_change_nothing(stripe: Running) -> None:
    payment, _ref, voucher = mixed("card")
    tender = external_of(payment)
    with pytest.raises(Refused) as refusal:
        transact(refunding.refund_tender, tender, 1_00, key=f"early {payment}", reason="x")
    assert refusal.value.code == "nothing_to_refund"
    stripe.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    for cents, kind in ((30_01, Refused), (0, Invalid), (-5, Invalid)):
        with pytest.raises(kind):
            transact(refunding.refund_tender, tender, cents, key=f"n {payment}", reason="x")
    assert told(payment).calls.get("refund") is None
    first = transact(refunding.refund_tender, tender, 1_00, key=f"k {payment}", reason="x")
    assert transact(refunding.refund_tender, tender, 1_00, key=f"k {payment}", reason="x") == first
    with pytest.raises(Refused) as reused:
        transact(refunding.refund_tender, tender, 2_00, key=f"k {payment}", reason="x")
    assert reused.value.code == "refund_key_reused"
    settled(stripe, payment)
    assert at_stripe(stripe, payment)["refunded"] == 1_00
    assert balance(voucher) == (5_00, 0)


def test_a_refund_that_the_bank_sends_back_is_booked_back_and_may_be_tried_again(stripe: Running) -> None:
    payment = opened(thing(30_00), TenderRequest("card", 30_00))
    stripe.pay(starting.start(payment).url, FAILS_LATER)
    calling.advance(payment, force=True)
    transact(refunding.refund_tender, external_of(payment), 30_00, key=f"f {payment}", reason="x")
    settled(stripe, payment)
    call = calling_of(payment)
    calling.refresh(call, cause="test")
    now = told(payment)
    assert [r.state for r in queries.list_refunds(payment)] == ["failed"]
    session.commit()
    assert now.booked.get("payment_refunded", 0) == now.booked.get("payment_refund_failed", 0)
    again = transact(refunding.refund_tender, external_of(payment), 30_00, key=f"g {payment}", reason="x")
    assert again
    settled(stripe, payment)
    assert proof.prove() == []


@pytest.mark.parametrize(("days", "state"), [(179, "requested"), (180, "failed")])
def test_after_the_days_of_its_method_nothing_is_sent(stripe: Running, days: int, state: str) -> None:
    """Positive control: one day earlier the same refund is asked for."""
    payment = opened(thing(30_00), TenderRequest("sepa_debit", 30_00))
    stripe.pay_by_debit(starting.start(payment).url)
    settled(stripe, payment)
    assert told(payment).state == "secured"
    with clock.at(clock.now() + timedelta(days=days)):
        transact(refunding.refund_tender, external_of(payment), 30_00, key=f"l {payment}", reason="withdrawal")
    assert [(r.state, r.cents) for r in queries.list_refunds(payment)] == [(state, 30_00)]
    session.commit()
    assert (told(payment).calls.get("refund") is None) == (state == "failed")
    assert proof.prove() == []


def calling_of(payment: UUID) -> UUID:
    found = session.scalar(
        sa.text("SELECT id FROM provider_call WHERE payment_id = :id AND kind = 'refund' ORDER BY id LIMIT 1"),
        {"id": payment},
    )
    session.commit()
    return UUID(str(found))
