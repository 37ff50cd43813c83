"""Which vouchers a till acts upon: the live ones, or those to practise with. Decision 0313.

The functions in the database are the same, in two schemas. What acts at tills asks here for the books of this moment;
they are the live ones but within `use`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from vouchers.stored_value import credentials
from vouchers.stored_value.codes import CredentialHash
from vouchers.tills.errors import REFUSALS, Refusal
from vouchers.tills.tokens import hash_bearer


@dataclass(frozen=True)
class Books:
    """A schema, how credentials and bearers become the hashes that its tables know, and what tills hear of refusals."""

    schema: str
    read: Callable[[str], CredentialHash] = credentials.read
    hash_bearer: Callable[[str], bytes] = hash_bearer
    refusals: Mapping[str, Refusal] = field(default_factory=lambda: REFUSALS)


LIVE = Books("public")
_current: ContextVar[Books] = ContextVar("books", default=LIVE)


def current() -> Books:
    """Give the books of this moment."""
    return _current.get()


@contextmanager
def use(books: Books) -> Iterator[None]:
    """Act upon these books within the block."""
    token = _current.set(books)
    try:
        yield
    finally:
        _current.reset(token)
