"""Addresses of a payment's page, signed: guests have no other proof that it is theirs."""

from uuid import UUID

from foundation.errors import link_unknown
from foundation.links import absolute_url, sign, unsign

PURPOSE = "payment"


def sign_payment_id(payment_id: UUID) -> str:
    """The payment's id as it stands in addresses."""
    return sign(PURPOSE, str(payment_id))


def read_payment_id(text: str) -> UUID:
    """Read the payment's id out of an address. Refuses (`NotFound`) what we did not sign."""
    try:
        return UUID(unsign(PURPOSE, text))
    except ValueError as error:
        raise link_unknown() from error


def status_url(payment_id: UUID) -> str:
    """Where the payer sees how the payment stands."""
    return absolute_url("pay.status", payment=sign_payment_id(payment_id))


def return_url(payment_id: UUID) -> str:
    """Where the provider sends the browser after paying."""
    return absolute_url("pay.back", payment=sign_payment_id(payment_id))
