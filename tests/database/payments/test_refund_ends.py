"""Refunds that fail: the state says so, the payer is told once, and each comes to an end that counts once."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.config import settings
from foundation.database import session, transact, uuid7
from foundation.errors import Invalid, Refused
from money.bank import returning
from money.bank.models import BankReturn
from money.ledger import proof
from money.payments import applying, calling, recovering, refund_ends, refunding, starting
from money.payments.case_models import RefundEnd
from money.payments.models import Payment, ProviderCall, Refund
from money.payments.states import RefundMeans
from money.payments.tendering import TenderRequest
from money.stripe.gateway import CallResult, ResultKind
from people.models import Person
from tests.builders.bank import account_of
from tests.builders.booking import findings
from tests.builders.payments import opened, thing, told
from tests.builders.sales import mails
from tests.builders.stripe import at_stripe
from tests.builders.wallet import person

TEMPLATE = "money/refund_failed"
FAILS_LATER = "4000000000005126"


@pytest.fixture(autouse=True)
def proven(stripe: Running) -> Iterator[None]:
    yield
    session.rollback()
    assert findings() == []


@pytest.fixture
def clerk(stripe: Running) -> UUID:
    made: Person = transact(person)
    return made.id


def paid(stripe: Running, card: str = "4242424242424242") -> UUID:
    payment = opened(thing(30_00), TenderRequest("card", 30_00))
    stripe.pay(starting.start(payment).url, card)
    calling.advance(payment, force=True)
    return payment


def asked(payment: UUID, cents: int = 30_00) -> UUID:
    tender = session.scalar(sa.text("SELECT id FROM tender WHERE payment_id = :id AND external"), {"id": payment})
    session.commit()
    return transact(refunding.refund_tender, tender, cents, key=f"r {payment}", reason="withdrawal")


def refused(refund_id: UUID, code: str) -> None:
    """The provider refuses the call for good."""
    call = session.scalar(sa.select(ProviderCall.id).where(ProviderCall.subject_id == refund_id))
    session.commit()
    transact(applying.apply, call, CallResult(ResultKind.REFUSED, code=code), "test")


def row(refund_id: UUID) -> Refund:
    found = session.get_one(Refund, refund_id, populate_existing=True)
    session.commit()
    return found


def open_ids(payment: UUID) -> list[UUID]:
    found = [refund.id for refund in refund_ends.list_open(payment)]
    session.commit()
    return found


def email_of(payment: UUID) -> str:
    found = session.get_one(Payment, payment).email
    session.commit()
    return found


@pytest.mark.parametrize(
    "code", ["charge_disputed", "charge_already_refunded", "insufficient_funds", "resource_missing"]
)
def test_a_refusal_is_said_and_waits_for_a_person(stripe: Running, clerk: UUID, code: str) -> None:
    payment = paid(stripe)
    refund = asked(payment)
    refused(refund, code)
    assert (row(refund).state, row(refund).error_code, open_ids(payment)) == ("failed", code, [refund])
    assert session.get_one(Payment, payment, populate_existing=True).refunded_cents == 0
    session.commit()
    for _again in range(2):
        transact(refund_ends.tell_payers)
    assert len(mails(TEMPLATE, email_of(payment))) == 1
    transact(refund_ends.decide, refund, RefundMeans.AGAIN, "Karte ist entsperrt", person_id=clerk)
    calling.advance(payment, force=True)
    assert at_stripe(stripe, payment)["refunded"] == 30_00
    assert (told(payment).state, open_ids(payment)) == ("refunded", [])
    with pytest.raises(Refused) as twice:
        transact(refund_ends.decide, refund, RefundMeans.AGAIN, "noch einmal", person_id=clerk)
    assert twice.value.code == "refund_not_open"


def test_a_refund_that_fails_days_after_it_had_succeeded_is_sent_by_transfer(stripe: Running, clerk: UUID) -> None:
    payment = paid(stripe, FAILS_LATER)
    refund = asked(payment)
    calling.advance(payment, force=True)
    assert told(payment).state == "refunded"
    with clock.at(clock.now() + timedelta(days=3)):
        stripe.advance(deliver=False)
        call = session.scalar(sa.select(ProviderCall.id).where(ProviderCall.subject_id == refund))
        session.commit()
        calling.refresh(call, cause="webhook")
    assert (row(refund).state, row(refund).error_code) == ("failed", "expired_or_canceled_card")
    assert (told(payment).state, open_ids(payment)) == ("secured", [refund])
    account_of(session.get_one(Payment, payment).ledger_id)
    with pytest.raises(Invalid):
        returning.send_instead("Paula", "DE00 1234", asked_by=uuid7())
    sends = returning.send_instead("Paula Käuferin", "DE89 3704 0044 0532 0130 00", asked_by=uuid7())
    transact(refund_ends.decide, refund, RefundMeans.BANK_ACCOUNT, "Mail vom 3. Mai", person_id=clerk, sends=sends)
    owed = session.scalars(sa.select(BankReturn).where(BankReturn.payment_id == payment)).one()
    assert (owed.cents, owed.payer_iban, open_ids(payment)) == (30_00, "DE89370400440532013000", [])
    transact(returning.record_return, owed.id, person_id=clerk, done_on=clock.today())
    assert told(payment).state == "refunded"
    again = session.scalars(sa.select(Refund.state).where(Refund.payment_id == payment).order_by(Refund.id))
    assert list(again) == ["failed", "succeeded"]
    session.commit()


def test_an_outage_of_a_day_in_the_middle_of_a_refund_is_asked_for_anew_by_itself(stripe: Running) -> None:
    """Proven absent after 25 hours: the refund failed, another one takes its place, the payer has the money once."""
    payment = paid(stripe)
    refund = asked(payment)
    stripe.fault("request_lost", path="/v1/refunds", method="POST", count=None)
    for hours in (0, 12, 24):
        with clock.at(clock.now() + timedelta(hours=hours)):
            recovering.recover()
    stripe.clear_faults()
    with clock.at(clock.now() + timedelta(hours=26)):
        recovering.recover()
        assert (row(refund).state, row(refund).error_code, open_ids(payment)) == ("failed", "absent", [])
        recovering.recover()
    end = session.scalars(sa.select(RefundEnd).where(RefundEnd.refund_id == refund)).one()
    assert (end.means, end.decided_by) == ("again", None)
    session.commit()
    assert (at_stripe(stripe, payment)["refunded"], told(payment).state) == (30_00, "refunded")
    assert proof.prove() == []


def test_too_late_for_the_method_is_a_failure_that_somebody_sees(stripe: Running) -> None:
    payment = opened(thing(30_00), TenderRequest("sepa_debit", 30_00))
    stripe.pay_by_debit(starting.start(payment).url)
    calling.advance(payment, force=True)
    stripe.advance(deliver=False)
    calling.advance(payment, force=True)
    with clock.at(clock.now() + timedelta(days=400)):
        refund = asked(payment)
    assert (row(refund).error_code, open_ids(payment)) == ("too_late", [refund])


@pytest.mark.parametrize("note", ["", "  ", "ab", "x" * 501])
def test_a_decision_needs_what_the_payer_said(stripe: Running, clerk: UUID, note: str) -> None:
    payment = paid(stripe)
    refund = asked(payment)
    refused(refund, "refused")
    with pytest.raises(Invalid):
        transact(refund_ends.decide, refund, RefundMeans.LETTER, note, person_id=clerk)
    transact(refund_ends.decide, refund, RefundMeans.LETTER, "Brief vom 4. Mai", person_id=clerk)
    assert open_ids(payment) == []


def test_a_refused_refund_that_was_done_after_all_counts_once(stripe: Running) -> None:
    payment = paid(stripe)
    refund = asked(payment)
    calling.advance(payment, force=True)
    assert row(refund).state == "succeeded"
    late = paid(stripe)
    second = asked(late)
    stripe.fault("answer_lost", path="/v1/refunds", method="POST", count=1)
    call = session.scalar(sa.select(ProviderCall.id).where(ProviderCall.subject_id == second))
    session.commit()
    calling.perform(call, force=True)
    transact(applying.apply, call, CallResult(ResultKind.REFUSED, code="refused"), "test")
    assert row(second).state == "failed"
    calling.refresh(call, cause="webhook")
    assert (row(second).state, open_ids(late), told(late).state) == ("succeeded", [], "refunded")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE refund SET state = 'requested' WHERE id = %s",
        "UPDATE provider_call SET state = 'succeeded' WHERE subject_id = %s",
        "DELETE FROM provider_call WHERE subject_id = %s",
    ],
)
def test_the_proof_finds_what_is_open_though_its_call_is_settled_and_what_nobody_asks_for(
    stripe: Running, damage: str
) -> None:
    refund = asked(paid(stripe))
    if "DELETE" not in damage:
        refused(refund, "refused")
    query = next(query.sql for query in proof.list_queries() if query.code == "Z-21")
    with psycopg.connect(settings().database_url) as owner:
        owner.execute("SET session_replication_role = replica")
        assert owner.execute(query).fetchall() == []  # type: ignore[call-overload]
        owner.execute(damage, [refund])  # type: ignore[call-overload]
        found = owner.execute(query).fetchall()  # type: ignore[call-overload]
        assert bool(found) == ("succeeded" not in damage)
        owner.rollback()
