"""Paths by which money goes back to buyers: wanted, refused, or taken by their banks."""

from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from foundation import clock
from foundation.database import session, transact, uuid7
from money.bank import returning
from money.bank.models import BankReturn
from money.payments import calling, claims, refund_ends, withdrawals
from money.payments.models import PaymentLoss, ProviderCall, Refund
from money.payments.states import RefundMeans
from money.payments.withdrawals import WithdrawalStatement
from tests.builders import approvals as by_two
from tests.builders import bank
from tests.builders.wallet import person
from tests.database.accounts import ground
from tests.database.accounts.stage import Stage, money_path
from vouchers.purchases.models import VoucherSale

GROUP = "Going back to buyers"
FAILS_LATER = "4000000000005126"


def withdraw(found: VoucherSale) -> None:
    """The buyer withdraws from the purchase."""
    stated = WithdrawalStatement(uuid7(), found.number, found.buyer_email, clock.now())
    transact(withdrawals.withdraw, stated)


@money_path(
    "withdrawal",
    GROUP,
    "The buyer withdraws after spending a part",
    "Within fourteen days the buyer may withdraw (§ 355 BGB). What is left goes back the way it was paid; what was"
    " spent stays spent, and the shop keeps its money.",
)
def withdraw_purchase(stage: Stage) -> None:
    made = ground.programme()
    found = ground.buy_by_card(stage, made)
    shop = transact(ground.build.accepting_shop, made.id)
    ground.redeem(shop, ground.token_of(found), 37_50)
    with stage.step("The withdrawal takes the rest off the voucher: it waits for the refund."):
        withdraw(found)
    with stage.step("The provider has sent it; it keeps its fee."):
        assert found.payment_id
        calling.advance(found.payment_id, force=True)


@money_path(
    "withdrawal-by-transfer",
    GROUP,
    "A purchase by transfer is withdrawn",
    "The money goes back by transfer: a person sends it, and the bank's debit is matched with it.",
)
def withdraw_transfer(stage: Stage) -> None:
    found = ground.buy_by_transfer(ground.programme())
    with stage.step("The voucher is withdrawn; the money waits to be sent."):
        withdraw(found)
    owed = session.scalars(sa.select(BankReturn).where(BankReturn.payment_id == found.payment_id)).one()
    return_id, words = owed.id, owed.remittance
    with stage.step("A person has sent it."):
        transact(returning.record_return, return_id, person_id=uuid4(), done_on=clock.today())
    account, _words = ground.words_of(found.payment_id)
    with stage.step("The bank's debit says so too."):
        bank.states(account, bank.line(-100_00, words))


@money_path(
    "refund-that-failed",
    GROUP,
    "A refund fails days after it had succeeded, and is sent by transfer",
    "The buyer's card is gone: the provider has the money again, and so it is owed again. A person notes which"
    " account the buyer named; the money leaves the pool by transfer, and the provider's next payout brings it there.",
)
def refund_failed(stage: Stage) -> None:
    made = ground.programme(own=200_00)
    sale_id, payment = ground.order(made, "card", 100_00)
    ground.pay_by_card(stage, payment, FAILS_LATER)
    clerk = transact(person).id
    found = session.get_one(VoucherSale, sale_id)
    with stage.step("The purchase is withdrawn, and the provider reports success."):
        withdraw(found)
        calling.advance(payment, force=True)
    refund = session.scalars(sa.select(Refund.id).where(Refund.payment_id == payment)).one()
    session.commit()
    with stage.step("Three days later the provider reports that it failed."), clock.at(clock.now() + timedelta(days=3)):
        stage.stripe.advance(deliver=False)
        call = session.scalars(sa.select(ProviderCall.id).where(ProviderCall.subject_id == refund)).one()
        session.commit()
        calling.refresh(call, cause="webhook")
    sends = returning.send_instead("Paula Käuferin", "DE89 3704 0044 0532 0130 00", asked_by=uuid4())
    transact(refund_ends.decide, refund, RefundMeans.BANK_ACCOUNT, "Mail vom 3. Mai", person_id=clerk, sends=sends)
    owed = session.scalars(sa.select(BankReturn).where(BankReturn.payment_id == payment)).one()
    return_id, words = owed.id, owed.remittance
    with stage.step("A person sends it to the account that the buyer named."):
        transact(returning.record_return, return_id, person_id=uuid4(), done_on=clock.today())
    with stage.step("The bank's debit is matched with it."):
        bank.states(ground.account_id(made.issuer_id), bank.line(-100_00, words))


def dispute(stage: Stage, payment_id: UUID | None, **how: object) -> str:
    """The buyer's bank takes the money back at the provider."""
    ref = ground.tender_of(payment_id).provider_ref
    made = stage.stripe.call("POST", "/_disputes", {"payment_intent": ref, **how})
    ground.heard(stage)
    return str(made["id"])


def settle(stage: Stage, ref: str, *, won: bool) -> None:
    """The dispute is decided."""
    stage.stripe.call("POST", f"/_disputes/{ref}/settle", {"won": won})
    ground.heard(stage)


def spent_in_part(stage: Stage, cents: int = 37_50) -> VoucherSale:
    """A voucher that was paid by card and spent in part."""
    made = ground.programme()
    found = ground.buy_by_card(stage, made)
    shop = transact(ground.build.accepting_shop, made.id)
    ground.redeem(shop, ground.token_of(found), cents)
    return found


@money_path(
    "dispute-won",
    GROUP,
    "A payment is disputed, and the dispute won",
    "The provider takes the money at once and charges a fee. What is left on the voucher is frozen in the same"
    " transaction; what was spent becomes a claim on the buyer (SF). The shop that took it in good faith keeps its"
    " money.",
)
def win_dispute(stage: Stage) -> None:
    found = spent_in_part(stage)
    with stage.step("The buyer's bank takes 100.00 back."):
        ref = dispute(stage, found.payment_id)
    with stage.step("The dispute is won: the money is back, the claim ends, the voucher is thawed. The fee stays."):
        settle(stage, ref, won=True)


@money_path(
    "dispute-lost",
    GROUP,
    "A dispute is lost, the claim given up, and the money comes after all",
    "What was spent of a voucher whose money is gone is claimed of the buyer. Two people may give the claim up (FV); if"
    " the money comes later, the loss is undone.",
)
def lose_dispute(stage: Stage) -> None:
    found = spent_in_part(stage)
    with stage.step("The buyer's bank takes 100.00 back."):
        ref = dispute(stage, found.payment_id)
    with stage.step("The dispute is lost: nothing more is booked, the money was gone already."):
        settle(stage, ref, won=False)
    loss = session.scalars(sa.select(PaymentLoss.id).where(PaymentLoss.payment_id == found.payment_id)).one()
    people = by_two.two(ground.ledger_of(found.payment_id))
    transact(claims.propose, loss, "Käufer nicht zu finden", person_id=people.first)
    with stage.step("Two people give the claim up."):
        transact(claims.decide, loss, approved=True, person_id=people.second)
    with stage.step("The bank of the buyer decides otherwise after all, and the money is back."):
        settle(stage, ref, won=True)


@money_path(
    "returned-debit",
    GROUP,
    "A debit comes back after five weeks",
    "The buyer's bank returns the debit with a reason; there is nothing to argue about, so it is lost at once.",
)
def return_debit(stage: Stage) -> None:
    made = ground.programme()
    sale_id, payment = ground.order(made, "sepa_debit", 100_00)
    stage.stripe.pay_by_debit(ground.starting.start(payment).url)
    calling.advance(payment, force=True)
    stage.stripe.advance(deliver=False)
    for _round in range(2):
        calling.advance(payment, force=True)
    transact(ground.delivery.deliver_sale, str(sale_id))
    with stage.step("The debit comes back; the provider charges its fee."), clock.at(clock.now() + timedelta(weeks=5)):
        dispute(stage, payment, reason="insufficient_funds")


@money_path(
    "transfer-taken-back",
    GROUP,
    "The bank takes a transfer back",
    "A credit that had bought a voucher is reversed by the bank. It is undone with all that followed: the rest is"
    " frozen, and what was spent is claimed.",
)
def reverse_transfer(stage: Stage) -> None:
    bought = ground.holder()
    ground.redeem(bought.shop, bought.token, 37_50)
    account, words = ground.words_of(bought.sale.payment_id)
    with stage.step("The reversal stands in the statement."):
        bank.states(account, bank.line(-100_00, words, is_reversal=True))
