"""What a till read or somebody typed becomes what the database knows: the hash of a credential. Decision 0312.

Tokens of our own are read at once. Other forms (a wallet's rotating code, a code that moved in from another system) are
read by resolvers, which the rooms above register; a typed code of ours could also be one of another system.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from foundation.errors import Refused
from vouchers.stored_value import codes
from vouchers.stored_value.codes import CredentialHash

Resolver = Callable[[str], CredentialHash | None]


class Expired(Refused):
    """What was shown is not good any more. `secret`: what it stood for, to find out what became of an earlier key."""

    default_code = "code_expired"
    secret: CredentialHash | None = None


@dataclass(frozen=True)
class CredentialForm:
    """One form of a credential. `proves_itself`: cannot be guessed, so that it needs neither PIN nor enrolled till."""

    resolve: Resolver
    proves_itself: bool


_forms: dict[str, CredentialForm] = {}


def register(name: str, resolver: Resolver, *, proves_itself: bool) -> None:
    """Add a form. A resolver gives nothing for what is not its own, and refuses what is its own but wrong."""
    _forms[name] = CredentialForm(resolver, proves_itself)


def read(presented: str) -> CredentialHash:
    """Read whatever was presented at a till. What nobody knows gets a hash that nobody has: no special way for it."""
    if token := codes.read_token(presented):
        return CredentialHash(codes.hash_token(token), by_code=False)
    return _resolve(presented, _forms.values()) or codes.read_credential(presented)


def read_proving(presented: str) -> CredentialHash | None:
    """Read what proves itself without a till: a token, a wallet's code; nothing for typed codes and all else."""
    if token := codes.read_token(presented):
        return CredentialHash(codes.hash_token(token), by_code=False)
    return _resolve(presented, [form for form in _forms.values() if form.proves_itself])


def _resolve(presented: str, forms: Iterable[CredentialForm]) -> CredentialHash | None:
    found = (form.resolve(presented[: codes.MAX_PRESENTED_CHARACTERS]) for form in forms)
    return next((credential for credential in found if credential), None)
