"""What an address asks for, as clean text: no control characters (PostgreSQL refuses NUL), one blank, not too long."""

from uuid import UUID

from flask import request

MAX_SLUG_CHARS = 80


def clean(text: str, maximum: int) -> str:
    """Clean a text: printable characters only, blanks made one, cut at `maximum` characters."""
    printable = "".join(c if c.isprintable() else " " for c in text[: maximum * 2])
    return " ".join(printable.split())[:maximum]


def read_argument(name: str, maximum: int = 80) -> str:
    """Read the argument `name` of the address as clean text; empty when it is not there."""
    return clean(request.args.get(name, ""), maximum)


def read_cursor(name: str) -> tuple[str, UUID] | None:
    """Read where a list of offers goes on, "id.slug"; nothing at its beginning and for nonsense."""
    offer, _dot, slug = request.args.get(name, "").partition(".")
    try:
        return clean(slug, MAX_SLUG_CHARS), UUID(offer)
    except ValueError:
        return None
