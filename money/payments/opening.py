"""Opening a payment: what shall be paid how, with everything held that can be held. Called by the trades' checkouts."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation.clock import now
from foundation.database import session, uuid7
from foundation.errors import Invalid, NotEnough, Refused
from foundation.languages import _
from money.payments import events, methods, payables, states
from money.payments.methods import MethodOffer
from money.payments.models import Payment, PaymentShare, Tender, TenderPart
from money.payments.payables import AmountDue

PAYMENT_TTL = timedelta(minutes=30)
MAX_KEY_CHARS = 200
MAX_TENDERS = 40


@dataclass(frozen=True)
class TenderRequest:
    """A part of the sum in one method. `reference` names the voucher, `share_ref` the share that it pays for."""

    method: str
    cents: int
    reference: UUID | None = None
    share_ref: UUID | None = None


def open_payment(
    kind: str, ref_id: UUID, wishes: Sequence[TenderRequest], *, key: str, owed: AmountDue | None = None
) -> UUID:
    """Open a payment in the caller's transaction, hold what the internal methods can hold, and give back its id.

    The same `key` with the same wishes gives the same payment. Refuses (`Refused`) another body under a known key,
    a sum that is not what is owed, a method that is not on offer, two external methods, and a second payment
    while one is under way; the methods refuse what they do not have (`NotEnough`). Callers that worked out what is
    due in this transaction hand it over as `owed`; else the payable is asked.
    """
    if not 8 <= len(key) <= MAX_KEY_CHARS:
        raise Invalid("a key of 8 to 200 characters is needed", "key_not_valid")
    owed = owed or payables.of(kind).owed(ref_id)
    asked = _fingerprint(kind, ref_id, owed, wishes)
    known = _known(key, asked)
    if known:
        return known
    planned = _checked(owed, wishes)
    payment_id = _insert(kind, ref_id, owed, key, asked)
    if payment_id is None:
        return _lost_the_race(kind, ref_id, key, asked)
    payment = session.get_one(Payment, payment_id)
    shares = _add_shares(payment, owed)
    tenders = [_add_tender(payment, place, wish, shares) for place, wish in enumerate(planned, 1)]
    session.flush()
    _split_external(tenders, shares)
    session.flush()
    events.record_event(payment, None, "opened")
    for tender in sorted(tenders, key=lambda t: (t.external, t.reference or t.id)):
        methods.of(tender.method).hold(tender)
        if not tender.external:
            states.move(states.TENDER, tender, "held")
    session.flush()
    return payment.id


def allocate(owed: AmountDue, voucher_offers: Sequence[MethodOffer], external_key: str | None) -> list[TenderRequest]:
    """Spread what is owed over vouchers, in the order given, and the rest on the one external method.

    Vouchers fill the shares that accept them, one wish per voucher and share. When the rest would be smaller than
    the external method can take, the last voucher pays that much less. Refuses (`NotEnough`) a rest without method.
    """
    left = {share.ref_id: share.cents for share in owed.shares}
    wishes: list[TenderRequest] = []
    for offer in voucher_offers:
        available = owed.cents if offer.available_cents is None else offer.available_cents
        for share in owed.shares:
            accepted = left[share.ref_id]
            if offer.per_share is not None:
                accepted = min(accepted, offer.per_share.get(share.ref_id, 0))
            cents = min(accepted, available)
            if cents > 0:
                wishes.append(TenderRequest(offer.method, cents, offer.reference, share.ref_id))
                left[share.ref_id] -= cents
                available -= cents
    rest = sum(left.values())
    if rest == 0:
        return wishes
    if external_key is None:
        raise NotEnough(
            _("Das Guthaben reicht nicht für alles. Bitte wählen Sie für den Rest eine Zahlungsart."),
            "rest_without_method",
            rest_cents=rest,
        )
    return _leave_enough(owed, wishes, rest, external_key)


def _leave_enough(owed: AmountDue, wishes: list[TenderRequest], rest: int, external_key: str) -> list[TenderRequest]:
    offer = _external_offer(owed, external_key)
    missing = max(0, min(offer.least_cents, owed.cents) - rest)
    kept: list[TenderRequest] = []
    for wish in reversed(wishes):
        give = min(missing, wish.cents)
        missing -= give
        rest += give
        if wish.cents > give:
            kept.insert(0, TenderRequest(wish.method, wish.cents - give, wish.reference, wish.share_ref))
    return [*kept, TenderRequest(external_key, rest)]


def _external_offer(owed: AmountDue, key: str) -> MethodOffer:
    method = methods.of(key)
    offer = None
    if method.external and key not in owed.excluded_methods:
        offer = method.offer(owed, None)
    if offer is None:
        raise Refused(_("Diese Zahlungsart ist hier nicht möglich."), "method_not_offered")
    return offer


def _checked(owed: AmountDue, wishes: Sequence[TenderRequest]) -> list[TenderRequest]:
    if owed.cents <= 0 or owed.cents != sum(share.cents for share in owed.shares):
        raise Invalid("what is owed and its shares differ", "owed_not_valid")
    if owed.rail == "issuer" and owed.ledger_id not in {share.organisation_id for share in owed.shares}:
        raise Invalid("the ledger is none of the issuers' of the shares", "owed_not_valid")
    if any(wish.cents <= 0 for wish in wishes) or sum(wish.cents for wish in wishes) != owed.cents:
        raise Refused(
            _("Der Betrag hat sich geändert. Bitte prüfen Sie die Summe und senden Sie noch einmal ab."),
            "sum_differs",
            owed_cents=owed.cents,
        )
    if len(wishes) > MAX_TENDERS:
        raise Refused(_("So viele Gutscheine auf einmal gehen nicht. Bitte nehmen Sie weniger."), "too_many")
    external = [wish for wish in wishes if methods.of(wish.method).external]
    if len(external) > 1:
        raise Refused(_("Bitte wählen Sie nur eine Zahlungsart neben dem Gutschein."), "one_external_only")
    for wish in external:
        if wish.cents < _external_offer(owed, wish.method).least_cents:
            raise Refused(_("Dieser Betrag ist für diese Zahlungsart zu klein."), "amount_too_small")
    return [_with_share(owed, wish) for wish in wishes]


def _with_share(owed: AmountDue, wish: TenderRequest) -> TenderRequest:
    """An internal wish belongs to one share; with a single share it need not be named."""
    if methods.of(wish.method).external:
        return TenderRequest(wish.method, wish.cents)
    if wish.method in owed.excluded_methods:
        raise Refused(_("Diese Zahlungsart ist hier nicht möglich."), "method_not_offered")
    named = wish.share_ref or (owed.shares[0].ref_id if len(owed.shares) == 1 else None)
    if named not in {share.ref_id for share in owed.shares}:
        raise Invalid("a wish names no share of what is owed", "share_unknown")
    return TenderRequest(wish.method, wish.cents, wish.reference, named)


def _fingerprint(kind: str, ref_id: UUID, owed: AmountDue, wishes: Sequence[TenderRequest]) -> bytes:
    parts = [[w.method, w.cents, str(w.reference), str(w.share_ref)] for w in wishes]
    body = json.dumps([kind, str(ref_id), owed.cents, parts], sort_keys=True)
    return hashlib.sha256(body.encode()).digest()


def _known(key: str, asked: bytes) -> UUID | None:
    found = session.execute(sa.select(Payment.id, Payment.request_hash).where(Payment.key == key)).one_or_none()
    if found is None:
        return None
    if bytes(found.request_hash) != asked:
        raise Refused(_("Diese Bestellung wurde schon mit anderen Angaben abgeschickt."), "key_reused")
    return UUID(str(found.id))


def _insert(kind: str, ref_id: UUID, owed: AmountDue, key: str, asked: bytes) -> UUID | None:
    """The new row's id; nothing when the key or the thing to be paid has a payment already, also one made just now."""
    values = {
        "id": uuid7(),
        "kind": kind,
        "ref_id": ref_id,
        "key": key,
        "request_hash": asked,
        "title": owed.title[:200],
        "cents": owed.cents,
        "rail": owed.rail,
        "ledger_id": owed.ledger_id,
        "email": owed.email,
        "language": owed.language,
        "expires_at": now() + PAYMENT_TTL,
    }
    statement = insert(Payment).values(values).on_conflict_do_nothing().returning(Payment.id)
    found: UUID | None = session.scalar(statement)
    return found


def _lost_the_race(kind: str, ref_id: UUID, key: str, asked: bytes) -> UUID:
    known = _known(key, asked)
    if known:
        return known
    other = session.scalar(
        sa.select(Payment.id).where(Payment.kind == kind, Payment.ref_id == ref_id, Payment.state != states.FAILED)
    )
    raise Refused(
        _("Dafür läuft schon eine Zahlung. Bitte bringen Sie diese erst zu Ende oder brechen Sie sie ab."),
        "payment_under_way",
        payment_id=str(other),
    )


def _add_shares(payment: Payment, owed: AmountDue) -> dict[UUID, PaymentShare]:
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
        for place, share in enumerate(owed.shares, 1)
    }
    payment.shares.extend(rows.values())
    session.flush()
    return rows


def _add_tender(payment: Payment, place: int, wish: TenderRequest, shares: dict[UUID, PaymentShare]) -> Tender:
    tender = Tender(
        id=uuid7(),
        position=place,
        method=wish.method,
        external=methods.of(wish.method).external,
        cents=wish.cents,
        reference=wish.reference,
        share_ref=wish.share_ref,
        state="planned",
    )
    payment.tenders.append(tender)
    if wish.share_ref:
        tender.parts.append(TenderPart(share=shares[wish.share_ref], cents=wish.cents))
    return tender


def _split_external(tenders: list[Tender], shares: dict[UUID, PaymentShare]) -> None:
    """The external tender pays of each share what the vouchers leave. Refuses vouchers above a share."""
    left = {ref: share.cents for ref, share in shares.items()}
    for tender in tenders:
        if tender.share_ref:
            left[tender.share_ref] -= tender.cents
    if any(cents < 0 for cents in left.values()):
        raise Refused(_("Ein Gutschein ist höher als der Betrag, für den er gilt."), "share_exceeded")
    for tender in tenders:
        if tender.external:
            tender.parts.extend(TenderPart(share=shares[ref], cents=cents) for ref, cents in left.items() if cents)
