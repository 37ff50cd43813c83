"""What came in, checked: bodies, days and short texts of the address."""

import re
from datetime import date
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from vouchers.api import errors

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_body(schema: Schema, *, optional: bool = False) -> dict[str, Any]:
    """Read the body of the call, checked. Refuses (`Invalid`) and names the fields.

    `optional`: the call goes without a body, too; but what was sent is read, or refused.
    """
    document = request.get_json() if request.get_data() or not optional else {}
    if not isinstance(document, dict):
        raise errors.body_not_an_object()
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        raise errors.fields_not_valid(error.messages) from error
    return loaded


def parse_day(text: str, name: str) -> date:
    """A day as 2026-11-23. Refuses everything else (`Invalid`), also years that no till has seen or will see."""
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2200:
        raise errors.day_not_readable(name)
    return day


def read_line(name: str, maximum: int) -> str:
    """Read a short printable text of the address. Refuses (`Invalid`) when it is missing or longer."""
    text: str = request.args.get(name, "").strip()
    if not 1 <= len(text) <= maximum or not text.isprintable():
        raise errors.fields_not_valid({name: ["Missing, too long or not printable."]})
    return text


def read_choice(name: str, allowed: tuple[str, ...]) -> str:
    """Read a word of the address, the first one when it is missing. Refuses (`Invalid`) other words."""
    text: str = request.args.get(name, allowed[0])
    if text not in allowed:
        raise errors.fields_not_valid({name: [f"One of: {', '.join(allowed)}."]})
    return text
