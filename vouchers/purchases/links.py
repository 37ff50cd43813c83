"""Addresses that stand in mails and on papers. Decision 0310."""

from uuid import UUID

from foundation import links
from foundation.config import settings

ORDER_PURPOSE = "voucher-order"
PICTURE_PURPOSE = "voucher-picture"


def sign_order(order_id: UUID) -> str:
    """Sign the signed part of the address by which a guest comes back to an order."""
    return links.sign(ORDER_PURPOSE, str(order_id))


def read_order_link(link: str) -> UUID:
    """Read the order's id in a signed link. Refuses with `NotFound` what we did not sign."""
    return UUID(links.unsign(ORDER_PURPOSE, link))


def build_order_url(order_id: UUID) -> str:
    """Build the order's page, for the buyer's mail."""
    return f"{settings().base_url.rstrip('/')}/gutscheine/bestellung/{sign_order(order_id)}"


def build_picture_path(picture_id: UUID) -> str:
    """Build where a buyer's own picture is shown: signed, for it belongs to one gift."""
    return f"/gutscheine/bild/{links.sign(PICTURE_PURPOSE, str(picture_id))}"


def read_picture_link(signed: str) -> UUID:
    """Read the picture's id in a signed address. Refuses with `NotFound`."""
    return UUID(links.unsign(PICTURE_PURPOSE, signed))


def build_voucher_url(token: str) -> str:
    """Build the voucher's page. The token stands behind `#`: browsers never send that part, so it reaches no log."""
    return f"{settings().base_url.rstrip('/')}/g#{token}"
