"""Pay at pick-up: a promise. The retailer's own till takes the money; it is never ours and never posted."""

from uuid import UUID

from foundation.clock import now
from foundation.database import lock_one, session, transact
from foundation.languages import lazy
from money.payments import deciding, errors, links, payables, states
from money.payments.methods import MethodOffer, Redirection
from money.payments.models import Payment, Tender, TenderPart
from money.payments.payables import AmountDue, MoneyKind, Rail, Traits
from money.payments.states import PaymentState, TenderState


class PickupMethod:
    """The method of the registry. There is no way back through us: the retailer gives back what the retailer took."""

    key = "pickup"
    label: object = lazy("Bezahlung bei Abholung")
    traits = Traits(
        MoneyKind.SHOP_TILL,
        rails=frozenset({Rail.SELLER}),
        settles_before_delivery=False,
        shop_kinds=frozenset({"pickup"}),
    )

    def offer(self, due: AmountDue) -> MethodOffer | None:
        """On offer wherever it is allowed, whatever the amount."""
        return MethodOffer(self.key, self.label, note=lazy("Bar oder mit Karte, direkt im Laden."), symbol="store")

    def hold(self, tender: Tender) -> None:
        """A promise is all there is to hold."""
        states.move(states.TENDER, tender, TenderState.PROMISED)

    def start(self, payment_id: UUID) -> Redirection:
        """Nobody to wait for: decided at once."""
        if transact(deciding.decide, payment_id) != PaymentState.SECURED:
            return Redirection(links.status_url(payment_id))
        return Redirection(transact(_find_page, payment_id))

    def capture(self, tender: Tender) -> None:
        """Nothing is taken before the hand-over."""

    def release(self, tender: Tender) -> None:
        """Nothing to give back: only the shop's till takes this money."""


METHOD = PickupMethod()


def _find_page(payment_id: UUID) -> str:
    payment = session.get_one(Payment, payment_id)
    return payables.of(payment.kind).page_url(payment.ref_id)


def collect(payment_id: UUID, share_ref: UUID) -> int:
    """Record at hand-over that the retailer has the money of a share. Gives back the cents; 0 when nothing was open.

    In the caller's transaction; calling it again changes nothing. Refuses what was waived (the order was cancelled).
    """
    payment = lock_one(Payment, payment_id)
    tender = payment.external_tender
    if tender is None or tender.method != METHOD.key:
        return 0
    part = _part(tender, share_ref)
    if part is None or part.collected_at:
        return 0
    if part.waived_at:
        raise errors.promise_waived()
    if payment.state != PaymentState.SECURED:
        raise errors.payment_not_secured()
    part.collected_at = now()
    if all(each.collected_at or each.waived_at for each in tender.parts):
        states.move(states.TENDER, tender, TenderState.COLLECTED)
    session.flush()
    return part.cents


def _part(tender: Tender, share_ref: UUID) -> TenderPart | None:
    known = {share.ref_id for share in tender.payment.shares}
    if share_ref not in known:
        raise errors.payment_share_unknown()
    return next((part for part in tender.parts if part.share.ref_id == share_ref), None)
