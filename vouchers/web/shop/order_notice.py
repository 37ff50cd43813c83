"""What stands above an order of vouchers: whether it is paid, what happens next, what went back. Decision 0310."""

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.languages import _, show_date, show_day_and_time
from money.amount import euro
from vouchers.purchases.models import VoucherOrder, VoucherSale


@dataclass(frozen=True)
class OrderNotice:
    """One notice of a page: `kind` as `ui.notice` knows it."""

    kind: str
    sentence: str
    title: str


def describe_order(order: VoucherOrder, sales: Sequence[VoucherSale]) -> OrderNotice | None:
    """Say how a decided order stands; None while it is still to be paid."""
    if order.is_returned:
        late = _(
            "Ihre Zahlung kam so spät, dass wir dafür keinen Gutschein mehr verkaufen können. Ihr Geld geht denselben "
            "Weg zurück."
        )
        return OrderNotice("warn", late, _("Ihr Geld geht zurück"))
    if not order.is_paid:
        return None
    if not any(sale.is_paid for sale in sales):
        return _describe_sent(sales)
    if len(sales) > 1:
        return OrderNotice("ok", _("Was nun geschieht, steht unten bei jedem Gutschein."), _("Bezahlt"))
    return OrderNotice("ok", _describe_next(sales[0]), _("Bezahlt"))


def _describe_sent(sales: Sequence[VoucherSale]) -> OrderNotice:
    """Nothing waits any more: everything is on its way, or the one contract was withdrawn."""
    first, title = sales[0], _("Bezahlt und verschickt")
    if len(sales) > 1:
        return OrderNotice("ok", _("Alle Gutscheine sind unterwegs."), title)
    if first.is_withdrawn and first.withdrawn_at:
        back = _(
            "Sie haben diesen Vertrag am %(day)s widerrufen. Zurück gehen %(cents)s, auf dem Weg, auf dem Sie "
            "bezahlt haben.",
            day=show_date(first.withdrawn_at),
            cents=euro(first.refunded_cents),
        )
        return OrderNotice("info", back, _("Widerrufen"))
    if first.is_letter:
        return OrderNotice("ok", _("Der Brief ist in der Post."), title)
    if first.is_mailed_gift:
        return OrderNotice("ok", _("Die E-Mail an %(email)s ist unterwegs.", email=first.recipient_email), title)
    return OrderNotice("ok", _("Ihr Gutschein liegt in Ihrem Postfach."), title)


def _describe_next(sale: VoucherSale) -> str:
    """How the one voucher of an order goes out from here."""
    if sale.deliver_at and sale.is_letter:
        day = show_date(sale.deliver_at)
        return _("Wir geben den Brief am %(day)s zur Post. Sie müssen nichts mehr tun.", day=day)
    if sale.deliver_at:
        when = show_day_and_time(sale.deliver_at)
        return _("Wir verschicken den Gutschein am %(when)s Uhr. Sie müssen nichts mehr tun.", when=when)
    if sale.is_letter:
        return _("Wir drucken die Karte und geben sie in den nächsten Werktagen zur Post.")
    return _("Der Gutschein kommt gleich per E-Mail. Das dauert höchstens eine Minute.")
