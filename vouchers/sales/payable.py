"""What payments must know about an order of vouchers: what is owed to which issuer, and what the money makes.

Decisions 0204, 0310.
"""

from uuid import UUID

from foundation import clock
from foundation.database import lock_one, session
from foundation.jobs import enqueue
from foundation.languages import _
from money.amount import euro
from money.errors import order_unknown
from money.payments import refunding
from money.payments.payables import Allowance, AmountDue, Loss, MoneyKind, Rail, Share
from vouchers.network import limits
from vouchers.purchases import links, queries
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.purchases.states import ORDER_DECIDED, VoucherDelivery, VoucherOrderState, VoucherSaleState
from vouchers.sales import delivery, evidence, losing
from vouchers.stored_value import issuing

# Settled before delivery, and never stored value: vouchers are not bought with vouchers (decision 0206).
MONEY = frozenset({MoneyKind.CARD, MoneyKind.DIRECT_DEBIT, MoneyKind.CREDIT_TRANSFER})


class VoucherOrderPayable:
    """An order of one or more vouchers, each with a share of its own: every sale is a contract with its own issuer."""

    kind = queries.PAYABLE_KIND

    def load_due(self, ref_id: UUID) -> AmountDue:
        """Work out the face values, each in its issuer's own ledger. Vouchers are never bought with vouchers."""
        order = queries.load_order(ref_id)
        sales = queries.list_sales(ref_id)
        shares = tuple(_build_share(sale) for sale in sales)
        if not shares:
            raise order_unknown()
        title = shares[0].title if len(shares) == 1 else _("%(n)s Gutscheine", n=len(shares))
        return AmountDue(
            cents=sum(share.cents for share in shares),
            title=title,
            shares=shares,
            rail=Rail.ISSUER,
            ledger_id=shares[0].organisation_id,
            email=order.buyer_email,
            language=order.language,
            allows=Allowance(MONEY),
        )

    def on_secured(self, ref_id: UUID, payment_id: UUID) -> None:
        """Issue the vouchers: the money is there. Their secrets are made when they are delivered."""
        order = lock_one(VoucherOrder, ref_id)
        if order.state in ORDER_DECIDED:
            return
        sales = queries.list_sales(ref_id, lock=True)
        if not limits.keep_claim(order.id):
            # Money that came weeks late, when the month was full: no voucher, and all of it goes back.
            order.state = VoucherOrderState.RETURNED
            for sale in sales:
                refunding.refund_share(payment_id, sale.id, key=f"no-room:{sale.id}", reason="no room in the month")
            enqueue(delivery.announce_return, order_id=str(order.id))
            return
        order.state, order.paid_at, order.payment_id = VoucherOrderState.PAID, clock.now(), payment_id
        for sale in sales:
            _issue_voucher(sale, payment_id)
        session.flush()
        enqueue(delivery.confirm_order, order_id=str(order.id))
        for sale in sales:
            if sale.delivery != VoucherDelivery.LETTER:
                enqueue(delivery.deliver_sale, at=sale.deliver_at, sale_id=str(sale.id))

    def on_failed(self, ref_id: UUID, payment_id: UUID, reason: str) -> None:
        """Keep the order, so that the buyer can choose another way to pay."""

    def on_money_lost(self, ref_id: UUID, loss: Loss) -> int:
        """Freeze what is left of the one sale that the loss is of."""
        return losing.freeze(lock_one(VoucherSale, loss.share_ref), loss)

    def on_money_back(self, ref_id: UUID, loss: Loss) -> int:
        """Thaw what the loss had frozen."""
        return losing.thaw(lock_one(VoucherSale, loss.share_ref), loss)

    def on_loss_final(self, ref_id: UUID, share_ref: UUID) -> None:
        """Leave the voucher as it is: what was frozen was said when it was frozen."""

    def list_evidence(self, ref_id: UUID) -> list[str]:
        """List order, delivery and redemptions."""
        return evidence.list_evidence(ref_id)

    def page_url(self, ref_id: UUID) -> str:
        """Where the buyer reads how it stands."""
        return f"/gutscheine/bestellung/{links.sign_order(ref_id)}"


def _build_share(sale: VoucherSale) -> Share:
    programme = queries.load_programme(sale.programme_id)
    title = _("%(programme)s über %(amount)s", programme=programme.name, amount=euro(sale.cents))
    return Share(sale.id, None, programme.issuer_id, sale.cents, title)


def _issue_voucher(sale: VoucherSale, payment_id: UUID) -> None:
    sale.voucher_id = issuing.issue(
        sale.programme_id,
        sale.cents,
        terms=issuing.LotTerms(origin_id=sale.id, issue_ags=_find_issue_town(sale)),
        funding=issuing.Funding("KZ", payment_id),
        actor_id=sale.id,
        key=f"sale:{sale.id}",
    ).voucher_id
    sale.payment_id, sale.state, sale.paid_at = payment_id, VoucherSaleState.PAID, clock.now()


def _find_issue_town(sale: VoucherSale) -> str | None:
    """Find where the value counts as issued: a city voucher in its town, a regional one where the buyer lives."""
    towns = queries.load_programme(sale.programme_id).towns
    return towns[0].ags if len(towns) == 1 else queries.find_town_ags(sale.postcode)
