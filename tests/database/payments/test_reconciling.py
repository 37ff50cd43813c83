"""Comparing both ways with the provider: what was lost here, what was never heard, what the provider does not show."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
import stripe as stripe_library
from flask import Flask

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import session
from foundation.errors import Busy, Invalid
from money.payments import calling, reconciling, starting
from money.payments.case_models import Dispute, ProviderCase
from money.payments.models import Tender
from money.payments.reconciling import Reconciliation
from money.payments.tendering import TenderRequest
from tests.builders.booking import findings
from tests.builders.payments import opened, thing, told


@pytest.fixture(autouse=True)
def proven(stripe: Running) -> Iterator[None]:
    yield
    session.rollback()
    assert findings() == []


def paid(stripe: Running) -> UUID:
    payment = opened(thing(30_00), TenderRequest("card", 30_00))
    stripe.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    return payment


def intent_of(payment: UUID) -> str:
    found = session.scalars(sa.select(Tender.provider_ref).where(Tender.payment_id == payment)).one()
    session.commit()
    return str(found)


def compared() -> Reconciliation:
    return reconciling.reconcile(clock.now() - timedelta(days=2), clock.now() + timedelta(days=2))


def kinds_of(ref: str) -> list[str]:
    found = list(session.scalars(sa.select(ProviderCase.kind).where(ProviderCase.provider_ref == ref)))
    session.commit()
    return found


def client(stripe: Running) -> stripe_library.StripeClient:
    return stripe_library.StripeClient("sk_test_suite", base_addresses={"api": stripe.base})


def test_what_no_message_ever_told_is_booked(stripe: Running) -> None:
    """A payment, a refund in the dashboard and a dispute, all of them unheard. A second time changes nothing."""
    unheard = opened(thing(30_00), TenderRequest("card", 30_00))
    stripe.pay(starting.start(unheard).url)
    refunded, disputed = paid(stripe), paid(stripe)
    client(stripe).v1.refunds.create({"payment_intent": intent_of(refunded), "amount": 10_00})
    stripe.call("POST", "/_disputes", {"payment_intent": intent_of(disputed)})
    compared()
    assert told(unheard).state == "secured"
    booked = {payment: told(payment).booked for payment in (unheard, refunded, disputed)}
    assert (booked[refunded]["payment_disputed"], booked[disputed]["payment_disputed"]) == (10_00, 30_00)
    kinds = sa.select(Dispute.kind).where(Dispute.payment_id.in_((refunded, disputed))).order_by(Dispute.kind)
    assert list(session.scalars(kinds)) == ["dispute", "outside_refund"]
    session.commit()
    assert compared().cases == []
    assert {payment: told(payment).booked for payment in booked} == booked


def test_a_paid_purchase_whose_rows_are_gone_is_a_case_once(stripe: Running) -> None:
    """After a restore: the provider names a call of ours that we do not have. Its control: one without money."""
    made = client(stripe).v1.payment_intents.create(
        {
            "amount": 42_50,
            "currency": "eur",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "metadata": {"call": "00000000-0000-7000-8000-000000000001", "payment": "gone"},
        }
    )
    foreign = client(stripe).v1.payment_intents.create(
        {
            "amount": 9_99,
            "currency": "eur",
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
    empty = client(stripe).v1.payment_intents.create({"amount": 1_00, "currency": "eur"})
    assert {made.id, foreign.id} <= set(compared().cases)
    assert (kinds_of(made.id), kinds_of(foreign.id), kinds_of(empty.id)) == (
        ["unknown_payment"],
        ["foreign_payment"],
        [],
    )
    assert compared().cases == []


def test_what_the_provider_does_not_show_is_a_case(stripe: Running) -> None:
    payment = paid(stripe)
    own = "pi_gone" + payment.hex
    session.execute(sa.update(Tender).where(Tender.payment_id == payment).values(provider_ref=own))
    session.commit()
    reconciling._compare(Reconciliation(), [(own, 30_00), ("pi_there", 1)], {"pi_there"})
    assert (kinds_of(own), kinds_of("pi_there")) == (["missing_there"], [])
    listed = reconciling._list_taken(clock.now() - timedelta(days=1), clock.now() + timedelta(days=1))
    assert (own, 30_00) in listed
    session.commit()


def test_a_provider_that_is_silent_is_no_clean_comparison(stripe: Running) -> None:
    stripe.fault("rate_limited", path="/v1/*", method="GET", count=None)
    with pytest.raises(Busy):
        compared()


@pytest.mark.parametrize("days", [0, -1, 367])
def test_an_empty_or_endless_span_is_refused(stripe: Running, days: int) -> None:
    with pytest.raises(Invalid):
        reconciling.reconcile(moment := clock.now(), moment + timedelta(days=days))


def test_the_command_says_what_it_compared(alone: Running, own_database: Flask) -> None:
    """In a database of its own: it stores lines of the provider's statement."""
    paid(alone)
    day = clock.today().isoformat()
    runner = own_database.test_cli_runner()
    answer = runner.invoke(args=["money", "reconcile", "--from", day, "--until", day])
    assert answer.output == (
        "1 pages, 1 payments, 0 refunds, 0 disputes, 0 payouts at the provider; 1 new lines of its statement\n"
    )
    client(alone).v1.payouts.create({"amount": 1_00, "currency": "eur"})
    alone.line("adjustment", -5_00)
    answer = runner.invoke(args=["money", "reconcile", "--from", day, "--until", day])
    assert (answer.exit_code, "1 payouts" in answer.output, "new case: txn_" in answer.output) == (1, True, True)
    wrong = runner.invoke(args=["money", "reconcile", "--from", day, "--until", "2020-01-01"])
    assert (wrong.exit_code, "höchstens einem Jahr" in wrong.output) == (1, True)
