"""Addresses of an order's page, signed: guests have no other proof that it is theirs."""

from uuid import UUID

from foundation.errors import NotFound
from foundation.languages import _
from foundation.links import absolute_url, sign, unsign

PURPOSE = "order_group"


def sign_group(group_id: UUID) -> str:
    """The group's id as it stands in addresses."""
    return sign(PURPOSE, str(group_id))


def read_signature(text: str) -> UUID:
    """The id again. Refuses (`NotFound`) what we did not sign."""
    try:
        return UUID(unsign(PURPOSE, text))
    except ValueError as error:
        raise NotFound(_("Diesen Link gibt es nicht."), "link_not_valid") from error


def make_page_url(group_id: UUID) -> str:
    """The page with all orders of a group."""
    return absolute_url("storefront.order_show", signed=sign_group(group_id))
