"""From a draft to orders: one group, one order per shop, one payment for all. Called by the checkout's last page.

Everything is checked again under locks. The pieces and places that were held now belong to the orders, until these
are handed over or end; so an order whose payment takes long cannot lose them.
"""

import hashlib
import json
import secrets
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import lock, session, uuid7
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from marketplace.cart.models import Cart, Checkout
from marketplace.checkout import amount_due
from marketplace.checkout.steps import (
    CheckoutDraft,
    DraftPart,
    Options,
    find_pending_group,
    list_all_options,
    load_draft,
    lock_cart,
)
from marketplace.handover import booking
from marketplace.orders import states
from marketplace.orders.models import Order, OrderGroup, OrderLine
from marketplace.stock import reservations
from money.amount import euro
from money.payments.opening import allocate, open_payment

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
TERMS = "2026-11"


def place(
    checkout_id: UUID,
    *,
    key: UUID,
    shown_cents: int,
    method: str | None,
    person_id: UUID | None,
    language: str,
    of_age: bool = False,
) -> UUID:
    """Make the orders of a draft and open their payment; gives back the payment's id. The same `key` gives the same.

    Refuses (`Refused`) when the sum is not `shown_cents` ("total_differs"), when something in the basket changed, is
    gone ("stock_short") or its window is full ("window_full") or over ("window_gone"), and what the payment refuses.
    """
    known = find_payment(key)
    if known:
        return known
    row = session.get(Checkout, checkout_id)
    if row is None:
        raise NotFound(_("Diese Bestellung ist nicht mehr offen."), "checkout_unknown")
    lock(Cart, [row.cart_id])
    known = find_payment(key)  # the other of two clicks was faster
    if known:
        return known
    lock_cart(row.cart_id)
    draft = load_draft(checkout_id)
    _check(draft, key=key, shown_cents=shown_cents, of_age=of_age)
    group = _group(draft, person_id, language)
    orders = [_order(group, number, part) for number, part in enumerate(draft.parts, 1)]
    session.flush()
    reservations.allocate(checkout_id, [line for order in orders for line in order.lines])
    booking.book(
        checkout_id, {part.order_id: (part.bag.outlet.id, part.window.id) for part in draft.parts if part.window}
    )
    owes = amount_due.calculate_group_due(group)
    wishes = allocate(owes, amount_due.list_voucher_offers(checkout_id, owes), method)
    group.payment_id = open_payment("order_group", group.id, wishes, key=f"order:{key}")
    draft.row.method = method
    session.flush()
    return group.payment_id


def find_payment(key: UUID) -> UUID | None:
    """The payment that this attempt made already, or nothing."""
    found: UUID | None = session.scalar(sa.select(OrderGroup.payment_id).where(OrderGroup.key == key))
    return found


def _check(draft: CheckoutDraft, *, key: UUID, shown_cents: int, of_age: bool) -> None:
    if find_pending_group(draft.row.cart_id):
        raise Refused(_("Für diesen Warenkorb läuft schon eine Zahlung."), "payment_under_way")
    if draft.row.key != key:
        raise Refused(
            _("Diese Seite ist nicht mehr aktuell. Bitte prüfen Sie Ihre Bestellung noch einmal."), "page_old"
        )
    if not draft.basket.lines or not draft.chosen:
        raise Refused(_("Es fehlt noch etwas: Bitte wählen Sie, wo und wann Sie abholen."), "not_chosen")
    if draft.basket.cents != shown_cents:
        raise Refused(
            _(
                "Die Summe hat sich geändert. Sie beträgt jetzt %(now)s statt %(shown)s. Es wurde nichts bestellt.",
                now=euro(draft.basket.cents),
                shown=euro(shown_cents),
            ),
            "total_differs",
            total_cents=draft.basket.cents,
        )
    if draft.basket.troubles:
        raise Refused(
            _("In Ihrem Warenkorb hat sich etwas geändert. Bitte sehen Sie die markierten Zeilen an."), "cart_changed"
        )
    if draft.basket.age_limit and not of_age:
        raise Invalid(
            _("Bitte bestätigen Sie, dass Sie mindestens %(age)s Jahre alt sind.", age=draft.basket.age_limit),
            "age_not_confirmed",
            field="of_age",
        )
    offered = list_all_options(draft.row.id, [part.bag for part in draft.parts])
    for part, options in zip(draft.parts, offered, strict=True):
        _check_window(part, options)


def _check_window(part: DraftPart, offered: Options) -> None:
    """The window must still be one that can be chosen: not over, not past the cut-off, not full."""
    ids = {window.id for _place, found in offered for window in found}
    if part.window is None or part.window.id not in ids:
        raise Refused(
            _(
                "Die Abholzeit bei %(shop)s ist nicht mehr möglich. Bitte wählen Sie eine neue; "
                "Ihr Warenkorb bleibt, wie er ist.",
                shop=part.bag.outlet.name,
            ),
            "window_gone",
            outlets=[str(part.bag.outlet.id)],
        )


def _group(draft: CheckoutDraft, person_id: UUID | None, language: str) -> OrderGroup:
    row = draft.row
    group = OrderGroup(
        number=_number(),
        cart_id=row.cart_id,
        key=row.key,
        person_id=person_id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        language=language,
        terms_hash=_terms(draft),
        state="pending",
    )
    session.add(group)
    session.flush()
    return group


def _number() -> str:
    """A number that can be read aloud and says nothing about how many orders there are."""
    while True:
        number = f"M-{today().year}-{''.join(secrets.choice(ALPHABET) for _n in range(5))}"
        if session.scalar(sa.select(OrderGroup.id).where(OrderGroup.number == number)) is None:
            return number


def _terms(draft: CheckoutDraft) -> bytes:
    """A fingerprint of what was agreed: the version of the terms, every line, its price, and the sum."""
    lines = [[str(line.offer.id), line.name, line.now_cents, line.quantity] for line in draft.basket.lines]
    return hashlib.sha256(json.dumps([TERMS, lines, draft.basket.cents], sort_keys=True).encode()).digest()


def _order(group: OrderGroup, number: int, part: DraftPart) -> Order:
    assert part.window
    assert part.place
    order = Order(
        id=part.order_id,
        group_id=group.id,
        number=f"{group.number}-{number}",
        outlet_id=part.bag.outlet.id,
        point_id=part.window.point_id,
        state="pending",
        total_cents=part.bag.cents,
        place=part.place.snapshot(),
        starts_at=part.window.starts_at,
        ends_at=part.window.ends_at,
    )
    order.lines = [
        OrderLine(
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
        for position, line in enumerate(part.bag.lines, 1)
    ]
    session.add(order)
    states.record_event(order, None, "placed")
    return order


def _unit(amount: int | None, unit: str | None) -> str:
    if amount is None or unit is None:
        return ""
    return _("%(n)s Stück", n=amount) if unit == "piece" else f"{amount} {unit}"
