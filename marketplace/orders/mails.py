"""Mails about orders, to shoppers and shops. Written in the transaction that causes them."""

from collections.abc import Callable, Sequence
from typing import Any

from foundation import audit, mail
from foundation.errors import Invalid
from foundation.languages import _, force_locale
from foundation.links import absolute_url
from marketplace.orders import codes
from marketplace.orders.links import make_page_url
from marketplace.orders.models import Order, OrderGroup, Withdrawal
from money.payments.withdrawals import WithdrawalOutcome

SHOP_LANGUAGE = "de"


def send_confirmation(group: OrderGroup, orders: list[Order]) -> None:
    """Tell the shopper what, where, when, code, phone and how to withdraw; one block per shop."""
    with force_locale(group.language):
        subject = _("Ihre Bestellung %(number)s", number=group.number)
    mail.send(
        to=group.email,
        template="marketplace/order_confirmed",
        subject=subject,
        language=group.language,
        group=group,
        orders=orders,
        codes={order.id: codes.reveal_code(order) for order in orders},
        url=make_page_url(group.id),
    )


def send_order_to_shop(order: Order) -> None:
    """Tell the shop that it has a new order."""
    _to_shop(order, "order_new", f"Neue Bestellung {order.number}", group=order.group)


def send_ready(order: Order) -> None:
    """Tell the shopper that the order lies ready."""
    _to_shopper(
        order, "order_ready", lambda: _("Abholbereit: %(number)s", number=order.number), code=codes.reveal_code(order)
    )


def send_rejection(order: Order, reason: str) -> None:
    """Tell the shopper that the shop cannot supply the order, and why."""
    _to_shopper(
        order,
        "order_rejected",
        lambda: _("%(shop)s kann Ihre Bestellung nicht liefern", shop=order.outlet.name),
        reason=reason,
        returned_cents=order.total_cents - order.due_cents,
    )


def send_cancellation(order: Order) -> None:
    """Tell shopper and shop that the shopper cancelled."""
    _to_shopper(order, "order_cancelled", lambda: _("Storniert: %(number)s", number=order.number))
    _to_shop(order, "order_cancelled_shop", f"Storniert: {order.number}", group=order.group)


def send_frozen(order: Order) -> None:
    """Tell shopper and shop that the money was taken back, so that nothing is handed over until it returns."""
    _to_both(order, "frozen", lambda: _("Zahlung zurückgeholt: Bestellung %(number)s wartet", number=order.number))


def send_thawed(order: Order) -> None:
    """Tell shopper and shop that the money is back and the order goes on."""
    _to_both(order, "thawed", lambda: _("Zahlung wieder da: Bestellung %(number)s geht weiter", number=order.number))


def send_lost(order: Order) -> None:
    """Tell shopper and shop that the money does not come back, and what to do with a stopped order."""
    _to_both(order, "lost", lambda: _("Zahlung bleibt zurückgeholt: Bestellung %(number)s", number=order.number))


def _to_both(order: Order, step: str, subject: Callable[[], str]) -> None:
    """What the payer's bank did is booked, whatever an address is worth: a wrong one stops neither mail nor money."""
    try:
        _to_shopper(order, f"order_{step}", subject)
    except Invalid:
        audit.record("mail.address_wrong", "order_group", order.group_id)
    with force_locale(SHOP_LANGUAGE):
        title = subject()
    _to_shop(order, f"order_{step}_shop", title, group=order.group)


def send_not_paid(group: OrderGroup) -> None:
    """Tell the shopper that the bank could not collect, so nothing was ordered."""
    with force_locale(group.language):
        subject = _("Nicht bezahlt: Bestellung %(number)s", number=group.number)
    mail.send(
        to=group.email,
        template="marketplace/order_not_paid",
        subject=subject,
        language=group.language,
        group=group,
        url=absolute_url("storefront.cart_show"),
    )


def send_withdrawal_receipt(
    row: Withdrawal, language: str, order: Order | None, outcomes: Sequence[WithdrawalOutcome] = ()
) -> None:
    """Send the receipt that the law asks for (§ 356a BGB), with what was carried out at once.

    The shop of a known order is told.
    """
    with force_locale(language):
        subject = _("Ihr Widerruf ist eingegangen")
    mail.send(
        to=row.email,
        template="marketplace/withdrawal_received",
        subject=subject,
        language=language,
        withdrawal=row,
        outcomes=outcomes,
    )
    if order:
        _to_shop(order, "withdrawal_shop", f"Widerruf zu {order.number}", withdrawal=row)


def _to_shop(order: Order, template: str, subject: str, **context: Any) -> None:
    """A shop whose address is no address finds it on its desk; what the shopper does is never refused for that."""
    try:
        mail.send(to=order.outlet.email, template=f"marketplace/{template}", subject=subject, order=order, **context)
    except Invalid:
        audit.record("mail.address_wrong", "outlet", order.outlet_id)


def _to_shopper(order: Order, template: str, subject: Callable[[], str], **context: Any) -> None:
    group = order.group
    with force_locale(group.language):
        title = subject()
    mail.send(
        to=group.email,
        template=f"marketplace/{template}",
        subject=title,
        language=group.language,
        order=order,
        group=group,
        url=make_page_url(group.id),
        **context,
    )
