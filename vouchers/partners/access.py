"""Access for cash systems: bearer tokens with scopes, and keys to practise with. Decisions 0306, 0313."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from vouchers.partners import errors, queries
from vouchers.practice import setup
from vouchers.tills import devices, tokens
from vouchers.tills.names import cleaned_name
from vouchers.tills.states import TokenScope

MAX_PRACTICE_KEYS = 10


@dataclass(frozen=True)
class AccessRequest:
    """Which cash system shall do what. `till_id`: none for one that is new here."""

    till_id: str | None
    name: str
    scopes: Collection[str]


def grant_access(outlet_id: UUID, request: AccessRequest, person_id: UUID | None) -> str:
    """Give a cash system a token with the chosen scopes; return it in plain, once. Refuses tills of other shops."""
    if request.till_id is None:
        return _add_system(outlet_id, request, person_id)
    for till in devices.list_tills(outlet_id):
        if str(till.id) == request.till_id:
            return tokens.add_token(till.id, request.name, request.scopes)
    raise errors.system_unknown()


def grant_practice(outlet_id: UUID, name: str, person_id: UUID | None) -> str:
    """Give a key to practise with; return it in plain, once. Refuses names as tills do, and more than ten keys."""
    key_name = cleaned_name(name, "name")
    if len(queries.list_practice_keys(outlet_id)) >= MAX_PRACTICE_KEYS:
        raise errors.too_many_practice_keys()
    return setup.add_key(outlet_id, key_name, person_id=person_id)


def _add_system(outlet_id: UUID, request: AccessRequest, person_id: UUID | None) -> str:
    till_id, full = devices.add_till(outlet_id, name=request.name, person_id=person_id)
    if set(request.scopes) == set(TokenScope):
        return full
    bearer = tokens.add_token(till_id, request.name, request.scopes)
    tokens.revoke_token(tokens.hash_bearer(full))
    return bearer
