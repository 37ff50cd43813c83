"""The shop's blueprint, and what its pages share."""

from flask import request

from foundation.wiring import audience
from people.web.guards import allow_anyone
from vouchers.network import programmes as programmes_on_offer
from vouchers.purchases import errors, links, queries
from vouchers.purchases.models import VoucherOrder
from vouchers.purchases.states import VoucherOrderState
from vouchers.stored_value.models import Programme

pages = audience("voucher_shop", __name__, guard=allow_anyone, url_prefix="/gutscheine")


def find_programme(slug: str) -> Programme:
    """Find a programme that is on sale. Refuses with `NotFound`."""
    for programme in programmes_on_offer.list_on_sale():
        if programme.slug == slug:
            return programme
    raise errors.programme_not_on_sale()


def load_linked_order(link: str) -> VoucherOrder:
    """Load the order of a signed link. Refuses with `NotFound`."""
    return queries.load_order(links.read_order_link(link))


def find_basket() -> tuple[str, VoucherOrder | None]:
    """Find the order into which another voucher shall go: its link and itself, when the page was asked for with one."""
    link = (request.form.get("bestellung") or request.args.get("bestellung") or "")[:400]
    if not link:
        return "", None
    order = load_linked_order(link)
    return (link, order) if order.state == VoucherOrderState.DRAFT else ("", None)
