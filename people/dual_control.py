"""Dual control on the command line: two different people of an issuer stand for what makes value. Decision 0304."""

from uuid import UUID

import click

from people.models import Person
from people.permissions import is_allowed
from people.queries import find_person


def require_two_people(issuer_id: UUID, by: str, approved_by: str, permission: str) -> tuple[UUID, UUID]:
    """Find the two. Refuses (`UsageError`) strangers, people without the permission, and one alone.

    `by` and `approved_by` are the addresses with which they sign in.
    """
    first, second = find_person(by), find_person(approved_by)
    if first is None or second is None or not all(_may(p, issuer_id, permission) for p in (first, second)):
        raise click.UsageError("--by und --approved-by nennen zwei Personen, die für den Herausgeber arbeiten.")
    if first.id == second.id:
        raise click.UsageError("--by und --approved-by sind zwei verschiedene Personen (Vier-Augen-Prinzip).")
    return first.id, second.id


def _may(person: Person, issuer_id: UUID, permission: str) -> bool:
    return is_allowed({m.role for m in person.memberships if m.organisation_id == issuer_id}, permission)
