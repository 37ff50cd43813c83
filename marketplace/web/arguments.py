"""What an address asks for, as clean text: no control characters (PostgreSQL refuses NUL), one blank, not too long."""

from flask import request


def clean(text: str, longest: int) -> str:
    """Printable characters only, blanks made one, cut."""
    printable = "".join(c if c.isprintable() else " " for c in text[: longest * 2])
    return " ".join(printable.split())[:longest]


def read_argument(name: str, longest: int = 80) -> str:
    """The argument `name` of the address as clean text; empty when it is not there."""
    return clean(request.args.get(name, ""), longest)
