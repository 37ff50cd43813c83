"""Starting a payment that was opened and committed: the network comes only now. Called by the checkouts' views."""

from uuid import UUID

from foundation.database import lock_one, session, transact
from foundation.errors import Busy
from money.payments import calling, deciding, links, methods, payables, states
from money.payments.methods import Redirection
from money.payments.models import Payment
from money.payments.states import FailureReason, PaymentState


def start(payment_id: UUID) -> Redirection:
    """Say where the payer's browser goes now. Outside any transaction; may be called again, also at the same time.

    Payments without provider are decided and captured at once. Card and debit lead to the provider's page; refuses
    (`Busy`) while the provider does not answer: the payment stays and may be started again.
    """
    state, method, page = transact(_look_at, payment_id)
    if state == PaymentState.OPEN and method is None:
        transact(deciding.decide, payment_id)
        return Redirection(page)
    if state == PaymentState.OPEN and method is not None:
        return methods.start(method, payment_id)
    return Redirection(page if state in states.ENDED else links.status_url(payment_id))


def lead_on(payment_id: UUID) -> str:
    """Start, and give where the payer's browser goes: while the provider is silent to the page that waits for it."""
    try:
        return start(payment_id).url
    except Busy:
        return links.status_url(payment_id)


def abandon(payment_id: UUID, reason: FailureReason = FailureReason.ABANDONED) -> str:
    """End a payment whose payer wants another method; gives back where to choose. Outside any transaction.

    Looks at the provider first. What was paid meanwhile goes on, and the page is then that of the result.
    """
    calling.advance(payment_id, force=True, cause="abandon")
    ended = transact(deciding.abort_if_open, payment_id, reason)
    if ended:
        calling.advance(payment_id, cause="abandon")
    state, _method, page = transact(_look_at, payment_id)
    return page if state in states.ENDED else links.status_url(payment_id)


def _look_at(payment_id: UUID) -> tuple[str, str | None, str]:
    payment = lock_one(Payment, payment_id)
    external = payment.external_tender
    page = payables.of(payment.kind).page_url(payment.ref_id)
    session.flush()
    return payment.state, external.method if external else None, page
