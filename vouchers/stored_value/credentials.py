"""Presenting: what a till read or somebody typed becomes what the database knows.

Tokens of our own are read at once. Other forms (a wallet's rotating code, a code that moved in from another system) are
read by resolvers, which their packages register; a typed code of ours could also be one of another system.
"""

from collections.abc import Callable

from foundation.errors import Refused
from vouchers.stored_value import codes
from vouchers.stored_value.codes import CredentialHash

Resolver = Callable[[str], CredentialHash | None]

_resolvers: dict[str, Resolver] = {}


class Expired(Refused):
    """What was shown is not good any more. `secret`: what it stood for, to find out what became of an earlier key."""

    default_code = "code_expired"
    secret: CredentialHash | None = None


def register(name: str, resolver: Resolver) -> None:
    """Add a form. A resolver gives nothing for what is not its own, and refuses what is its own but wrong."""
    _resolvers[name] = resolver


def read(presented: str) -> CredentialHash:
    """The secret of whatever was presented. What nobody knows gets a hash that nobody has: no special way for it."""
    if codes.read_token(presented):
        return codes.read(presented)
    for resolver in _resolvers.values():
        found = resolver(presented[: codes.LONGEST])
        if found:
            return found
    return codes.read(presented)
