"""What the pages of the checkout share: the visitor's draft, and the way back when something stands against it."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from foundation.errors import Refused
from marketplace.checkout import errors
from marketplace.checkout.draft import CheckoutDraft, find_draft, load_draft
from marketplace.orders.queries import find_pending_group
from marketplace.web.storefront.cart_cookie import find_current_cart
from money.payments import links

UNDER_WAY = {"order_being_paid", "cart_being_paid", "payment_under_way"}
TO_CART = {"cart_empty", "cart_changed", "checkout_outdated", "stock_short", "cart_closed"} | UNDER_WAY
TO_WHERE = {"window_gone", "window_full", "window_missing", "not_chosen"}


def find_current_draft_id() -> UUID:
    """Find the draft of the visitor's basket. Refuses (`checkout_unknown`) visitors without one."""
    cart_id = find_current_cart()
    draft_id = find_draft(cart_id) if cart_id else None
    if draft_id is None:
        raise errors.checkout_unknown()
    return draft_id


def load_current_draft() -> CheckoutDraft:
    """Load the draft of the visitor's basket. Refuses like `load_draft`."""
    return load_draft(find_current_draft_id())


def lead_to(view: str, **values: Any) -> ResponseReturnValue:
    """Lead to another page of the shop."""
    return redirect(url_for(f"storefront.{view}", **values), 303)


def lead_back(error: Refused, cart_id: UUID | None) -> ResponseReturnValue:
    """Say why something was refused, and lead to where it can be put right."""
    if error.code in UNDER_WAY and cart_id:
        group = find_pending_group(cart_id)
        if group and group.payment_id:
            return redirect(links.status_url(group.payment_id), 303)
    flash(str(error.sentence), "warn")
    if error.code in TO_CART:
        return lead_to("cart_show")
    return lead_to("checkout_where" if error.code in TO_WHERE else "checkout_pay")
