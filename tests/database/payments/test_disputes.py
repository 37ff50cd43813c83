"""A payer's bank takes a payment back at the provider: what the books, the voucher and the worklist say, step by step.

Every test ends with the proof of the books and with PSP as the provider shows it.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
import stripe as stripe_library

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.config import settings
from foundation.database import session, transact, uuid7
from money.ledger import proof
from money.payments import applying, calling, disputing, messages, refund_ends, refunding, starting, withdrawals
from money.payments.case_models import Dispute, DisputeMove, ProviderCase, RefundEnd
from money.payments.models import Payment, Refund, WebhookEvent
from money.payments.tendering import TenderRequest
from money.payments.withdrawals import WithdrawalStatement
from money.splitting import split_in_proportion
from money.stripe.disputes import BalanceMove, DisputeView
from money.stripe.gateway import CallResult, ResultKind
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.builders.ledger import float_for
from tests.builders.payments import balance as token_balance
from tests.builders.payments import mixed, opened, thing, told
from tests.builders.sales import last_mail, link_in, sale, text_of, wanted
from tests.builders.stripe import intents_of
from vouchers.purchases.models import VoucherSale
from vouchers.sales import delivery, drafts, ordering
from vouchers.stored_value.models import Lot, Programme, Voucher
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder


@pytest.fixture(autouse=True)
def proven(stripe: Running) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


@pytest.fixture
def programme(stripe: Running) -> Programme:
    made: Programme = transact(build.programme)
    float_for(made.issuer_id)
    return made


def bought(stripe: Running, programme: Programme, method: str = "card", cents: int = 100_00) -> VoucherSale:
    """A sale paid at the stand-in and delivered."""
    sale_id = transact(drafts.draft_sale, wanted(programme, cents=cents))
    payment = transact(ordering.place_order, sale_id, method=method, shown_cents=cents)
    page = starting.start(payment).url
    if method == "card":
        stripe.pay(page)
    else:
        stripe.pay_by_debit(page)
        calling.advance(payment, force=True)
        stripe.advance(deliver=False)
    for _round in range(2):
        calling.advance(payment, force=True)
    transact(delivery.deliver_sale, str(sale_id))
    return sale(sale_id)


def spend(programme: Programme, found: VoucherSale, cents: int) -> build.Shop:
    shop = transact(build.accepting_shop, programme.id)
    token = link_in(text_of(last_mail("vouchers/voucher", found.buyer_email)))
    redeeming.redeem(shop.token, RedemptionOrder(token, cents, str(uuid4())))
    return shop


def intent_of(payment_id: UUID | None) -> str:
    found: str = session.scalar(
        sa.text("SELECT provider_ref FROM tender WHERE payment_id = :id AND external"), {"id": payment_id}
    )
    session.commit()
    return found


def dispute(stripe: Running, payment_id: UUID | None, **how: Any) -> str:
    """A payer's bank acts, and the provider tells us."""
    made = stripe.call("POST", "/_disputes", {"payment_intent": intent_of(payment_id), **how})
    heard(stripe)
    return str(made["id"])


def settle(stripe: Running, ref: str, *, won: bool) -> None:
    stripe.call("POST", f"/_disputes/{ref}/settle", {"won": won})
    heard(stripe)


def heard(stripe: Running) -> None:
    """What the provider has to say is delivered and read."""
    stripe.flush()
    waiting = sa.select(WebhookEvent.id).where(WebhookEvent.done_at.is_(None))
    events = list(session.scalars(waiting.order_by(WebhookEvent.received_at)))
    session.commit()
    for event in events:
        messages.read_message(event)


def row_of(payment_id: UUID | None) -> Dispute:
    query = sa.select(Dispute).where(Dispute.payment_id == payment_id)
    found = session.scalars(query.execution_options(populate_existing=True)).one()
    session.commit()
    return found


def voucher_of(found: VoucherSale) -> tuple[str, int]:
    session.expire_all()
    made = session.get_one(Voucher, found.voucher_id)
    cents = session.scalar(sa.select(sa.func.sum(Lot.balance)).where(Lot.voucher_id == made.id))
    session.commit()
    return made.state, int(cents or 0)


def at_provider(ledger: UUID, account: str = "PSP") -> int:
    query = sa.text(
        "SELECT coalesce(sum(CASE WHEN debit_account = :a THEN cents ELSE -cents END), 0)::bigint FROM entry"
        " WHERE ledger_id = :l AND :a IN (debit_account, credit_account)"
    )
    found = session.scalar(query, {"l": ledger, "a": account})
    session.commit()
    return int(found or 0)


def owed(payment_id: UUID | None) -> tuple[int, int]:
    """(KZ, SF) of the payment."""
    assert payment_id
    found = balance("KZ", payment_id), -balance("SF", payment_id)
    session.commit()
    return found


def theirs(stripe: Running, payment_id: UUID) -> int:
    """What the provider has of a payment after all: captured, given back, taken back, its fees."""
    found = intents_of(stripe, payment_id)
    return sum(i["captured"] - i["refunded"] - i["fee"] - i["disputed"] - i["dispute_fee"] for i in found)


def test_opened_won_and_lost_after_all(stripe: Running, programme: Programme) -> None:
    """Posting (8), fee 20.00: opened, won, and lost after all. Each step once, whoever tells it how often."""
    found = bought(stripe, programme)
    shop = spend(programme, found, 37_50)
    ledger, payment = programme.issuer_id, found.payment_id
    assert payment
    ref = dispute(stripe, payment)
    assert (voucher_of(found), owed(payment)) == (("charged_back", 0), (0, 37_50))
    assert (balance("KR", shop.outlet_id), at_provider(ledger)) == (37_50, theirs(stripe, payment))
    opened_row = row_of(payment)
    assert (opened_row.state, opened_row.reason, opened_row.reason_code) == ("needs_response", "fraudulent", "10.4")
    assert opened_row.due_at
    assert proof.prove() == []
    settle(stripe, ref, won=True)
    assert (voucher_of(found), owed(payment), row_of(payment).state) == (("active", 62_50), (0, 0), "won")
    assert at_provider(ledger) == theirs(stripe, payment)
    settle(stripe, ref, won=False)
    assert (voucher_of(found), owed(payment), row_of(payment).state) == (("charged_back", 0), (0, 37_50), "lost")
    assert at_provider(ledger) == theirs(stripe, payment)
    before = told(payment).booked
    stripe.call("POST", "/_disputes/" + ref + "/settle", {"won": False})
    for _again in range(2):
        heard(stripe)
    assert told(payment).booked == before


@pytest.mark.parametrize(
    ("cents", "voucher", "claim"), [(40_00, ("active", 22_50), 0), (80_00, ("exhausted", 0), 17_50)]
)
def test_a_part_is_disputed(
    stripe: Running, programme: Programme, cents: int, voucher: tuple[str, int], claim: int
) -> None:
    found = bought(stripe, programme)
    spend(programme, found, 37_50)
    ref = dispute(stripe, found.payment_id, amount=cents)
    assert (voucher_of(found), owed(found.payment_id)) == (voucher, (0, claim))
    settle(stripe, ref, won=True)
    assert (voucher_of(found), owed(found.payment_id)) == (("active", 62_50), (0, 0))


@pytest.mark.parametrize("one_by_one", [False, True])
@pytest.mark.parametrize("spent", [0, 37_50])
@pytest.mark.parametrize(
    ("moves", "net"),
    [
        ([-100_00, 60_00], 40_00),
        ([-100_00, 60_00, 40_00], 0),
        ([-60_00, -40_00, 100_00], 0),
        ([-60_00, -40_00, 60_00], 40_00),
        ([100_00, -100_00], 0),
        ([-100_00, 60_00, -60_00], 100_00),
        ([-30_00, 30_00, 0], 0),
    ],
)
def test_what_is_lost_is_what_all_movements_together_took(
    stripe: Running, programme: Programme, moves: list[int], net: int, spent: int, one_by_one: bool
) -> None:
    """Parts come back, the return is seen before the loss, a fee comes alone: the sum alone decides."""
    found = bought(stripe, programme)
    if spent:
        spend(programme, found, spent)
    mark = uuid4().hex
    shown = [BalanceMove(f"{mark}_{place}", cents, 0 if cents else 5_00) for place, cents in enumerate(moves)]
    ends = [*range(1, len(shown) + 1)] if one_by_one else [len(shown)]
    for seen in [*ends, len(shown)]:
        show(found.payment_id, mark, *shown[:seen])
    left = max(100_00 - spent - net, 0)
    assert voucher_of(found)[1] == left
    assert owed(found.payment_id) == (0, max(net - 100_00 + spent, 0))


def test_more_that_came_back_than_was_taken_is_a_case(stripe: Running, programme: Programme) -> None:
    found, mark = bought(stripe, programme), uuid4().hex
    shown = [BalanceMove(f"{mark}_{cents}", cents, 0) for cents in (-40_00, 40_00, 70_00)]
    for _again in range(2):
        show(found.payment_id, mark, *shown)
    assert (voucher_of(found), owed(found.payment_id)) == (("active", 100_00), (70_00, 0))
    query = sa.select(ProviderCase.cents).where(ProviderCase.provider_ref == f"{mark}_7000")
    assert session.scalars(query).all() == [70_00]
    session.commit()


def show(payment_id: UUID | None, ref: str, *moves: BalanceMove) -> None:
    """The provider shows a dispute of 100.00 with these movements."""
    intent = intent_of(payment_id)
    transact(
        disputing.apply, DisputeView(ref, intent, 100_00, "needs_response", "fraudulent", "10.4", None, moves), None
    )


def test_a_question_takes_no_money(stripe: Running, programme: Programme) -> None:
    found = bought(stripe, programme)
    dispute(stripe, found.payment_id, inquiry=True)
    assert (row_of(found.payment_id).state, voucher_of(found)) == ("inquiry", ("active", 100_00))


def test_a_debit_comes_back_after_five_weeks(stripe: Running, programme: Programme) -> None:
    """Lost at once, with the bank's reason and the provider's fee."""
    found = bought(stripe, programme, "sepa_debit")
    with clock.at(clock.now() + timedelta(weeks=5)):
        dispute(stripe, found.payment_id, reason="insufficient_funds")
        row = row_of(found.payment_id)
        assert (row.kind, row.state, row.reason) == ("debit_return", "lost", "insufficient_funds")
        assert row.closed_at
    assert found.payment_id
    assert (voucher_of(found), owed(found.payment_id)) == (("charged_back", 0), (0, 0))
    assert at_provider(programme.issuer_id) == theirs(stripe, found.payment_id)
    assert told(found.payment_id).booked["dispute_fee"] > 0


def test_a_dispute_of_several_issuers_is_booked_in_each(stripe: Running) -> None:
    payment = opened(thing(30_00, 10_01, issuers=2), TenderRequest("card", 40_01))
    stripe.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    ref = dispute(stripe, payment, amount=20_00)
    row = session.get_one(Payment, payment)
    parts = {share.organisation_id: share.cents for share in row.shares}
    session.commit()
    for ledger, cents in split_in_proportion(20_00, parts).items():
        assert at_provider(ledger, "SF") == cents
    settle(stripe, ref, won=True)
    assert [at_provider(ledger, "SF") for ledger in parts] == [0, 0]


def test_card_money_of_a_shop_is_disputed_on_memo_accounts_and_the_voucher_part_is_not_touched(stripe: Running) -> None:
    payment, _ref, voucher = mixed("card", rail="seller")
    stripe.pay(starting.start(payment).url)
    for _round in range(2):
        calling.advance(payment, force=True)
    ref = dispute(stripe, payment)
    ledger = session.get_one(Payment, payment).ledger_id
    session.commit()
    assert token_balance(voucher) == (5_00, 0)
    assert at_provider(ledger, "MP") == theirs(stripe, payment)
    assert at_provider(ledger, "MF") > 20_00
    settle(stripe, ref, won=True)
    assert at_provider(ledger, "MP") == theirs(stripe, payment)


def test_a_refund_of_sellers_money_that_the_bank_took_back_is_ended_and_owed_again_when_it_returns(
    stripe: Running,
) -> None:
    """A shop declines the order after the dispute: the provider refuses the refund, and nobody pays it by hand."""
    payment, _ref, _voucher = mixed("card", rail="seller")
    stripe.pay(starting.start(payment).url)
    for _round in range(2):
        calling.advance(payment, force=True)
    dispute_ref = dispute(stripe, payment)
    share_ref = session.get_one(Payment, payment).shares[0].ref_id
    session.commit()
    transact(lambda: refunding.refund_share(payment, share_ref, key=f"rejected:{share_ref}", reason="rejected"))
    calling.advance(payment, force=True)
    card = session.scalars(sa.select(Refund).where(Refund.payment_id == payment, Refund.error_code.is_not(None))).one()
    assert (card.state, card.error_code, refund_ends.list_open(payment)) == ("failed", "charge_disputed", [])
    settle(stripe, dispute_ref, won=True)
    assert [refund.id for refund in refund_ends.list_open(payment)] == [card.id]


def test_a_dispute_that_is_lost_later_is_said_once(stripe: Running) -> None:
    payment, ref, _voucher = mixed("card", rail="seller")
    stripe.pay(starting.start(payment).url)
    for _round in range(2):
        calling.advance(payment, force=True)
    dispute_ref = dispute(stripe, payment)
    settle(stripe, dispute_ref, won=False)
    heard(stripe)
    said = sa.text("SELECT count(*) FROM audit_record WHERE subject_id = :ref AND verb = 'test.lost_for_good'")
    assert session.scalar(said, {"ref": ref}) == 1


def withdrawn(found: VoucherSale) -> Refund:
    """The buyer withdraws; the refund is asked for and not sent yet."""
    stated = WithdrawalStatement(uuid7(), found.number, found.buyer_email, clock.now())
    transact(withdrawals.withdraw, stated)
    return refund_of(found.payment_id)


def refund_of(payment_id: UUID | None) -> Refund:
    query = sa.select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.id)
    found = session.scalars(query.execution_options(populate_existing=True)).first()
    session.commit()
    assert found
    return found


def test_a_dispute_after_the_withdrawal_when_the_refund_was_paid_is_all_a_claim(
    stripe: Running, programme: Programme
) -> None:
    found = bought(stripe, programme)
    spend(programme, found, 37_50)
    withdrawn(found)
    assert found.payment_id
    calling.advance(found.payment_id, force=True)
    dispute(stripe, found.payment_id)
    assert owed(found.payment_id) == (0, 100_00)


def test_a_dispute_that_forestalls_a_refund_ends_it_and_nothing_counts_twice(
    stripe: Running, programme: Programme
) -> None:
    found = bought(stripe, programme)
    spend(programme, found, 37_50)
    withdrawn(found)
    ref = dispute(stripe, found.payment_id)  # the buyer's bank is first: the refund was not sent yet
    assert found.payment_id
    calling.advance(found.payment_id, force=True)
    refund = refund_of(found.payment_id)
    assert (refund.state, refund.error_code) == ("failed", "charge_disputed")
    assert (owed(found.payment_id), refund_ends.list_open(found.payment_id)) == ((0, 37_50), [])
    settle(stripe, ref, won=True)
    assert (owed(found.payment_id), [r.id for r in refund_ends.list_open(found.payment_id)]) == (
        (62_50, 0),
        [refund.id],
    )


def test_a_refund_that_had_failed_is_ended_by_a_dispute(stripe: Running, programme: Programme) -> None:
    found = bought(stripe, programme)
    refund = withdrawn(found)
    transact(_refuse, refund.id)
    assert [r.id for r in refund_ends.list_open(found.payment_id)] == [refund.id]
    dispute(stripe, found.payment_id)
    assert (owed(found.payment_id), refund_ends.list_open(found.payment_id)) == ((0, 0), [])
    end = session.scalars(sa.select(RefundEnd).where(RefundEnd.refund_id == refund.id)).one()
    assert end.means == "dispute"
    session.commit()


def _refuse(refund_id: UUID) -> None:
    """The provider's answer is a refusal."""
    call = session.scalar(sa.text("SELECT id FROM provider_call WHERE subject_id = :id"), {"id": refund_id})
    applying.apply(call, CallResult(ResultKind.REFUSED, code="refund_refused"), "test")


def in_the_dashboard(at: Running, found: VoucherSale, **how: Any) -> None:
    """Somebody refunds at the provider, without us."""
    client = stripe_library.StripeClient("sk_test_suite", base_addresses={"api": at.base})
    client.v1.refunds.create({"payment_intent": intent_of(found.payment_id), **how})


def test_a_refund_in_the_dashboard_freezes_what_is_left(stripe: Running, programme: Programme) -> None:
    found = bought(stripe, programme)
    spend(programme, found, 37_50)
    in_the_dashboard(stripe, found, amount=80_00)
    heard(stripe)
    assert found.payment_id
    assert (row_of(found.payment_id).kind, voucher_of(found)) == ("outside_refund", ("exhausted", 0))
    assert (owed(found.payment_id), at_provider(programme.issuer_id)) == ((0, 17_50), theirs(stripe, found.payment_id))


def test_a_refund_in_the_dashboard_ends_ours_that_was_asked_for_the_same(stripe: Running, programme: Programme) -> None:
    """`charge_already_refunded`: somebody at the provider was first; the buyer gets the money once."""
    found = bought(stripe, programme)
    withdrawn(found)
    in_the_dashboard(stripe, found)
    assert found.payment_id
    calling.advance(found.payment_id, force=True)
    assert refund_of(found.payment_id).error_code == "charge_already_refunded"
    heard(stripe)
    assert (owed(found.payment_id), refund_ends.list_open(found.payment_id)) == ((0, 0), [])
    assert at_provider(programme.issuer_id) == theirs(stripe, found.payment_id)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("DELETE FROM entry WHERE aggregate_id = %(p)s AND kind = 'payment_disputed'", "Z-02"),
        ("DELETE FROM entry WHERE aggregate_id = %(p)s AND kind = 'dispute_fee'", "Z-02"),
        ("UPDATE entry SET debit_account = 'SF' WHERE aggregate_id = %(p)s AND kind = 'payment_disputed'", "Z-02"),
        ("UPDATE entry SET cents = cents + 1 WHERE aggregate_id = %(p)s AND kind = 'dispute_fee'", "Z-02"),
        ("UPDATE dispute_move SET cents = cents + 1 WHERE id = %(m)s", "Z-20"),
        ("UPDATE dispute_move SET split = '{}' WHERE id = %(m)s", "Z-02"),
        ("UPDATE dispute_move SET split = '{}' WHERE id = %(m)s", "Z-20"),
        ("UPDATE dispute_move SET fee_cents = 0 WHERE id = %(m)s", "Z-20"),
        ("UPDATE dispute_move SET kind = 'reinstated' WHERE id = %(m)s", "Z-02"),
        ("DELETE FROM dispute_move WHERE id = %(m)s", "Z-02"),
        ("DELETE FROM payment_loss WHERE case_id = %(m)s", "Z-22"),
        ("UPDATE payment_loss SET cents = cents - 1 WHERE case_id = %(m)s", "Z-22"),
        ("UPDATE dispute_move SET kind = 'reinstated' WHERE id = %(m)s", "Z-22"),
    ],
)
def test_the_proof_finds_a_wrong_and_a_missing_booking_of_a_dispute(
    stripe: Running, programme: Programme, damage: str, code: str
) -> None:
    found = bought(stripe, programme)
    dispute(stripe, found.payment_id)
    move = session.scalar(sa.select(DisputeMove.id).where(DisputeMove.dispute_id == row_of(found.payment_id).id))
    session.commit()
    query = next(query.sql for query in proof.list_queries() if query.code == code)
    with psycopg.connect(settings().database_url) as owner:
        owner.execute("SET session_replication_role = replica")
        assert owner.execute(query).fetchall() == []  # type: ignore[call-overload]
        assert owner.execute(damage, {"p": found.payment_id, "m": move}).rowcount == 1  # type: ignore[call-overload]
        assert owner.execute(query).fetchall() != []  # type: ignore[call-overload]
        owner.rollback()
