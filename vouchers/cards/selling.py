"""Selling at a counter: a card becomes a voucher in the moment in which the clerk has taken the money. And taking back.

The claim on the counter stands in the issuer's books (SF an VL) until it pays over; its credit line bounds the claim.
Decision 0315.
"""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session, uuid7
from money.errors import amount_missing
from vouchers.cards import errors, limits, numbers
from vouchers.cards.models import CardSale, Counter, StockCard
from vouchers.cards.states import AT_COUNTER, CardState, CounterTender
from vouchers.network import gate
from vouchers.network import limits as charter
from vouchers.network.errors import not_on_sale
from vouchers.purchases import errors as purchase_errors
from vouchers.stored_value import codes, deductions, issuing
from vouchers.stored_value.issuing import Funding

UNDO_TTL = timedelta(minutes=30)
MAX_KEY_CHARACTERS = 64


def sell_card(
    counter_id: UUID, *, presented: str, cents: int | None, paid_by: str, clerk_id: UUID, key: str
) -> CardSale:
    """Activate the presented card (number, QR address or typed code) for `cents` that the clerk has taken in.

    `cents` may be left out where the card has a fixed value. A repeated key gives the first sale again, with other
    content it is refused. Refuses cards that are not in this counter's stock, were sold or are blocked, amounts outside
    the limits, programmes that are not on sale, and what goes beyond the credit line (`credit_line`).
    """
    counter = lock_one(Counter, counter_id)
    if not 1 <= len(key) <= MAX_KEY_CHARACTERS:
        raise errors.sale_page_incomplete()
    earlier = _find_earlier(counter_id, key, presented, cents, paid_by)
    if earlier:
        return earlier
    if not counter.active:
        raise errors.counter_closed()
    if paid_by not in set(CounterTender):
        raise errors.tender_missing()
    card = _lock_card(counter, presented)
    worth = _find_worth(card, cents)
    if counter.open_cents + worth > counter.credit_line_cents:
        raise errors.credit_line_used_up(counter.free_cents)
    return _activate(counter, card, worth, paid_by, clerk_id, key)


def look_up_card(counter_id: UUID, presented: str) -> StockCard:
    """Look up the card that lies on the counter, before its sale. Refuses as `sell_card` does."""
    return _require_sellable(session.get_one(Counter, counter_id), _find_card(presented))


def undo_sale(sale_id: UUID, *, counter_id: UUID, clerk_id: UUID, reason: str) -> CardSale:
    """Take a sale back within 30 minutes; the buyer gets the money back at the counter and the card is destroyed.

    Twice is once. Refuses sales of other counters, later, once something was redeemed or reserved, and once the counter
    has paid the money over.
    """
    counter = lock_one(Counter, counter_id)
    sale = _lock_sale(sale_id, counter_id)
    if sale.undone_at:
        return sale
    cleaned = " ".join(reason.split())
    if not 3 <= len(cleaned) <= 200:
        raise errors.reason_missing()
    if now() - sale.sold_at > UNDO_TTL:
        raise errors.undo_too_late()
    if sale.cents > counter.open_cents:
        raise errors.undo_settled()
    _take_value(sale, counter, cleaned)
    card = lock_one(StockCard, sale.card_id)
    card.state = CardState.DESTROYED
    counter.open_cents -= sale.cents
    charter.release_claim(sale.id)
    sale.undone_at, sale.undone_by, sale.undo_reason = now(), clerk_id, cleaned
    session.flush()
    audit.record("cards.undone", "card_sale", sale.id, counter=str(counter.id), cents=sale.cents)
    return sale


def _find_earlier(counter_id: UUID, key: str, presented: str, cents: int | None, paid_by: str) -> CardSale | None:
    query = sa.select(CardSale).where(CardSale.counter_id == counter_id, CardSale.key == key)
    sale = session.scalars(query).unique().one_or_none()
    if sale is None:
        return None
    card = _find_card(presented)
    same = card is not None and card.id == sale.card_id and cents in {None, sale.cents} and paid_by == sale.paid_by
    if not same:
        raise errors.sale_key_reused()
    return sale


def _find_card(presented: str) -> StockCard | None:
    serial, token, code = numbers.read_number(presented), codes.read_token(presented), codes.read_code(presented)
    if serial is not None:
        where = StockCard.serial == serial
    elif token:
        where = StockCard.token_hash == codes.hash_token(token)
    elif code:
        where = StockCard.code_hash == codes.hash_code(code)
    else:
        return None
    return session.scalars(sa.select(StockCard).where(where)).unique().one_or_none()


def _lock_card(counter: Counter, presented: str) -> StockCard:
    found = _require_sellable(counter, _find_card(presented))
    return _require_sellable(counter, lock_one(StockCard, found.id))  # somebody may have sold it while we waited


def _require_sellable(counter: Counter, card: StockCard | None) -> StockCard:
    """Refuse cards that cannot be sold here. Unknown ones and those of other counters get one sentence."""
    if card is None or card.counter_id != counter.id:
        raise errors.card_not_here()
    if card.state == CardState.ACTIVATED:
        raise errors.card_sold()
    if card.state not in AT_COUNTER:
        raise errors.card_blocked()
    if card.batch.programme.issuer_id != counter.issuer_id:
        raise not_on_sale()
    gate.require_on_sale(card.batch.programme)
    return card


def _find_worth(card: StockCard, cents: int | None) -> int:
    face = card.batch.face_cents
    if face is not None and cents not in {None, face}:
        raise errors.face_value(face)
    worth = face or cents
    if worth is None:
        raise amount_missing("amount")
    minimum, maximum = limits.find_amount_range(card.batch.programme)
    if not minimum <= worth <= maximum:
        raise purchase_errors.amount_outside_range(minimum, maximum, "amount")
    return worth


def _activate(counter: Counter, card: StockCard, cents: int, paid_by: str, clerk_id: UUID, key: str) -> CardSale:
    sale_id = uuid7()
    charter.sell_now(sale_id, card.batch.programme_id, cents)
    voucher_id = issuing.issue_known(
        card.batch.programme_id,
        issuing.KnownVoucher(
            codes.Hashes(card.token_hash, card.code_hash, card.pin_hash, card.last4), cents, f"card:{card.id}"
        ),
        terms=issuing.LotTerms(origin_id=sale_id, issue_ags=counter.ags, reason=f"counter {counter.code}"),
        funding=Funding("SF", counter.id),
        actor_id=counter.id,
    )
    counter.receipts += 1
    counter.open_cents += cents
    card.state, card.voucher_id = CardState.ACTIVATED, voucher_id
    sale = CardSale(
        id=sale_id,
        counter_id=counter.id,
        card_id=card.id,
        voucher_id=voucher_id,
        clerk_id=clerk_id,
        cents=cents,
        paid_by=paid_by,
        receipt_no=f"{counter.code}-{counter.receipts:05d}",
        key=key,
        sold_at=now(),
    )
    sale.card = card
    session.add(sale)
    session.flush()
    audit.record("cards.sold", "card_sale", sale.id, counter=str(counter.id), cents=cents, paid_by=paid_by)
    return sale


def _lock_sale(sale_id: UUID, counter_id: UUID) -> CardSale:
    sale = lock_one(CardSale, sale_id)
    if sale.counter_id != counter_id:
        raise errors.sale_unknown()
    return sale


def _take_value(sale: CardSale, counter: Counter, reason: str) -> None:
    taken = deductions.withdraw(
        sale.id,
        actor_id=counter.id,
        key=f"undo:{sale.id}",
        credit=Funding("SF", counter.id),
        reason=reason,
    )
    if taken.voucher_id != sale.voucher_id or taken.cents != sale.cents:
        raise errors.undo_spent()
