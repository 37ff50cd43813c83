"""Opening a payment: what shall be paid how, with everything held that can be held. Called by the trades' checkouts.

Decision 0201.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation.clock import now
from foundation.database import session, uuid7
from money.payments import errors, events, methods, payables, states
from money.payments.models import Payment, PaymentShare, Tender, TenderPart
from money.payments.payables import AmountDue
from money.payments.states import PaymentState, TenderState
from money.payments.tendering import TenderRequest, check_requests

PAYMENT_TTL = timedelta(minutes=30)
MAX_KEY_CHARS = 200


def open_payment(
    kind: str, ref_id: UUID, requests: Sequence[TenderRequest], *, key: str, due: AmountDue | None = None
) -> UUID:
    """Open a payment in the caller's transaction, hold what the internal methods can hold, and give back its id.

    The same `key` with the same requests gives the same payment. Refuses (`Refused`) another body under a known key,
    a sum that is not what is due, a method that is not on offer, two external methods, and a second payment
    while one is under way; the methods refuse what they do not have (`NotEnough`). Callers that worked out what is
    due in this transaction hand it over as `due`; else the payable is asked.
    """
    if not 8 <= len(key) <= MAX_KEY_CHARS:
        raise errors.payment_key_not_valid()
    due = due or payables.of(kind).load_due(ref_id)
    body = _hash_body(kind, ref_id, due, requests)
    known = _find_known(key, body)
    if known:
        return known
    planned = check_requests(due, requests)
    payment_id = _insert(kind, ref_id, due, key, body)
    if payment_id is None:
        return _lose_the_race(kind, ref_id, key, body)
    payment = session.get_one(Payment, payment_id)
    shares = _add_shares(payment, due)
    tenders = [_add_tender(payment, place, request, shares) for place, request in enumerate(planned, 1)]
    session.flush()
    _split_external(tenders, shares)
    session.flush()
    events.record_event(payment, None, "opened")
    for tender in sorted(tenders, key=lambda t: (t.external, t.reference or t.id)):
        methods.of(tender.method).hold(tender)
        if not tender.external:
            states.move(states.TENDER, tender, TenderState.HELD)
    session.flush()
    return payment.id


def _hash_body(kind: str, ref_id: UUID, due: AmountDue, requests: Sequence[TenderRequest]) -> bytes:
    parts = [[r.method, r.cents, str(r.reference), str(r.share_ref)] for r in requests]
    body = json.dumps([kind, str(ref_id), due.cents, parts], sort_keys=True)
    return hashlib.sha256(body.encode()).digest()


def _find_known(key: str, body: bytes) -> UUID | None:
    found = session.execute(sa.select(Payment.id, Payment.request_hash).where(Payment.key == key)).one_or_none()
    if found is None:
        return None
    if bytes(found.request_hash) != body:
        raise errors.order_key_reused()
    return UUID(str(found.id))


def _insert(kind: str, ref_id: UUID, due: AmountDue, key: str, body: bytes) -> UUID | None:
    """The new row's id; nothing when the key or the thing to be paid has a payment already, also one made just now."""
    values = {
        "id": uuid7(),
        "kind": kind,
        "ref_id": ref_id,
        "key": key,
        "request_hash": body,
        "title": due.title[:200],
        "cents": due.cents,
        "rail": due.rail,
        "ledger_id": due.ledger_id,
        "email": due.email,
        "language": due.language,
        "expires_at": now() + PAYMENT_TTL,
    }
    statement = insert(Payment).values(values).on_conflict_do_nothing().returning(Payment.id)
    found: UUID | None = session.scalar(statement)
    return found


def _lose_the_race(kind: str, ref_id: UUID, key: str, body: bytes) -> UUID:
    known = _find_known(key, body)
    if known:
        return known
    other = sa.select(Payment.id).where(
        Payment.kind == kind, Payment.ref_id == ref_id, Payment.state != PaymentState.FAILED
    )
    raise errors.already_being_paid(session.scalar(other))


def _add_shares(payment: Payment, due: AmountDue) -> dict[UUID, PaymentShare]:
    rows = {
        share.ref_id: PaymentShare(
            payment_id=payment.id,
            position=place,
            ref_id=share.ref_id,
            outlet_id=share.outlet_id,
            organisation_id=share.organisation_id,
            cents=share.cents,
            title=share.title[:200],
        )
        for place, share in enumerate(due.shares, 1)
    }
    payment.shares.extend(rows.values())
    session.flush()
    return rows


def _add_tender(payment: Payment, place: int, request: TenderRequest, shares: dict[UUID, PaymentShare]) -> Tender:
    tender = Tender(
        id=uuid7(),
        position=place,
        method=request.method,
        external=methods.is_external(request.method),
        cents=request.cents,
        reference=request.reference,
        share_ref=request.share_ref,
        state=TenderState.PLANNED,
    )
    payment.tenders.append(tender)
    if request.share_ref:
        tender.parts.append(TenderPart(share=shares[request.share_ref], cents=request.cents))
    return tender


def _split_external(tenders: list[Tender], shares: dict[UUID, PaymentShare]) -> None:
    """The external tender pays of each share what the vouchers leave. Refuses vouchers above a share."""
    left = {ref: share.cents for ref, share in shares.items()}
    for tender in tenders:
        if tender.share_ref:
            left[tender.share_ref] -= tender.cents
    if any(cents < 0 for cents in left.values()):
        raise errors.share_exceeded()
    for tender in tenders:
        if tender.external:
            tender.parts.extend(TenderPart(share=shares[ref], cents=cents) for ref, cents in left.items() if cents)
