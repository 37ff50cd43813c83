"""Addresses that stand in letters and on papers."""

from uuid import UUID

from foundation import links
from foundation.config import settings


def link_of(sale_id: UUID) -> str:
    """The signed part of the address by which a guest comes back to an order."""
    return links.sign("voucher-sale", str(sale_id))


def order_page(sale_id: UUID) -> str:
    """The order's page, for the buyer's mail."""
    return f"{settings().base_url.rstrip('/')}/gutscheine/bestellung/{link_of(sale_id)}"


def voucher_page(token: str) -> str:
    """The voucher's page. The token stands behind `#`: browsers never send that part, so it reaches no log."""
    return f"{settings().base_url.rstrip('/')}/g#{token}"
