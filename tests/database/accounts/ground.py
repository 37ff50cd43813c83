"""What the paths begin with: issuers and their bank account, a voucher that somebody bought, a shop with its till."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import sqlalchemy as sa

from foundation.database import session, transact
from money.bank import accounts, expected_transfers
from money.payments import calling, messages, starting
from money.payments.models import Payment, Tender, WebhookEvent
from tests.builders import bank
from tests.builders import vouchers as build
from tests.builders.ledger import float_for
from tests.builders.sales import last_mail, link_in, paid, sale, text_of, wanted
from tests.database.accounts.stage import Stage
from vouchers.purchases.models import VoucherSale
from vouchers.sales import delivery, drafts, ordering
from vouchers.stored_value.models import Programme
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder

FLOAT = 100_00


def programme(own: int = FLOAT) -> Programme:
    """A programme on sale; its issuer has a bank account and own funds in the pool."""
    made: Programme = transact(build.programme)
    bank.account_of(made.issuer_id)
    float_for(made.issuer_id, own)
    return made


def order(made: Programme, method: str, cents: int) -> tuple[UUID, UUID]:
    """A voucher is ordered and nothing paid yet: (sale, payment)."""
    sale_id = transact(drafts.draft_sale, wanted(made, cents=cents))
    return sale_id, transact(ordering.place_order, sale_id, method=method, shown_cents=cents)


def pay_by_card(stage: Stage, payment: UUID, card: str = "4242424242424242") -> None:
    """Somebody pays at the provider's page, and we look."""
    stage.stripe.pay(starting.start(payment).url, card)
    for _round in range(2):
        calling.advance(payment, force=True)


def buy_by_card(stage: Stage, made: Programme, cents: int = 100_00) -> VoucherSale:
    """A voucher that was paid by card and delivered."""
    sale_id, payment = order(made, "card", cents)
    pay_by_card(stage, payment)
    transact(delivery.deliver_sale, str(sale_id))
    return sale(sale_id)


def buy_by_transfer(made: Programme, cents: int = 100_00) -> VoucherSale:
    """A voucher that was paid by transfer and delivered."""
    return sale(paid(made, cents))


def token_of(found: VoucherSale) -> str:
    """What the buyer's mail opens the voucher with."""
    return link_in(text_of(last_mail("vouchers/voucher", found.buyer_email)))


@dataclass(frozen=True)
class Holder:
    """A voucher that was bought, and a shop that takes it."""

    programme: Programme
    sale: VoucherSale
    token: str
    shop: build.Shop

    @property
    def voucher_id(self) -> UUID:
        assert self.sale.voucher_id
        return self.sale.voucher_id


def holder(cents: int = 100_00) -> Holder:
    """A voucher bought by transfer, and a shop."""
    made = programme()
    shop = transact(build.accepting_shop, made.id)
    found = buy_by_transfer(made, cents)
    return Holder(made, found, token_of(found), shop)


def redeem(shop: build.Shop, token: str, cents: int) -> UUID:
    """A till takes so much; gives the redemption."""
    answer = redeeming.redeem(shop.token, RedemptionOrder(token, cents, str(uuid4())))
    return UUID(answer.body["redemption_id"])


def words_of(payment_id: UUID | None) -> tuple[UUID, str]:
    """The issuer's account, and the words by which a transfer names the payment."""
    assert payment_id
    found = expected_transfers.find_of_payment(payment_id)
    assert found
    session.commit()
    return found.account_id, found.reference


def account_id(issuer_id: UUID) -> UUID:
    """The issuer's trust account."""
    found = accounts.find_open_account(issuer_id)
    assert found
    session.commit()
    return found.id


def tender_of(payment_id: UUID | None) -> Tender:
    """The part of a payment that the provider takes."""
    query = sa.select(Tender).where(Tender.payment_id == payment_id, Tender.external)
    found = session.scalars(query).one()
    session.commit()
    return found


def heard(stage: Stage) -> None:
    """What the provider has to say is delivered and read."""
    stage.stripe.flush()
    waiting = sa.select(WebhookEvent.id).where(WebhookEvent.done_at.is_(None)).order_by(WebhookEvent.received_at)
    events = list(session.scalars(waiting))
    session.commit()
    for event in events:
        messages.read_message(event)


def ledger_of(payment_id: UUID | None) -> UUID:
    """The books of a payment."""
    found: UUID = session.get_one(Payment, payment_id).ledger_id
    session.commit()
    return found
