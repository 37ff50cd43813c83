"""The way through the checkout: begin, choose where and when, apply vouchers, leave. `checkout.placing` ends it.

Every step locks the basket first, so that two tabs of one shopper cannot cross.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import mail
from foundation.clock import now
from foundation.database import lock, session, uuid7
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from marketplace.cart import queries as carts
from marketplace.cart.models import Cart, Checkout, CheckoutPart, CheckoutVoucher
from marketplace.cart.queries import Bag, Basket
from marketplace.checkout import amount_due
from marketplace.handover import booking, windows
from marketplace.handover.models import HandoverWindow
from marketplace.handover.windows import HandoverPlace, Window
from marketplace.orders.models import OrderGroup
from marketplace.stock import reservations
from money.payments import queries as payments
from money.payments.payables import AmountDue
from money.payments.states import PENDING

DRAFT_HOLD_TTL = timedelta(minutes=15)
MAX_NAME_CHARS = 120
MAX_PHONE_CHARS = 40
Options = list[tuple[HandoverPlace, list[Window]]]  # where one shop's goods can be collected, and when


@dataclass(frozen=True)
class DraftPart:
    """One shop's part of a draft, with the chosen window or none."""

    bag: Bag
    order_id: UUID
    window: HandoverWindow | None
    place: HandoverPlace | None


@dataclass(frozen=True)
class CheckoutDraft:
    """A draft with everything a page or the placing needs to see at once."""

    row: Checkout
    basket: Basket
    parts: tuple[DraftPart, ...]

    @property
    def held(self) -> bool:
        return self.row.held_until is not None and self.row.held_until > now()

    @property
    def chosen(self) -> bool:
        """Whether every shop has its window and the shopper a name and an address."""
        return bool(self.row.name and self.row.email and all(part.window for part in self.parts))

    def owed(self, language: str) -> AmountDue:
        """What is to be paid."""
        return amount_due.calculate_amount_due(
            [
                (part.order_id, part.bag.outlet, part.bag.cents, bool(part.window and part.window.point_id))
                for part in self.parts
            ],
            title=_("Bestellung"),
            email=self.row.email,
            language=language,
            kinds=[set(part.bag.storefront.payment_kinds) for part in self.parts],
        )


def begin(cart_id: UUID) -> UUID:
    """Open the draft of a basket, or go on with it, and put its goods aside for 15 minutes.

    Refuses an empty basket, one in which something changed that needs consent, and one whose payment is under way.
    """
    lock_cart(cart_id)
    row = _row_of(cart_id)
    basket = _whole(cart_id, row.id if row else None)
    if row is None:
        row = Checkout(cart_id=cart_id, key=uuid7())
        session.add(row)
        session.flush()
    _keep_parts(row.id, basket)
    _hold(row, basket)
    return row.id


def choose(checkout_id: UUID, *, chosen: Mapping[UUID, UUID | None], name: str, email: str, phone: str) -> None:
    """Take down who orders, and a window for each shop (outlet id -> window id); a place in it is kept.

    Refuses missing or wrong contact data (`Invalid`, `field`), windows that are not on offer now (`Invalid`,
    "window_gone", `field`) or just became full (`Refused`, "window_full"). The basket stays in any case.
    """
    row = session.get(Checkout, checkout_id)
    if row is None:
        raise NotFound(_("Diese Bestellung ist nicht mehr offen."), "checkout_unknown")
    lock_cart(row.cart_id)
    basket = _whole(row.cart_id, row.id)
    row.name = _text(name, MAX_NAME_CHARS, "name", _("Bitte sagen Sie uns Ihren Namen."))
    row.email = mail.normalise_address(email)
    row.phone = _phone(phone)
    offered = zip(basket.bags, list_all_options(row.id, basket.bags), strict=True)
    picked = {bag.outlet.id: _pick(bag, found, chosen.get(bag.outlet.id)) for bag, found in offered}
    _keep_parts(row.id, basket)
    _hold(row, basket)
    assert row.held_until
    booking.hold(row.id, picked, row.held_until)
    for part in _parts(row.id):
        part.window_id = picked[part.outlet_id].id
    session.flush()


def leave(checkout_id: UUID) -> None:
    """Put everything back; what was chosen stays written down."""
    row = session.get(Checkout, checkout_id)
    if row is None:
        return
    lock_cart(row.cart_id)
    reservations.drop_holds(row.id)
    booking.drop_holds(row.id)
    row.held_until = None


def apply_voucher(checkout_id: UUID, given: str, language: str) -> CheckoutVoucher:
    """Apply a voucher to this draft. Refuses like `amount_due.apply_voucher`."""
    opened = load_draft(checkout_id)
    return amount_due.add_voucher_row(checkout_id, opened.owed(language), given)


def remove_voucher(checkout_id: UUID, reference: UUID) -> None:
    """Take a voucher off the draft."""
    session.execute(
        sa.delete(CheckoutVoucher).where(
            CheckoutVoucher.checkout_id == checkout_id, CheckoutVoucher.reference == reference
        )
    )


def find_draft(cart_id: UUID) -> UUID | None:
    """The draft of a basket, if it was begun."""
    found: UUID | None = session.scalar(sa.select(Checkout.id).where(Checkout.cart_id == cart_id))
    return found


def load_draft(checkout_id: UUID) -> CheckoutDraft:
    """The draft as it stands. Refuses with `NotFound`."""
    row = session.get(Checkout, checkout_id, populate_existing=True)
    if row is None:
        raise NotFound(_("Diese Bestellung ist nicht mehr offen."), "checkout_unknown")
    basket = carts.load_basket(row.cart_id, besides=row.id)
    known = {part.outlet_id: part for part in _parts(row.id)}
    rows = windows.load_windows(part.window_id for part in known.values() if part.window_id)
    parts = []
    for bag in basket.bags:
        part = known.get(bag.outlet.id)
        if part is None:
            raise Refused(_("Ihr Warenkorb hat sich geändert. Bitte gehen Sie noch einmal zur Kasse."), "cart_changed")
        window = rows.get(part.window_id) if part.window_id else None
        parts.append(DraftPart(bag, part.order_id, window, _place(bag, window)))
    return CheckoutDraft(row, basket, tuple(parts))


def list_options(checkout_id: UUID, bag: Bag) -> Options:
    """Where and when one shop's goods can be collected."""
    return list_all_options(checkout_id, [bag])[0]


def list_all_options(checkout_id: UUID, bags: Sequence[Bag]) -> list[Options]:
    """Where and when each shop's goods can be collected, with one question for all points and one for all windows."""
    points = windows.list_active_points() if any("point" in bag.storefront.handover_kinds for bag in bags) else []
    found = [
        windows.list_places(bag.outlet, bag.storage_classes, goods_only=bag.goods_only, points=points) for bag in bags
    ]
    free = iter(windows.list_windows_at([place for places in found for place in places], besides=checkout_id))
    return [[(place, next(free)) for place in places] for places in found]


def lock_cart(cart_id: UUID) -> Cart:
    """The basket, locked. Refuses one that is closed."""
    rows = lock(Cart, [cart_id])
    if not rows or rows[0].closed_at is not None:
        raise Refused(_("Dieser Warenkorb ist schon bestellt."), "cart_closed")
    return rows[0]


def set_cart_aside(cart_id: UUID) -> bool:
    """While a bank collects a debit for days, the shopper gets an empty basket. Says whether it did."""
    cart = lock_cart(cart_id)
    group = find_pending_group(cart_id)
    if group is None or group.payment_id is None or payments.load_payment(group.payment_id).state != PENDING:
        return False
    cart.closed_at = now()
    return True


def find_pending_group(cart_id: UUID) -> OrderGroup | None:
    """The order of this basket whose payment is under way."""
    query = sa.select(OrderGroup).where(OrderGroup.cart_id == cart_id, OrderGroup.state == "pending")
    found: OrderGroup | None = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    return found


def _row_of(cart_id: UUID) -> Checkout | None:
    query = sa.select(Checkout).where(Checkout.cart_id == cart_id)
    found: Checkout | None = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    return found


def _whole(cart_id: UUID, checkout_id: UUID | None) -> Basket:
    """The basket, if it can be ordered as it is."""
    if find_pending_group(cart_id):
        raise Refused(_("Für diesen Warenkorb läuft schon eine Zahlung."), "payment_under_way")
    basket = carts.load_basket(cart_id, besides=checkout_id)
    if not basket.lines:
        raise Refused(_("Ihr Warenkorb ist leer."), "cart_empty")
    if basket.troubles:
        raise Refused(
            _("In Ihrem Warenkorb hat sich etwas geändert. Bitte sehen Sie die markierten Zeilen an."), "cart_changed"
        )
    return basket


def _hold(row: Checkout, basket: Basket) -> None:
    until: datetime = now() + DRAFT_HOLD_TTL
    reservations.hold(row.id, {line.offer.id: line.quantity for line in basket.lines}, until)
    row.held_until = until
    session.flush()


def _parts(checkout_id: UUID) -> list[CheckoutPart]:
    query = sa.select(CheckoutPart).where(CheckoutPart.checkout_id == checkout_id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _keep_parts(checkout_id: UUID, basket: Basket) -> None:
    """One part per shop in the basket: others go, new ones get the id that their order will have."""
    known = {part.outlet_id: part for part in _parts(checkout_id)}
    wanted = {bag.outlet.id for bag in basket.bags}
    for outlet_id, part in known.items():
        if outlet_id not in wanted:
            session.delete(part)
    session.add_all(
        CheckoutPart(checkout_id=checkout_id, outlet_id=outlet_id, order_id=uuid7())
        for outlet_id in wanted - set(known)
    )
    session.flush()


def _pick(bag: Bag, offered: Options, wanted: UUID | None) -> Window:
    field = f"window-{bag.outlet.id}"
    if wanted is None:
        raise Invalid(
            _("Bitte wählen Sie, wo und wann Sie bei %(shop)s abholen.", shop=bag.outlet.name),
            "window_missing",
            field=field,
        )
    for _at, found in offered:
        for window in found:
            if window.id == wanted:
                return window
    raise Invalid(
        _("Diese Abholzeit bei %(shop)s ist nicht mehr möglich. Bitte wählen Sie eine neue.", shop=bag.outlet.name),
        "window_gone",
        field=field,
    )


def _place(bag: Bag, window: HandoverWindow | None) -> HandoverPlace | None:
    if window is None:
        return None
    points = windows.list_active_points() if window.point_id else []
    found = windows.list_places(bag.outlet, bag.storage_classes, goods_only=bag.goods_only, points=points)
    return next((place for place in found if place.id == (window.point_id or window.outlet_id)), None)


def _text(text: str, limit: int, field: str, sentence: str) -> str:
    tidy = " ".join(text.split())
    if not tidy or len(tidy) > limit:
        raise Invalid(sentence, f"{field}_not_valid", field=field)
    return tidy


def _phone(text: str) -> str:
    tidy = " ".join(text.split())
    if len(tidy) > MAX_PHONE_CHARS or (tidy and not all(c.isdigit() or c in " +-/()" for c in tidy)):
        raise Invalid(_("Bitte prüfen Sie die Telefonnummer."), "phone_not_valid", field="phone")
    return tidy
