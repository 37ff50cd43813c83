"""What card and debit share: the payer goes to the provider's hosted Checkout page and comes back. Decision 0202."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock_one, session, transact, uuid7
from money.payments import calling, errors, links, methods, states
from money.payments.calling import CallPlan
from money.payments.events import move_call
from money.payments.methods import MethodOffer, Redirection
from money.payments.models import Payment, ProviderCall, Refund, Tender
from money.payments.payables import AmountDue, Rail, Traits
from money.payments.states import CallKind, CallState, TenderState
from money.stripe import gateway, requests

MIN_CENTS = 50  # Stripe takes no smaller amount in euro
PAGE_TTL = timedelta(minutes=60)  # Stripe asks for 30 at least, and the request may be sent a while later
MAX_TRIES = 3


@dataclass(frozen=True)
class CheckoutTexts:
    """What the choice of methods says: `note` always, `order_hint` where a shop's order waits for the money."""

    note: object
    symbol: str
    order_hint: object | None = None


class CheckoutMethod:
    """A method of the registry whose outcome Stripe decides. Offered only with a key for Stripe.

    `stripe_type` is Stripe's word for it, `origin` the call that opens the page.
    """

    def __init__(
        self, key: str, label: object, traits: Traits, *, stripe_type: str, origin: CallKind, texts: CheckoutTexts
    ) -> None:
        self.key, self.label, self.traits = key, label, traits
        self.stripe_type, self.origin, self.texts = stripe_type, origin, texts

    def offer(self, due: AmountDue) -> MethodOffer | None:
        """On offer for any sum of at least 50 cents."""
        if not gateway.is_ready() or due.cents < MIN_CENTS:
            return None
        return MethodOffer(
            self.key,
            self.label,
            note=self.texts.note,
            minimum_cents=MIN_CENTS,
            moment=methods.texts_of(self.key, due.rail).moment,
            hint=self.texts.order_hint if due.rail == Rail.SELLER else None,
            symbol=self.texts.symbol,
        )

    def hold(self, tender: Tender) -> None:
        """Plan the Checkout page; the money is reserved there."""
        payment, call_id = tender.payment, uuid7()
        page = requests.CheckoutRequest(
            payment_id=payment.id,
            call_id=call_id,
            cents=tender.cents,
            title=payment.title,
            email=payment.email,
            language=payment.language,
            expires_at=now() + PAGE_TTL,
            success_url=links.return_url(payment.id),
            cancel_url=links.status_url(payment.id),
            payment_method_type=self.stripe_type,
            captures_later=self.origin == CallKind.AUTHORISE,
            transfer_group=str(payment.id) if payment.rail == Rail.SELLER else None,
        )
        body = requests.create_checkout(page)
        calling.plan(CallPlan(payment.id, tender, self.origin, tender.cents, body, call_id))

    def start(self, payment_id: UUID) -> Redirection:
        """Open the page at Stripe, or find the one that is open. Refuses (`Busy`) while Stripe does not answer."""
        for _attempt in range(MAX_TRIES):
            call_id, state, url = transact(_load_origin, payment_id)
            if state == CallState.PENDING and url:
                return Redirection(url)
            if state not in states.UNSETTLED_CALLS:
                break
            calling.perform(call_id, force=True)
        call_id, state, url = transact(_load_origin, payment_id)
        if state == CallState.PENDING and url:
            return Redirection(url)
        if state == CallState.FAILED:
            raise errors.payment_over()
        if state in {CallState.PENDING, CallState.SUCCEEDED}:
            return Redirection(links.status_url(payment_id))
        raise errors.provider_silent()

    def capture(self, tender: Tender) -> None:
        """Plan the call that takes what the card's issuer has reserved."""
        intent = tender.provider_ref or ""
        self._plan(tender, CallKind.CAPTURE, requests.capture_intent(intent, tender.cents))

    def release(self, tender: Tender) -> None:
        """Plan whatever ends it at Stripe, by how far it had come. May be called again at any time."""
        calls = {c.kind: c for c in _calls_of(tender)}
        origin = calls[self.origin]
        if origin.state == CallState.PLANNED:
            move_call(origin, CallState.FAILED, "given up before it was sent")
            origin.next_at = None
        elif tender.state == TenderState.AUTHORISED and CallKind.VOID not in calls:
            self._plan(tender, CallKind.VOID, requests.cancel_intent(tender.provider_ref or ""))
        elif origin.state == CallState.PENDING and origin.provider_ref and CallKind.EXPIRE not in calls:
            self._plan(tender, CallKind.EXPIRE, requests.expire_checkout(origin.provider_ref))

    def refund(self, tender: Tender, cents: int, key: str) -> None:
        """Plan sending money back to the card or account."""
        refund = session.scalars(sa.select(Refund).where(Refund.key == key)).one()
        call_id = uuid7()
        body = requests.create_refund(tender.payment_id, call_id, tender.provider_ref or "", cents)
        calling.plan(CallPlan(tender.payment_id, refund, CallKind.REFUND, cents, body, call_id))

    @staticmethod
    def _plan(tender: Tender, kind: CallKind, request: bytes) -> None:
        calling.plan(CallPlan(tender.payment_id, tender, kind, tender.cents, request))


def _calls_of(tender: Tender) -> list[ProviderCall]:
    query = sa.select(ProviderCall).where(ProviderCall.subject_id == tender.id).order_by(ProviderCall.id)
    return list(session.scalars(query))


def _load_origin(payment_id: UUID) -> tuple[UUID, str, str | None]:
    lock_one(Payment, payment_id)
    query = sa.select(ProviderCall.id, ProviderCall.state, ProviderCall.url).where(
        ProviderCall.payment_id == payment_id, ProviderCall.kind.in_(states.ORIGINS)
    )
    found = session.execute(query).one()
    return UUID(str(found.id)), str(found.state), found.url
