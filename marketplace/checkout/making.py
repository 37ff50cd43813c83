"""The rows of a group, its orders and their lines, copied from a draft as it is now. Decision 0502."""

import hashlib
import json
import secrets
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session, uuid7
from foundation.languages import _
from marketplace.cart.queries import BasketLine
from marketplace.catalogue.states import ContentUnit
from marketplace.checkout.draft import CheckoutDraft, DraftPart
from marketplace.orders import history
from marketplace.orders.models import Order, OrderGroup, OrderLine
from marketplace.orders.states import GroupState, OrderState

NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_SYMBOLS = 5
TERMS_VERSION = "2026-11"


def make_group(draft: CheckoutDraft, person_id: UUID | None, language: str) -> OrderGroup:
    """Make the group of a draft, not paid yet."""
    row = draft.row
    group = OrderGroup(
        number=_make_number(),
        cart_id=row.cart_id,
        key=row.key,
        person_id=person_id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        language=language,
        terms_hash=_hash_terms(draft),
        state=GroupState.PENDING,
    )
    session.add(group)
    session.flush()
    return group


def make_order(group: OrderGroup, number: int, part: DraftPart) -> Order:
    """Make one shop's order with its lines; names, prices, tax and place are as they are now."""
    assert part.window
    assert part.place
    order = Order(
        id=part.order_id,
        group_id=group.id,
        number=f"{group.number}-{number}",
        outlet_id=part.bag.outlet.id,
        point_id=part.window.point_id,
        state=OrderState.PENDING,
        total_cents=part.bag.cents,
        place=part.place.snapshot(),
        starts_at=part.window.starts_at,
        ends_at=part.window.ends_at,
    )
    order.lines = [_make_line(position, line) for position, line in enumerate(part.bag.lines, 1)]
    session.add(order)
    history.record_event(order, None, "placed")
    return order


def _make_line(position: int, line: BasketLine) -> OrderLine:
    return OrderLine(
        id=uuid7(),
        position=position,
        offer_id=line.offer.id,
        name=line.offer.name,
        unit=_unit(line.offer.content_amount, line.offer.content_unit),
        vat_rate_bp=line.offer.vat_rate_bp,
        price_cents=line.offer.price_cents,
        deposit_cents=line.offer.deposit_cents,
        age_limit=line.offer.age_limit,
        quantity=line.quantity,
        cents=line.cents,
    )


def _make_number() -> str:
    """A number that can be read aloud and says nothing about how many orders there are."""
    while True:
        symbols = "".join(secrets.choice(NUMBER_ALPHABET) for _n in range(NUMBER_SYMBOLS))
        number = f"M-{today().year}-{symbols}"
        if session.scalar(sa.select(OrderGroup.id).where(OrderGroup.number == number)) is None:
            return number


def _hash_terms(draft: CheckoutDraft) -> bytes:
    """A fingerprint of what was agreed: the version of the terms, every line, its price, and the sum."""
    lines = [[str(line.offer.id), line.name, line.now_cents, line.quantity] for line in draft.basket.lines]
    return hashlib.sha256(json.dumps([TERMS_VERSION, lines, draft.basket.cents], sort_keys=True).encode()).digest()


def _unit(amount: int | None, unit: str | None) -> str:
    if amount is None or unit is None:
        return ""
    return _("%(n)s Stück", n=amount) if unit == ContentUnit.PIECE else f"{amount} {unit}"
