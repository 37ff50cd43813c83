"""Whose programmes somebody works with in the office."""

from collections.abc import Iterable
from uuid import UUID

from people.web.guards import list_memberships
from vouchers.network import queries
from vouchers.stored_value import errors as value_errors
from vouchers.stored_value.models import Programme


def list_issuers(permission: str) -> list[UUID]:
    """List the issuers for which the present person holds the permission."""
    return sorted({m.organisation_id for m in list_memberships(permission)})


def list_own_programmes(permission: str) -> list[Programme]:
    """List the programmes of these issuers, by name."""
    return list(queries.list_programmes(list_issuers(permission)))


def load_own_programme(programme_id: UUID, permission: str) -> Programme:
    """Load one of them. Refuses the others with `NotFound`."""
    for programme in list_own_programmes(permission):
        if programme.id == programme_id:
            return programme
    raise value_errors.programme_unknown()


def list_options(programmes: Iterable[Programme]) -> list[tuple[str, str]]:
    """Programmes as a list to choose from."""
    return [(str(programme.id), programme.name) for programme in programmes]
