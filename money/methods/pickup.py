"""Pay at pick-up: a promise. The retailer's own till takes the money; it is never ours and never posted."""

from uuid import UUID

from foundation.clock import now
from foundation.database import lock_one, session, transact
from foundation.errors import NotFound, Refused
from foundation.languages import _, lazy
from money.payments import deciding, links, payables, states
from money.payments.methods import MethodOffer, Redirection
from money.payments.models import Payment, Tender, TenderPart
from money.payments.payables import AmountDue


class PickupMethod:
    """The method of the registry."""

    key = "pickup"
    label: object = lazy("Bezahlung bei Abholung")
    external = True

    def offer(self, owed: AmountDue, given: str | None) -> MethodOffer | None:
        """Only for what a seller hands over."""
        if owed.rail != "seller":
            return None
        return MethodOffer(self.key, self.label, note=lazy("Bar oder mit Karte, direkt im Laden."), symbol="store")

    def hold(self, tender: Tender) -> None:
        """A promise is all there is to hold."""
        states.move(states.TENDER, tender, "promised")

    def start(self, payment_id: UUID) -> Redirection:
        """Nobody to wait for: decided at once."""
        state = transact(deciding.decide, payment_id)
        if state != states.SECURED:
            return Redirection(links.status_url(payment_id))
        return Redirection(transact(_page, payment_id))

    def capture(self, tender: Tender) -> None:
        """Nothing is taken before the hand-over."""

    def release(self, tender: Tender) -> None:
        """Nothing was taken."""

    def refund(self, tender: Tender, cents: int, key: str) -> None:
        """Refuses: the retailer gives back what the retailer took."""
        raise Refused(_("Das Geld hat der Laden bekommen und gibt es auch zurück."), "not_our_money")


METHOD = PickupMethod()


def _page(payment_id: UUID) -> str:
    payment = session.get_one(Payment, payment_id)
    return payables.of(payment.kind).page(payment.ref_id)


def collect(payment_id: UUID, share_ref: UUID) -> int:
    """At hand-over: the retailer has the money of this share. Gives back the cents; 0 when nothing was open.

    In the caller's transaction; calling it again changes nothing. Refuses what was waived (the order was cancelled).
    """
    payment = lock_one(Payment, payment_id)
    tender = deciding.find_external_tender(payment)
    if tender is None or tender.method != METHOD.key:
        return 0
    part = _part(tender, share_ref)
    if part is None or part.collected_at:
        return 0
    if part.waived_at:
        raise Refused(_("Diese Bestellung wurde storniert."), "promise_waived")
    if payment.state != states.SECURED:
        raise Refused(_("Diese Bestellung ist noch nicht bestätigt."), "payment_not_secured")
    part.collected_at = now()
    if all(each.collected_at or each.waived_at for each in tender.parts):
        states.move(states.TENDER, tender, "collected")
    session.flush()
    return part.cents


def _part(tender: Tender, share_ref: UUID) -> TenderPart | None:
    known = {share.ref_id for share in tender.payment.shares}
    if share_ref not in known:
        raise NotFound(_("Diesen Teil der Zahlung gibt es nicht."))
    return next((part for part in tender.parts if part.share.ref_id == share_ref), None)
