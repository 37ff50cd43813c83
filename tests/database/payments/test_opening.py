"""Opening a payment: what is refused, what is held, what the same key gives; spreading a sum over vouchers."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session
from foundation.errors import Invalid, NotEnough, Refused
from money.ledger import proof
from money.methods import pickup
from money.payments import methods, opening, queries, refunding, starting
from money.payments.methods import MethodOffer
from money.payments.models import Payment
from money.payments.payables import MoneyKind
from money.payments.tendering import TenderRequest, allocate
from tests.builders.payments import THINGS, all_but, balance, opened, thing, token, told, transact


def payments_of(ref: object) -> int:
    found = session.scalar(sa.select(sa.func.count()).select_from(Payment).where(Payment.ref_id == ref))
    session.commit()
    return int(found or 0)


@pytest.fixture(autouse=True)
def _ready(stripe: object) -> None:
    """The methods and things are registered."""


def refused(ref: object, *wishes: TenderRequest, kind: type[Exception] = Refused) -> str:
    with pytest.raises(kind) as refusal:
        opened(ref, *wishes)  # type: ignore[arg-type]
    return str(getattr(refusal.value, "code", ""))


def test_wishes_must_make_up_what_is_owed_to_the_cent() -> None:
    ref = thing(50_00)
    assert refused(ref, TenderRequest("card", 49_99)) == "sum_differs"
    assert refused(ref, TenderRequest("card", 50_01)) == "sum_differs"
    assert (
        refused(ref, TenderRequest("card", 60_00), TenderRequest("test_token", -10_00, token(10_00))) == "sum_differs"
    )
    assert refused(ref) == "sum_differs"
    assert payments_of(ref) == 0


def test_two_external_methods_are_refused() -> None:
    ref = thing(50_00, rail="seller")
    assert refused(ref, TenderRequest("card", 20_00), TenderRequest("pickup", 30_00)) == "one_external_only"
    assert payments_of(ref) == 0


def test_methods_that_are_not_allowed_or_not_on_offer_are_refused() -> None:
    assert refused(thing(50_00, allows=all_but(MoneyKind.CARD)), TenderRequest("card", 50_00)) == "method_not_offered"
    assert refused(thing(50_00), TenderRequest("pickup", 50_00)) == "method_not_offered"
    assert refused(thing(50_00), TenderRequest("magic", 50_00)) == "method_unknown"
    without_tokens = thing(5_00, allows=all_but(MoneyKind.STORED_VALUE))
    assert refused(without_tokens, TenderRequest("test_token", 5_00, token(5_00))) == "method_not_offered"
    assert refused(thing(49), TenderRequest("card", 49)) == "method_not_offered"


def test_a_voucher_that_is_too_small_refuses_all_and_holds_nothing() -> None:
    ref, good, small = thing(50_00), token(40_00), token(5_00)
    wishes = [TenderRequest("test_token", 40_00, good), TenderRequest("test_token", 10_00, small)]
    assert refused(ref, *wishes, kind=NotEnough) == "not_enough"
    assert (balance(good), balance(small), payments_of(ref)) == ((40_00, 0), (5_00, 0), 0)


def test_vouchers_above_a_share_and_unknown_shares_are_refused() -> None:
    ref, mark = thing(10_00, 10_00), token(50_00)
    first = THINGS.known[ref].shares[0].ref_id
    too_much = [TenderRequest("test_token", 15_00, mark, first), TenderRequest("card", 5_00)]
    assert refused(ref, *too_much) == "share_exceeded"
    assert refused(ref, TenderRequest("test_token", 20_00, mark), kind=Invalid) == "share_unknown"
    assert refused(ref, TenderRequest("test_token", 20_00, mark, uuid4()), kind=Invalid) == "share_unknown"
    assert (balance(mark), payments_of(ref)) == ((50_00, 0), 0)


def test_the_same_key_gives_the_same_payment_and_another_body_is_refused() -> None:
    ref, mark, key = thing(50_00), token(50_00), str(uuid4())
    wishes = [TenderRequest("test_token", 20_00, mark), TenderRequest("card", 30_00)]
    first = opened(ref, *wishes, key=key)
    assert opened(ref, *wishes, key=key) == first
    assert balance(mark) == (50_00, 20_00)
    with pytest.raises(Refused) as refusal:
        opened(ref, TenderRequest("card", 50_00), key=key)
    assert refusal.value.code == "order_key_reused"
    with pytest.raises(Invalid):
        opened(ref, *wishes, key="short")
    assert payments_of(ref) == 1


def test_vouchers_alone_are_decided_and_taken_at_once_without_network(stripe: object) -> None:
    ref, mark = thing(20_00, rail="seller"), token(25_00)
    payment = opened(ref, TenderRequest("test_token", 20_00, mark))
    assert balance(mark) == (25_00, 20_00)
    assert starting.start(payment).url == f"/test-thing/{ref}"
    now = told(payment)
    assert (now.state, now.secured, now.calls, now.booked) == ("secured", 1, {}, {})
    assert balance(mark) == (5_00, 0)
    assert starting.start(payment).url == f"/test-thing/{ref}"
    assert told(payment).secured == 1


def test_pay_at_pickup_is_a_promise_that_each_shop_collects() -> None:
    ref, mark = thing(10_00, 30_00, rail="seller"), token(5_00)
    first, second = (share.ref_id for share in THINGS.known[ref].shares)
    payment = opened(ref, TenderRequest("test_token", 5_00, mark, first), TenderRequest("pickup", 35_00))
    assert starting.start(payment).url == f"/test-thing/{ref}"
    now = told(payment)
    assert (now.state, now.tenders) == ("secured", {"test_token": "captured", "pickup": "promised"})
    assert (now.calls, now.booked, balance(mark)) == ({}, {}, (0, 0))
    assert transact(pickup.collect, payment, first) == 5_00
    assert transact(pickup.collect, payment, first) == 0
    assert told(payment).tenders["pickup"] == "promised"
    assert transact(pickup.collect, payment, second) == 30_00
    assert told(payment).tenders["pickup"] == "collected"


def test_a_cancelled_share_is_waived_and_its_voucher_refilled() -> None:
    ref, mark = thing(10_00, 30_00, rail="seller"), token(5_00)
    first, second = (share.ref_id for share in THINGS.known[ref].shares)
    payment = opened(ref, TenderRequest("test_token", 5_00, mark, first), TenderRequest("pickup", 35_00))
    starting.start(payment)
    made = transact(refunding.refund_share, payment, first, key=f"cancel {payment}", reason="cancelled")
    assert (len(made), balance(mark)) == (1, (5_00, 0))
    again = transact(refunding.refund_share, payment, first, key=f"cancel {payment}", reason="cancelled")
    assert (again, balance(mark)) == ([], (5_00, 0))
    with pytest.raises(Refused) as refusal:
        transact(pickup.collect, payment, first)
    assert refusal.value.code == "promise_waived"
    assert transact(pickup.collect, payment, second) == 30_00
    assert told(payment).tenders["pickup"] == "collected"


def test_a_promise_that_is_waived_by_every_shop_is_over() -> None:
    ref = thing(10_00, 30_00, rail="seller")
    payment = opened(ref, TenderRequest("pickup", 40_00))
    starting.start(payment)
    for place, share in enumerate(THINGS.known[ref].shares):
        assert told(payment).tenders == {"pickup": "promised"}
        transact(refunding.refund_share, payment, share.ref_id, key=f"w{place} {payment}", reason="cancelled")
    assert told(payment).tenders == {"pickup": "released"}
    assert "Z-07" not in {finding.code for finding in proof.prove()}


def test_a_share_cannot_be_given_back_while_the_payment_is_open_and_is_nothing_once_it_failed() -> None:
    ref, mark = thing(20_00), token(5_00)
    share = THINGS.known[ref].shares[0].ref_id
    payment = opened(ref, TenderRequest("test_token", 5_00, mark), TenderRequest("card", 15_00))
    with pytest.raises(Refused) as refusal:
        transact(refunding.refund_share, payment, share, key=f"o {payment}", reason="x")
    assert refusal.value.code == "payment_undecided"
    assert balance(mark) == (5_00, 5_00)
    starting.abandon(payment)
    assert transact(refunding.refund_share, payment, share, key=f"o {payment}", reason="x") == []
    assert balance(mark) == (5_00, 0)


def test_vouchers_fill_the_shares_that_accept_them_and_the_rest_goes_to_one_method() -> None:
    owed = THINGS.known[thing(30_00, 20_00, rail="seller")]
    first, second = (share.ref_id for share in owed.shares)
    region, town = uuid4(), uuid4()
    offers = [
        MethodOffer("test_token", "Stadt", town, 12_00, {second: 12_00}),
        MethodOffer("test_token", "Region", region, 15_00, {first: 30_00, second: 20_00}),
    ]
    assert allocate(owed, offers, "card") == [
        TenderRequest("test_token", 12_00, town, second),
        TenderRequest("test_token", 15_00, region, first),
        TenderRequest("card", 23_00),
    ]
    with pytest.raises(NotEnough) as refusal:
        allocate(owed, offers, None)
    assert refusal.value.details == {"rest_cents": 23_00}
    with pytest.raises(Refused):
        allocate(owed, offers, "test_token")


def test_vouchers_that_cover_all_need_no_other_method() -> None:
    owed = THINGS.known[thing(30_00)]
    offers = [MethodOffer("test_token", "Region", uuid4(), 100_00, None)]
    assert [w.cents for w in allocate(owed, offers, None)] == [30_00]
    assert [w.cents for w in allocate(owed, offers, "card")] == [30_00]


def test_a_rest_too_small_for_a_card_is_raised_to_what_a_card_can_pay() -> None:
    owed = THINGS.known[thing(30_00)]
    offers = [MethodOffer("test_token", "Region", uuid4(), 29_90, None)]
    wishes = allocate(owed, offers, "card")
    assert [(w.method, w.cents) for w in wishes] == [("test_token", 29_50), ("card", 50)]


def test_offers_follow_the_rail_and_what_is_allowed() -> None:
    def keys(ref: object) -> list[str]:
        return [offer.method for offer in methods.list_offers(THINGS.known[ref])]  # type: ignore[index]

    assert keys(thing(5_00)) == ["card", "sepa_debit"]
    assert keys(thing(5_00, rail="seller")) == ["card", "sepa_debit", "pickup"]
    assert keys(thing(5_00, rail="seller", allows=all_but(MoneyKind.DIRECT_DEBIT))) == ["card", "pickup"]


def test_without_a_key_for_stripe_neither_card_nor_debit_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    ref = thing(5_00, rail="seller")
    monkeypatch.setattr("money.methods.checkout.gateway.is_ready", lambda: False)
    assert [offer.method for offer in methods.list_offers(THINGS.known[ref])] == ["pickup"]
    assert refused(ref, TenderRequest("card", 5_00)) == "method_not_offered"


def test_the_shares_of_a_payment_say_how_they_were_paid(context: Flask) -> None:
    ref, mark = thing(10_00, 30_00, rail="seller"), token(5_00)
    first, second = (share.ref_id for share in THINGS.known[ref].shares)
    payment = opened(ref, TenderRequest("test_token", 5_00, mark, first), TenderRequest("pickup", 35_00))
    assert [(t.method, c) for t, c, _back in queries.list_tenders_of_share(payment, first)] == [
        ("test_token", 5_00),
        ("pickup", 5_00),
    ]
    assert [(t.method, c) for t, c, _back in queries.list_tenders_of_share(payment, second)] == [("pickup", 30_00)]
    live = queries.find_live_payment("test_thing", ref)
    assert live is not None
    assert live.id == payment
    session.commit()
    assert opening.PAYMENT_TTL.total_seconds() == 1800
