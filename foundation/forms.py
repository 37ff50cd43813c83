"""Forms that move money say which fields they take; whatever else comes is refused and nothing happens.

A field that is left out in silence is half of what was asked for: an amount under a name that has changed since the
page was shown would be nothing at all. `/api/v1` has the same rule in its schemas (decision 0306).
"""

from collections.abc import Callable
from functools import wraps
from itertools import chain
from typing import Any

from flask import request
from marshmallow import Schema

from foundation import errors

TOKEN = "csrf_token"  # noqa: S105 the name of its field
View = Callable[..., Any]


def accept_fields(*accepted: str | type[Schema]) -> Callable[[View], View]:
    """Let a view take these fields and those of these schemas, and the CSRF token. Refuses others (`Invalid`)."""
    names = frozenset(chain([TOKEN], *([each] if isinstance(each, str) else each().fields for each in accepted)))

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(*arguments: Any, **named: Any) -> Any:
            for name in chain(request.form, request.files):
                if name not in names:
                    raise errors.field_too_many(name)
            return view(*arguments, **named)

        checked.accepted_fields = names  # type: ignore[attr-defined]
        return checked

    return decorate
