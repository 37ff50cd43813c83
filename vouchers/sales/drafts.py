"""Drafts: vouchers in an order that is not placed yet, from forms and from lists. Nothing is owed. Decision 0310."""

import secrets
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from foundation.database import lock_name, lock_one, session, uuid7
from vouchers.purchases import queries
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.purchases.states import VoucherOrderState, VoucherSaleState
from vouchers.sales import errors
from vouchers.sales.requests import VoucherRequest, normalise

MAX_ORDER_SALES = 20
NUMBER_SYMBOLS = "ACDEFGHJKLMNPQRTUVWXY3479"


def draft_sale(
    request: VoucherRequest, *, order_id: UUID | None = None, form_key: str | None = None, person_id: UUID | None = None
) -> UUID:
    """Draft a voucher, in a new order or as one more line of `order_id`; gives the sale's id. Nothing is owed yet.

    The same `form_key` (one filled form) is one sale: sent again it is changed, not added. Refuses (`Invalid`, with
    `field`) what the programme does not sell, and (`Refused`) orders that were placed already or are full.
    """
    request = normalise(request)
    known = _find_by_form(form_key)
    if known and known.state == VoucherSaleState.DRAFT:
        change_sale(known.id, request)
        return known.id
    sale_id = uuid7()
    order = _lock_draft_order(order_id) if order_id else None
    if order is None:
        order = _create_order(sale_id, request, person_id)
    _add_sale(order, sale_id, request, None if known else form_key)
    return sale_id


def draft_list(asked: Sequence[VoucherRequest], *, form_key: str, person_id: UUID | None = None) -> UUID:
    """Draft an order with a line for each request, all or none; gives its id. The same `form_key` is the same order."""
    lock_name(f"voucher list {form_key}")
    known = session.scalars(sa.select(VoucherOrder).where(VoucherOrder.form_key == form_key)).one_or_none()
    if known:
        return known.id
    normalised = [normalise(request) for request in asked]
    order = _create_order(uuid7(), normalised[0], person_id)
    order.form_key = form_key
    for place, request in enumerate(normalised):
        _add_sale(order, order.id if place == 0 else uuid7(), request, None, place + 1)
    return order.id


def change_sale(sale_id: UUID, request: VoucherRequest) -> None:
    """Replace a line by what the buyer asks for now. Refuses what was ordered, and what `draft` refuses."""
    sale = _lock_draft_sale(sale_id)
    order = lock_one(VoucherOrder, sale.order_id)
    request = normalise(request)
    for name, value in vars(request).items():
        if name != "picture_id" or value is not None:
            setattr(sale, name, value)
    for each in queries.list_sales(order.id):
        each.buyer_email, each.buyer_name = request.buyer_email, request.buyer_name
    order.buyer_email, order.buyer_name = request.buyer_email, request.buyer_name
    session.flush()


def remove_sale(sale_id: UUID) -> None:
    """Take a line out of an order. Refuses the last one, and what was ordered."""
    sale = _lock_draft_sale(sale_id)
    lock_one(VoucherOrder, sale.order_id)
    if len(queries.list_sales(sale.order_id)) == 1:
        raise errors.last_line()
    session.delete(sale)
    session.flush()


def drop_picture(sale_id: UUID) -> None:
    """Leave out the buyer's own picture. Refuses what was ordered."""
    _lock_draft_sale(sale_id).picture_id = None
    session.flush()


def _find_by_form(form_key: str | None) -> VoucherSale | None:
    if form_key is None:
        return None
    lock_name(f"voucher form {form_key}")
    return session.scalars(sa.select(VoucherSale).where(VoucherSale.form_key == form_key)).one_or_none()


def _create_order(order_id: UUID, request: VoucherRequest, person_id: UUID | None) -> VoucherOrder:
    made = VoucherOrder(
        id=order_id,
        number=f"GB-{_make_number(4)}-{_make_number(4)}",
        buyer_email=request.buyer_email,
        buyer_name=request.buyer_name,
        language=request.language,
        person_id=person_id,
        state=VoucherOrderState.DRAFT,
    )
    session.add(made)
    session.flush()
    return made


def _lock_draft_order(order_id: UUID) -> VoucherOrder | None:
    found = lock_one(VoucherOrder, order_id)
    if found.state != VoucherOrderState.DRAFT:
        raise errors.order_placed()
    if len(queries.list_sales(order_id)) >= MAX_ORDER_SALES:
        raise errors.basket_full(MAX_ORDER_SALES)
    return found


def _add_sale(
    order: VoucherOrder, sale_id: UUID, request: VoucherRequest, form_key: str | None, place: int | None = None
) -> None:
    values = vars(request) | {
        "buyer_email": order.buyer_email,
        "buyer_name": order.buyer_name,
        "language": order.language,
    }
    if place is None:
        place = max((each.position for each in queries.list_sales(order.id)), default=0) + 1
    number = f"MG-{_make_number(4)}-{_make_number(4)}"
    session.add(VoucherSale(id=sale_id, order_id=order.id, position=place, number=number, form_key=form_key, **values))
    session.flush()


def _lock_draft_sale(sale_id: UUID) -> VoucherSale:
    sale = lock_one(VoucherSale, sale_id)
    if sale.state != VoucherSaleState.DRAFT:
        raise errors.already_ordered()
    return sale


def _make_number(length: int) -> str:
    return "".join(secrets.choice(NUMBER_SYMBOLS) for _place in range(length))
