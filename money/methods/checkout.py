"""What card and debit share: the payer goes to the provider's hosted Checkout page and comes back."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock_one, session, transact, uuid7
from foundation.errors import Busy, Refused
from foundation.languages import _
from money.payments import applying, calling, links, states
from money.payments.events import move_call
from money.payments.methods import MethodOffer, Redirection, moment_of
from money.payments.models import Payment, ProviderCall, Refund, Tender
from money.payments.payables import AmountDue
from money.stripe import gateway, requests

MIN_CENTS = 50  # Stripe takes no smaller amount in euro
PAGE_TTL = timedelta(minutes=60)  # Stripe asks for 30 at least, and the request may be sent a while later
MAX_TRIES = 3


class CheckoutMethod:
    """A method of the registry whose outcome Stripe decides. Offered only with a key for Stripe."""

    external = True

    def __init__(self, *, key: str, label: object, note: object, symbol: str, origin: str) -> None:
        self.key, self.label, self.note, self.symbol = key, label, note, symbol
        self.origin = origin

    def offer(self, owed: AmountDue, given: str | None) -> MethodOffer | None:
        """On offer for any sum of at least 50 cents."""
        if not gateway.is_ready() or owed.cents < MIN_CENTS:
            return None
        moment = moment_of(self.key, owed.rail)
        return MethodOffer(
            self.key, self.label, note=self.note, least_cents=MIN_CENTS, moment=moment, symbol=self.symbol
        )

    def hold(self, tender: Tender) -> None:
        """Plan the Checkout page; the money is reserved there."""
        payment, call_id = tender.payment, uuid7()
        wanted = requests.CheckoutRequest(
            payment_id=payment.id,
            call_id=call_id,
            cents=tender.cents,
            title=payment.title,
            email=payment.email,
            language=payment.language,
            expires_at=now() + PAGE_TTL,
            success_url=links.return_url(payment.id),
            cancel_url=links.status_url(payment.id),
            kind=self.key,
            transfer_group=str(payment.id) if payment.rail == "seller" else None,
        )
        calling.plan(
            payment_id=payment.id,
            subject=tender,
            kind=self.origin,
            cents=tender.cents,
            request=requests.create_checkout(wanted),
            call_id=call_id,
        )

    def start(self, payment_id: UUID) -> Redirection:
        """Open the page at Stripe, or find the one that is open. Refuses (`Busy`) while Stripe does not answer."""
        for _attempt in range(MAX_TRIES):
            call_id, state, url = transact(_origin_of, payment_id)
            if state == "pending" and url:
                return Redirection(url)
            if state not in states.UNSETTLED_CALLS:
                break
            calling.perform(call_id, force=True)
        call_id, state, url = transact(_origin_of, payment_id)
        if state == "pending" and url:
            return Redirection(url)
        if state == "failed":
            raise Refused(_("Diese Zahlung ist beendet. Bitte wählen Sie noch einmal."), "payment_over")
        if state in {"pending", "succeeded"}:
            return Redirection(links.status_url(payment_id))
        raise Busy(_("Der Zahlungsdienst antwortet gerade nicht. Bitte versuchen Sie es in einer Minute noch einmal."))

    def capture(self, tender: Tender) -> None:
        """Plan taking what was authorised."""
        intent = tender.provider_ref or ""
        self._plan(tender, "capture", requests.capture_intent(intent, tender.cents))

    def release(self, tender: Tender) -> None:
        """Plan whatever ends it at Stripe, by how far it had come. May be called again at any time."""
        calls = {c.kind: c for c in _calls_of(tender)}
        origin = calls[self.origin]
        if origin.state == "planned":
            move_call(origin, "failed", "given up before it was sent")
            origin.next_at = None
        elif tender.state == "authorised" and "void" not in calls:
            self._plan(tender, "void", requests.cancel_intent(tender.provider_ref or ""))
        elif origin.state == "pending" and origin.provider_ref and "expire" not in calls:
            self._plan(tender, "expire", requests.expire_checkout(origin.provider_ref))

    def refund(self, tender: Tender, cents: int, key: str) -> None:
        """Plan sending money back to the card or account."""
        refund = session.scalars(sa.select(Refund).where(Refund.key == key)).one()
        call_id = uuid7()
        body = requests.create_refund(tender.payment_id, call_id, tender.provider_ref or "", cents)
        calling.plan(
            payment_id=tender.payment_id,
            subject=refund,
            kind="refund",
            cents=cents,
            request=body,
            call_id=call_id,
        )

    @staticmethod
    def _plan(tender: Tender, kind: str, request: bytes) -> None:
        calling.plan(payment_id=tender.payment_id, subject=tender, kind=kind, cents=tender.cents, request=request)


def _calls_of(tender: Tender) -> list[ProviderCall]:
    query = sa.select(ProviderCall).where(ProviderCall.subject_id == tender.id).order_by(ProviderCall.id)
    return list(session.scalars(query))


def _origin_of(payment_id: UUID) -> tuple[UUID, str, str | None]:
    lock_one(Payment, payment_id)
    query = sa.select(ProviderCall.id, ProviderCall.state, ProviderCall.url).where(
        ProviderCall.payment_id == payment_id, ProviderCall.kind.in_(applying.ORIGINS)
    )
    found = session.execute(query).one()
    return UUID(str(found.id)), str(found.state), found.url
