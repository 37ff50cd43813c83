"""Guards: who may enter. Every blueprint has one; they raise, and the foundation answers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import session as cookie
from flask_login import current_user

from foundation import clock
from foundation.config import settings
from people import errors
from people.models import Membership, Outlet, Person
from people.permissions import FRESH_PERMISSIONS, ROLES
from people.queries import list_outlets

MAX_SIGN_IN_AGE_SECONDS = 15 * 60


def allow_anyone() -> None:
    """Let everybody enter: the guard of public pages."""


def current_person() -> Person | None:
    """Give the person who is signed in, or nothing."""
    person: Person = current_user._get_current_object()
    return person if isinstance(person, Person) and person.is_authenticated else None


def acting_person_id() -> UUID:
    """Give the id of whoever acts, in pages whose guard lets in nobody who is not signed in."""
    person = current_person()
    if person is None:
        raise errors.sign_in_missing()
    return person.id


def list_memberships(permission: str) -> list[Membership]:
    """List the memberships of the person signed in that hold a permission."""
    person = current_person()
    return [m for m in person.memberships if permission in ROLES[m.role]] if person else []


def find_organisations(permission: str) -> set[UUID] | None:
    """Find the organisations whose matters the person signed in handles; None for the operator, who handles all."""
    mine = list_memberships(permission)
    return None if any(m.role == "operator" for m in mine) else {m.organisation_id for m in mine}


def may(permission: str) -> bool:
    """Whether the person signed in holds a permission in any organisation."""
    person = current_person()
    return person is not None and (permission in ROLES["shopper"] or bool(list_memberships(permission)))


def require_signed_in() -> None:
    """Let only those enter who are signed in. Refuses others (`NotSignedIn`)."""
    if current_person() is None:
        raise errors.sign_in_missing()


def requires(permission: str) -> Callable[[], None]:
    """Make a guard for those who hold the permission; for money matters the sign-in must be under 15 minutes old."""

    def guard() -> None:
        require_signed_in()
        if not may(permission):
            raise errors.permission_missing()
        person = current_person()
        if settings().staff_second_factor and person and person.is_staff and not person.has_second_factor:
            raise errors.second_factor_missing()
        if permission in FRESH_PERMISSIONS:
            require_fresh_sign_in()

    guard.permission = permission  # type: ignore[attr-defined]
    return guard


def require_fresh_sign_in() -> None:
    """Refuse when the last sign-in with a password or passkey is older than 15 minutes."""
    at = cookie.get("fs_paa", 0)
    if clock.now() - datetime.fromtimestamp(at, UTC) > timedelta(seconds=MAX_SIGN_IN_AGE_SECONDS):
        raise errors.sign_in_not_fresh()


def list_current_outlets(permission: str, *, suspended: bool = False) -> list[Outlet]:
    """List the places of business in which the person signed in holds the permission, by name.

    `suspended`: also those that sell and take nothing at present; what they may still read is theirs.
    """
    return list_outlets({m.organisation_id for m in list_memberships(permission)}, suspended=suspended)


def require_outlet(outlet_id: UUID, permission: str, *, suspended: bool = False) -> Outlet:
    """Find one of that person's places of business. Refuses others, and suspended ones unless asked for."""
    for outlet in list_current_outlets(permission, suspended=suspended):
        if outlet.id == outlet_id:
            return outlet
    raise errors.outlet_of_others()
