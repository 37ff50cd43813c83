"""What the gateway refuses: for developers and for Stripe, so without translations."""

from foundation.errors import Invalid


def verb_unknown(verb: str) -> Invalid:
    """Say that stored bytes ask for a call that the gateway does not make."""
    return Invalid(f"no such verb: {verb}", "verb_unknown")


def signature_not_valid() -> Invalid:
    """Say that Stripe did not sign a message, or that it is larger than any that Stripe sends."""
    return Invalid("signature not valid", "signature_not_valid")
