"""Who may enter, whose programmes are seen, how a form's deed is tried. An issuer's clerk sees the own ones alone."""

from collections.abc import Callable
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from foundation.database import transact
from foundation.errors import DomainError, NotFound
from people.models import Organisation
from people.web.guards import list_memberships, require_fresh_sign_in, requires
from vouchers.network import errors, queries
from vouchers.stored_value import errors as value_errors
from vouchers.stored_value.models import Programme
from vouchers.web.fields import read_errors, read_refusal

PERMISSION = "programmes.manage"
_holds = requires(PERMISSION)


def clerk() -> None:
    """A guard for those who hold the permission; whoever changes something has signed in lately."""
    _holds()
    if request.method == "POST":
        require_fresh_sign_in()


clerk.permission = PERMISSION  # type: ignore[attr-defined]


def issuers() -> list[Organisation]:
    """The issuers that the present person works for, by name."""
    found = {m.organisation_id: m.organisation for m in list_memberships(PERMISSION)}
    return sorted(found.values(), key=lambda issuer: issuer.name)


def issuer_here(slug: str) -> Organisation:
    """One of them. Refuses the others with `NotFound`."""
    for issuer in issuers():
        if issuer.slug == slug:
            return issuer
    raise errors.issuer_unknown()


def programme_here(slug: str) -> Programme:
    """A programme of theirs. Refuses those of other issuers with `NotFound`."""
    for programme in queries.list_programmes([issuer.id for issuer in issuers()]):
        if programme.slug == slug:
            return programme
    raise value_errors.programme_unknown()


def attempt(form: type[Schema], action: Callable[..., object], *args: object, **more: object) -> dict[str, object]:
    """Do it with what came in, in one transaction. Gives sentences by field when it cannot be: nothing happened."""
    typed: dict[str, Any] = request.form.to_dict()
    for name in ("vat_rates", "towns"):
        if name in form().fields:
            typed[name] = ",".join(request.form.getlist(name))
    try:
        transact(action, *args, **form().load(typed), **more)
    except ValidationError as error:
        return read_errors(error)
    except NotFound:
        raise
    except DomainError as error:
        return read_refusal(error)
    return {}
