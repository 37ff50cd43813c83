"""The provider and its payers act in any order, by chance from a seed: every cent is in the books or on a worklist.

One story is one order of one or two issuers, paid by card. Payers dispute parts of it, banks decide and decide again,
people spend, withdraw, merge, refund and pay out at the provider, which charges fees of its own; messages are lost,
doubled and shuffled. At the end of each all is heard, and the provider's totals and each line of its statement are
compared with the books. `SEED=` plays others, `STORIES=` more of them.
"""

import contextlib
import os
import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
import stripe as stripe_library

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import session, transact, uuid7
from foundation.errors import DomainError
from money.payments import calling, comparing, losing, messages, refund_ends, reports, starting, withdrawals
from money.payments.models import Refund, WebhookEvent
from money.payments.withdrawals import WithdrawalStatement
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.builders.ledger import float_for
from tests.builders.sales import last_mail, lines, link_in, order, text_of, wanted
from tests.builders.stripe import intents_of
from vouchers.purchases import queries
from vouchers.purchases.models import VoucherSale
from vouchers.sales import delivery, drafts, ordering
from vouchers.stored_value import access, deductions
from vouchers.stored_value import queries as value_queries
from vouchers.stored_value.models import Programme
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder

STORIES = int(os.environ.get("STORIES", "5"))
SEED = int(os.environ.get("SEED", "8"))
GOOD_CARD, REFUND_FAILS_LATER = "4242424242424242", "4000000000005126"
FIRST_CENTS, SECOND_CENTS = 70_00, 35_01
AT_PROVIDER = sa.text(
    "SELECT coalesce(sum(CASE WHEN debit_account = 'PSP' THEN cents ELSE -cents END), 0)::bigint FROM entry"
    " WHERE aggregate_id = :payment AND 'PSP' IN (debit_account, credit_account)"
)


@dataclass
class Stage:
    """Two issuers with a programme and a shop each."""

    stripe: Running
    programmes: list[Programme]
    shops: list[build.Shop]
    client: stripe_library.StripeClient


@dataclass
class Story:
    """One order, and what happened to it."""

    stage: Stage
    chance: random.Random
    order_id: UUID
    payment_id: UUID
    intent: str = ""
    happened: list[str] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)

    def note(self, *words: object) -> None:
        self.happened.append(" ".join(map(str, words)))

    def pick(self) -> tuple[int, VoucherSale]:
        sales = lines(self.order_id)
        number = self.chance.randrange(len(sales))
        return number, sales[number]

    def voucher(self) -> UUID:
        """The voucher on which a sale's value lies by now."""
        _number, sale = self.pick()
        assert sale.voucher_id
        return value_queries.find_successor(sale.voucher_id)

    def dispute(self) -> None:
        (there,) = intents_of(self.stage.stripe, self.payment_id)
        left = there["captured"] - there["refunded"] - there["disputed"]
        if left > 0:
            cents = min(left, self.chance.choice((1, 33_33, 60_00, left)))
            how: dict[str, Any] = {"amount": cents, "inquiry": self.chance.random() < 0.1}
            self.note(how)
            made = self.stage.stripe.call("POST", "/_disputes", {"payment_intent": self.intent, **how})
            self.disputes += [] if how["inquiry"] else [made["id"]]

    def settle(self) -> None:
        if self.disputes:
            ref = self.chance.choice(self.disputes)
            there, won = self.stage.client.v1.disputes.retrieve(ref), self.chance.random() < 0.6
            if there.status != "won" or not won:
                cents = self.chance.choice((there.amount, self.chance.randrange(1, there.amount + 1)))
                self.note(ref, won, cents)
                self.stage.stripe.call("POST", f"/_disputes/{ref}/settle", {"won": won, "amount": cents})

    def redeem(self) -> None:
        number, sale = self.pick()
        place = [p.id for p in self.stage.programmes].index(sale.programme_id)
        token = link_in(text_of(last_mail("vouchers/voucher", sale.buyer_email)))
        cents = self.chance.choice((1, 12_34, 30_00))
        self.note(number, cents)
        redeeming.redeem(self.stage.shops[place].token, RedemptionOrder(token, cents, str(uuid4())))

    def withdraw(self) -> None:
        _number, sale = self.pick()
        stated = WithdrawalStatement(uuid7(), sale.number, sale.buyer_email, clock.now())
        transact(withdrawals.withdraw, stated)

    def refund_outside(self) -> None:
        with contextlib.suppress(stripe_library.StripeError):
            cents = self.chance.choice((5_00, 40_00))
            self.stage.client.v1.refunds.create({"payment_intent": self.intent, "amount": cents})

    def charge_fee(self) -> None:
        self.stage.stripe.line(self.chance.choice(("stripe_fee", "adjustment")), -self.chance.randrange(1, 3_00))

    def pay_out(self) -> None:
        with contextlib.suppress(stripe_library.StripeError):
            self.stage.client.v1.payouts.create({"amount": self.chance.randrange(1, 20_00), "currency": "eur"})

    def compare(self) -> None:
        comparing.compare()

    def send(self) -> None:
        calling.advance(self.payment_id, force=True)

    def settle_refunds(self) -> None:
        self.stage.stripe.advance(deliver=False)

    def hear(self) -> None:
        self.stage.stripe.flush()
        events = list(session.scalars(sa.select(WebhookEvent.id).where(WebhookEvent.done_at.is_(None))))
        session.commit()
        self.chance.shuffle(events)
        for event in events:
            messages.read_message(event)

    def disturb(self) -> None:
        kind = self.chance.choice(("webhook_never", "webhook_duplicate", "answer_lost"))
        count = self.chance.randrange(1, 4)
        if kind == "answer_lost":
            self.stage.stripe.fault(kind, path="/v1/refunds", method="POST", count=1)
        else:
            self.stage.stripe.fault(kind, event="*", count=count, **({"copies": 2} if "dup" in kind else {}))

    def reconcile(self) -> None:
        comparing.reconcile(clock.now() - timedelta(days=1), clock.now() + timedelta(hours=3))

    def merge(self) -> None:
        present = self.voucher()
        _number, sale = self.pick()
        into = build.voucher(sale.programme_id, 10_00).voucher_id
        session.commit()
        transact(deductions.merge, present, into, actor_id=uuid7(), key=str(uuid4()), reason="both on one")

    def renew(self) -> None:
        transact(access.renew, self.voucher(), actor_id=uuid7(), key=str(uuid4()), reason="lost")

    def block(self) -> None:
        verb = self.chance.choice((access.block, access.unblock))
        transact(verb, self.voucher(), actor_id=uuid7(), key=str(uuid4()), reason="lost")

    def recover(self) -> None:
        losing.recover()


DEEDS = (
    [Story.dispute] * 4 + [Story.settle] * 5 + [Story.redeem] * 3 + [Story.hear] * 4 + [Story.send] * 2
    + [Story.withdraw, Story.refund_outside, Story.settle_refunds, Story.disturb, Story.reconcile, Story.recover]
    + [Story.merge, Story.renew, Story.block, Story.charge_fee, Story.pay_out, Story.compare]
)  # fmt: skip


@pytest.fixture
def stage(alone: Running) -> Stage:
    stripe = alone
    programmes = [transact(build.programme) for _issuer in range(2)]
    for each in programmes:
        float_for(each.issuer_id, 10_000_00)
    shops = [transact(build.accepting_shop, each.id) for each in programmes]
    client = stripe_library.StripeClient("sk_test_suite", base_addresses={"api": stripe.base})
    return Stage(stripe, programmes, shops, client)


def begin(stage: Stage, chance: random.Random) -> Story:
    first, second = chance.sample(stage.programmes, 2)
    order_id = queries.load_sale(transact(drafts.draft_sale, wanted(first, cents=FIRST_CENTS))).order_id
    cents = FIRST_CENTS
    if chance.random() < 0.5:
        buyer = order(order_id).buyer_email
        transact(drafts.draft_sale, wanted(second, cents=SECOND_CENTS, buyer_email=buyer), order_id=order_id)
        cents += SECOND_CENTS
    payment = transact(ordering.place_order, order_id, method="card", shown_cents=cents)
    stage.stripe.pay(starting.start(payment).url, chance.choice((GOOD_CARD, GOOD_CARD, REFUND_FAILS_LATER)))
    for _round in range(2):
        calling.advance(payment, force=True)
    for sale in lines(order_id):
        transact(delivery.deliver_sale, str(sale.id))
    story = Story(stage, chance, order_id, payment)
    query = sa.text("SELECT provider_ref FROM tender WHERE payment_id = :id AND external")
    story.intent = str(session.scalar(query, {"id": payment}))
    session.commit()
    return story


def play(story: Story) -> None:
    for _deed in range(story.chance.randrange(4, 14)):
        deed = story.chance.choice(DEEDS)
        story.note("-", deed.__name__)
        try:
            deed(story)
        except DomainError as refusal:
            session.rollback()
            story.note("refused:", refusal.sentence)


def end(story: Story) -> None:
    """Everything that is under way ends, and everything is heard."""
    story.stage.stripe.clear_faults()
    story.note("= end")
    for _round in range(2):
        story.settle_refunds()
        story.stage.stripe.flush(never=True)
        story.hear()
        story.send()
    story.reconcile()
    story.recover()


def find_wrong(story: Story) -> list[str]:
    payment, there = story.payment_id, intents_of(story.stage.stripe, story.payment_id)[0]
    theirs = there["captured"] - there["refunded"] - there["fee"] - there["disputed"] - there["dispute_fee"]
    ours = session.scalar(AT_PROVIDER, {"payment": payment})
    asked = sa.select(sa.func.coalesce(sa.func.sum(Refund.cents), 0)).where(
        Refund.payment_id == payment, Refund.state.in_(("requested", "pending"))
    )
    open_cents = (session.scalar(asked) or 0) + sum(refund.cents for refund in refund_ends.list_open(payment))
    owed, claimed = balance("KZ", payment), -balance("SF", payment)
    session.commit()
    wrong = [] if ours == theirs else [f"PSP {ours}, the provider has {theirs}"]
    wrong += [] if owed == open_cents else [f"KZ {owed}, refunds that are open {open_cents}"]
    wrong += find_wrong_lines()
    return wrong + ([f"KZ {owed}, SF {claimed}"] if min(owed, claimed) < 0 else [])


LINES = sa.text("SELECT line_ref, ref, theirs_cents, ours_cents FROM provider_match() WHERE theirs_cents <> ours_cents")
OPEN_LINES = sa.text(
    "SELECT provider_ref, cents FROM provider_case"
    " WHERE kind IN ('missing_line', 'unbooked_line') AND closed_at IS NULL"
)


def find_wrong_lines() -> list[str]:
    """Every line is booked or a case, nothing of ours is without a line, and the difference is the cases' sum."""
    rows = session.execute(LINES).all()
    cases: dict[str, int] = {row.provider_ref: row.cents for row in session.execute(OPEN_LINES)}
    report = reports.find_last()
    session.commit()
    differ = {row.line_ref: row.theirs_cents - row.ours_cents for row in rows}
    wrong = [] if differ == cases else [f"lines that differ {rows}, cases {cases}"]
    assert report is not None
    figures = (report.difference_cents, report.under_way_cents)
    return wrong + ([] if figures == (sum(cases.values()), 0) else [f"difference and under way: {figures}"])


@pytest.mark.parametrize("part", range(4))
def test_what_provider_and_payers_do_in_any_order_is_in_the_books_or_on_a_worklist(stage: Stage, part: int) -> None:
    for number in range(STORIES):
        seed = f"{SEED}/{part}/{number}"
        story = begin(stage, random.Random(seed))
        try:
            play(story)
            end(story)
            wrong = find_wrong(story)
        except Exception:
            print(f"seed {seed}:", *story.happened, sep="\n")
            raise
        assert wrong == [], "\n".join((f"seed {seed}", *story.happened))
    assert findings() == []
