"""Paths of what the provider does by itself, booked from the lines of its statement."""

from uuid import UUID

import sqlalchemy as sa
import stripe as stripe_library

from foundation.database import session, transact
from money.payments import fetching, line_booking
from money.payments.line_booking import LineDecision
from money.payments.statement_models import ProviderLine
from money.payments.states import LineKind
from tests.database.accounts import ground
from tests.database.accounts.stage import Stage, money_path

GROUP = "The provider by itself"


def booked(ledger_id: UUID, kind: LineKind, cents: int) -> None:
    """Fetch the statement, and book its newest line of this sum."""
    fetching.fetch()
    query = sa.select(ProviderLine).where(ProviderLine.cents == cents).order_by(ProviderLine.id.desc())
    line = session.scalars(query.limit(1)).one()
    session.commit()
    transact(line_booking.book, line, LineDecision(kind, ledger_id))


def pay_out(stage: Stage, ledger_id: UUID, cents: int) -> None:
    """The provider sends money to the bank account, and its statement says so."""
    client = stripe_library.StripeClient("sk_test_suite", base_addresses={"api": stage.stripe.base})
    client.v1.payouts.create({"amount": cents, "currency": "eur"})
    booked(ledger_id, LineKind.PAYOUT, -cents)


@money_path(
    "provider-fee",
    GROUP,
    "The provider charges a fee that belongs to no payment",
    "Fees for screening payments or for the account itself stand in the provider's statement alone. Small ones are"
    " booked by rule where one issuer alone has money there, all others as two people say.",
)
def charge_fee(stage: Stage) -> None:
    made = ground.programme()
    ground.buy_by_card(stage, made)
    stage.stripe.line("stripe_fee", -2_51, description="Radar")
    with stage.step("The line is fetched and booked."):
        booked(made.issuer_id, LineKind.FEE, -2_51)


@money_path(
    "unknown-payment",
    GROUP,
    "A payment at the provider that nobody here knows",
    "Charged by hand at the provider, or lost by a restore: two people say that it is a payer's money. It waits for its"
    " owner (KZ) until it is refunded there; the provider's fee is ours.",
)
def know_no_payment(stage: Stage) -> None:
    made = ground.programme()
    client = stripe_library.StripeClient("sk_test_suite", base_addresses={"api": stage.stripe.base})
    paid = client.v1.payment_intents.create(
        {"amount": 42_50, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
    )
    with stage.step("The charge is booked from its line."):
        booked(made.issuer_id, LineKind.PAYER, 42_50)
    client.v1.refunds.create({"payment_intent": paid.id})
    with stage.step("It is refunded at the provider; that line ends it."):
        booked(made.issuer_id, LineKind.PAYER, -42_50)
