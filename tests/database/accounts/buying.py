"""Paths by which money comes in for vouchers."""

from uuid import uuid4

from foundation import clock
from foundation.database import session, transact
from money.bank import allocation, returning
from money.bank.models import BankReturn
from money.payments import calling, starting
from tests.builders import approvals as by_two
from tests.builders import bank
from tests.builders import cards as build_cards
from tests.database.accounts import ground
from tests.database.accounts.provider_lines import pay_out
from tests.database.accounts.stage import Stage, money_path
from vouchers.adjustments import manual_issue
from vouchers.approvals import deciding
from vouchers.cards import selling, settlements
from vouchers.sales import delivery

GROUP = "Buying"


@money_path(
    "purchase-by-card",
    GROUP,
    "A voucher is bought by card",
    "The buyer pays 100.00 at the provider's page. What the provider owes us is an asset (PSP); until the voucher"
    " exists the money waits for its purpose (KZ). The provider pays out to the trust account days later.",
)
def buy_by_card(stage: Stage) -> None:
    made = ground.programme()
    sale_id, payment = ground.order(made, "card", 100_00)
    with stage.step(
        "The card is charged, the provider keeps its fee, and the voucher is issued in the same transaction."
    ):
        ground.pay_by_card(stage, payment)
        transact(delivery.deliver_sale, str(sale_id))
    account = ground.account_id(made.issuer_id)
    with stage.step("The provider pays out: the line of its statement says that the money is on its way (GT)."):
        pay_out(stage, made.issuer_id, 98_00)
    with stage.step(
        "The bank states a credit from the provider. Exactly one payout of these cents is under way: it has arrived."
    ):
        bank.received(account, bank.line(98_00, "STRIPE PAYOUT", party_name="Stripe"))


@money_path(
    "purchase-by-debit",
    GROUP,
    "A voucher is bought by SEPA debit",
    "A debit takes days. Nothing is booked before the provider says that the money is there.",
)
def buy_by_debit(stage: Stage) -> None:
    made = ground.programme()
    sale_id, payment = ground.order(made, "sepa_debit", 100_00)
    with stage.step("The buyer gives the mandate; the debit is under way."):
        stage.stripe.pay_by_debit(starting.start(payment).url)
        calling.advance(payment, force=True)
    with stage.step("Days later the debit has succeeded, and the voucher is issued."):
        stage.stripe.advance(deliver=False)
        for _round in range(2):
            calling.advance(payment, force=True)
        transact(delivery.deliver_sale, str(sale_id))


@money_path(
    "purchase-by-transfer",
    GROUP,
    "A voucher is bought by bank transfer",
    "The bank's statement names the payment by its reference; it is placed by itself.",
)
def buy_by_transfer(stage: Stage) -> None:
    made = ground.programme()
    sale_id, payment = ground.order(made, "transfer", 100_00)
    with stage.step("The statement of the trust account is taken over: receipt, allocation and voucher in one go."):
        bank.came(payment, 100_00)
        transact(delivery.deliver_sale, str(sale_id))


@money_path(
    "transfer-in-parts",
    GROUP,
    "A transfer that is too small, and one that is too large",
    "A part stays with its payment until the rest comes. What is more than the price stays with the receipt, until a"
    " person sends it back.",
)
def pay_in_parts(stage: Stage) -> None:
    made = ground.programme()
    sale_id, payment = ground.order(made, "transfer", 100_00)
    with stage.step("30.00 come: placed, and not enough."):
        bank.came(payment, 30_00)
    with stage.step("90.00 come: 70.00 make the payment whole, the voucher is issued, 20.00 are left over."):
        second = bank.came(payment, 90_00)
        transact(delivery.deliver_sale, str(sale_id))
    owed = transact(allocation.request_return, second.receipt_id, person_id=uuid4())
    with stage.step("A person has sent the 20.00 back, as another one had asked for; the bank's debit is awaited."):
        transact(returning.record_return, owed, person_id=uuid4(), done_on=clock.today())
    words = session.get_one(BankReturn, owed).remittance
    account, _words = ground.words_of(payment)
    with stage.step("The debit stands in the statement and matches the return."):
        bank.states(account, bank.line(-20_00, words))


@money_path(
    "transfer-never-completed",
    GROUP,
    "A part comes, the payment ends, and the money is free again",
    "When the time to pay is over, what had been placed is the receipt's again.",
)
def end_unpaid(stage: Stage) -> None:
    made = ground.programme()
    _sale, payment = ground.order(made, "transfer", 100_00)
    with stage.step("30.00 of 100.00 come."):
        bank.came(payment, 30_00)
    with stage.step("The payment ends before it is complete."):
        starting.abandon(payment, "expired")


@money_path(
    "purchase-at-a-counter",
    GROUP,
    "A card is sold at a counter, which pays over later",
    "The counter's clerk takes cash. Until the counter pays it over, the issuer has a claim on it (SF), within a"
    " credit line that own funds in the pool stand for.",
)
def sell_card(stage: Stage) -> None:
    scene = build_cards.scene()
    with stage.step("A card is activated for 50.00."):
        transact(build_cards.sell, scene, scene.cards[0], 50_00)
    with stage.step("A second one is sold for 25.00."):
        sold = transact(build_cards.sell, scene, scene.cards[1], 25_00).id
    with stage.step("It was a slip: the sale is undone, and the card is worth nothing."):
        transact(selling.undo_sale, sold, counter_id=scene.counter_id, clerk_id=scene.clerk_id, reason="vertippt")
    with stage.step("The counter's transfer stands in the statement."):
        receipt = build_cards.receipt(scene, 50_00)
    with stage.step("It settles the claim."):
        transact(settlements.settle_counter, scene.counter_id, receipt, person_id=scene.clerk_id, key="k")


@money_path(
    "voucher-from-the-office",
    GROUP,
    "The office hands out a voucher",
    "Somebody has transferred money without an order, and two people issue a voucher for it. Their approval consumes"
    " what the bank has credited, once: it moves to their paper (KZ) and pays from there.",
)
def issue_by_hand(stage: Stage) -> None:
    made = ground.programme()
    people = by_two.two(made.issuer_id)
    with stage.step("The bank states a credit of 50.00 that names no order."):
        receipt = bank.income(made.issuer_id, 50_00, "Tombola")
    wish = manual_issue.ManualIssueRequest(made.id, 50_00, f"{uuid4().hex}@example.org", receipt, "Tombola")
    proposal = transact(manual_issue.propose, wish, people.first)
    with stage.step("A second person approves; the voucher goes out by mail."):
        transact(deciding.approve, proposal, people.second)
