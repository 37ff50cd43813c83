"""What is in a basket now: each line beside today's price and stock, one bag per shop."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from marketplace.cart.models import Cart, CartLine
from marketplace.cart.states import Trouble
from marketplace.catalogue.models import Offer
from marketplace.catalogue.states import OfferKind, OfferStatus, StorageClass
from marketplace.handover.models import CollectionRule
from marketplace.shops.models import Storefront
from marketplace.shops.states import COLLECTED
from marketplace.stock.queries import count_available
from people.models import Outlet


@dataclass(frozen=True)
class BasketLine:
    """One line. `seen_cents` is what the shopper saw last, `now_cents` what it costs now: one piece with deposit.

    `left` is how many can be had, None when the shop does not count.
    """

    id: UUID
    offer: Offer
    name: str
    quantity: int
    seen_cents: int
    left: int | None
    sold: bool

    @property
    def now_cents(self) -> int:
        """One piece with its deposit, today."""
        return self.offer.price_cents + self.offer.deposit_cents

    @property
    def cents(self) -> int:
        """All its pieces with their deposit, today."""
        return self.now_cents * self.quantity

    @property
    def deposit_cents(self) -> int:
        """The deposit of all its pieces, in cents."""
        return self.offer.deposit_cents * self.quantity

    @property
    def trouble(self) -> Trouble | None:
        """Why it cannot be ordered as it is, if so."""
        if not self.sold or self.left == 0:
            return Trouble.GONE
        if self.left is not None and self.left < self.quantity:
            return Trouble.STOCK
        return Trouble.PRICE if self.now_cents > self.seen_cents else None

    @property
    def is_gone(self) -> bool:
        """Whether it cannot be ordered at all any more."""
        return self.trouble == Trouble.GONE

    @property
    def is_short(self) -> bool:
        """Whether fewer pieces are left than are in the basket."""
        return self.trouble == Trouble.STOCK

    @property
    def is_dearer(self) -> bool:
        """Whether it costs more now."""
        return self.trouble == Trouble.PRICE

    @property
    def is_cheaper(self) -> bool:
        """Whether it costs less now, and nothing stands in the way."""
        return self.trouble is None and self.now_cents < self.seen_cents


@dataclass(frozen=True)
class Bag:
    """What is bought in one shop. `rule` is here so that whoever asks for the shop's rule next need not query."""

    outlet: Outlet
    storefront: Storefront
    lines: tuple[BasketLine, ...]
    rule: CollectionRule | None = None

    @property
    def cents(self) -> int:
        """What the bag costs; lines that are gone do not count."""
        return sum(line.cents for line in self.lines if not line.is_gone)

    @property
    def storage_classes(self) -> set[str]:
        """How its goods must be stored until they are collected."""
        return {line.offer.storage_class for line in self.lines}

    @property
    def needs_cooling(self) -> bool:
        """Whether something in it must lie in a refrigerator or freezer until it is collected."""
        return bool(self.storage_classes - {StorageClass.AMBIENT})

    @property
    def goods_only(self) -> bool:
        """Whether no service is in it, so that a pick-up point can hand it over."""
        return all(line.offer.kind == OfferKind.GOODS for line in self.lines)


@dataclass(frozen=True)
class Basket:
    """All bags, by the name of their shop."""

    bags: tuple[Bag, ...]

    @property
    def lines(self) -> list[BasketLine]:
        """The lines of all bags, shop by shop."""
        return [line for bag in self.bags for line in bag.lines]

    @property
    def cents(self) -> int:
        """What the whole basket costs, in cents."""
        return sum(bag.cents for bag in self.bags)

    @property
    def count(self) -> int:
        """How many pieces are in it, whatever they are."""
        return sum(line.quantity for line in self.lines)

    @property
    def troubles(self) -> list[BasketLine]:
        """The lines that cannot be ordered as they are."""
        return [line for line in self.lines if line.trouble]

    @property
    def age_limit(self) -> int | None:
        """The highest age that one of its offers asks for, in years."""
        return max((line.offer.age_limit for line in self.lines if line.offer.age_limit), default=None)


def load_basket(cart_id: UUID) -> Basket:
    """Load the basket as it stands. What it holds itself counts as there."""
    query = (
        sa.select(CartLine, Offer, Storefront, CollectionRule)
        .join(Offer, Offer.id == CartLine.offer_id)
        .join(Storefront, Storefront.outlet_id == Offer.outlet_id)
        .outerjoin(CollectionRule, CollectionRule.outlet_id == Offer.outlet_id)
        .where(CartLine.cart_id == cart_id)
        .order_by(CartLine.id)
        .execution_options(populate_existing=True)
    )
    rows = session.execute(query).unique().all()
    left = count_available([row[1].id for row in rows], besides=cart_id)
    bags: dict[UUID, list[BasketLine]] = {}
    shops: dict[UUID, tuple[Storefront, CollectionRule | None]] = {}
    for line, offer, front, rule in rows:
        shops[front.outlet_id] = front, rule
        bags.setdefault(front.outlet_id, []).append(_line(line, offer, front, left[offer.id]))
    made = []
    for outlet, lines in bags.items():
        front, own = shops[outlet]
        made.append(Bag(front.outlet, front, tuple(lines), own))
    return Basket(tuple(sorted(made, key=lambda bag: (bag.outlet.name, bag.outlet.id))))


def is_on_sale(offer: Offer, front: Storefront) -> bool:
    """Say whether it can be ordered here at all: shown, not a mere heading of variants, and the shop hands over."""
    shown = offer.status == OfferStatus.PUBLISHED and not offer.has_variants
    return bool(shown and front.published and front.outlet.active and COLLECTED & set(front.handover_kinds))


def find_open_cart(person_id: UUID) -> UUID | None:
    """Find the basket that a person has open."""
    query = sa.select(Cart.id).where(Cart.person_id == person_id, Cart.closed_at.is_(None))
    found: UUID | None = session.scalar(query)
    return found


def find_open_guest_cart(cart_id: UUID) -> UUID | None:
    """Give the id back when it is a guest's open basket."""
    query = sa.select(Cart.id).where(Cart.id == cart_id, Cart.person_id.is_(None), Cart.closed_at.is_(None))
    found: UUID | None = session.scalar(query)
    return found


def count_pieces(cart_id: UUID) -> int:
    """Count the pieces in a basket."""
    return int(session.scalar(sa.select(sa.func.sum(CartLine.quantity)).where(CartLine.cart_id == cart_id)) or 0)


def _line(line: CartLine, offer: Offer, front: Storefront, left: int | None) -> BasketLine:
    return BasketLine(
        id=line.id,
        offer=offer,
        name=line.name,
        quantity=line.quantity,
        seen_cents=line.price_cents + line.deposit_cents,
        left=left,
        sold=is_on_sale(offer, front),
    )
