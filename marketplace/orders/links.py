"""Addresses of an order's page, signed: guests have no other proof that it is theirs."""

from uuid import UUID

from foundation.errors import link_unknown
from foundation.links import absolute_url, sign, unsign

PURPOSE = "order_group"


def sign_group(group_id: UUID) -> str:
    """Write the group's id as it stands in addresses."""
    return sign(PURPOSE, str(group_id))


def read_signature(text: str) -> UUID:
    """Read the id out of an address. Refuses (`link_unknown`) what we did not sign."""
    try:
        return UUID(unsign(PURPOSE, text))
    except ValueError as error:
        raise link_unknown() from error


def make_page_url(group_id: UUID) -> str:
    """Make the address of the page with all orders of a group."""
    return absolute_url("storefront.order_show", signed=sign_group(group_id))
