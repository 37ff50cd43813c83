"""Amounts of money: integer cents of one currency (EUR), read from what people type and shown as people write it."""

import re

from foundation.languages import current_language
from money import errors

MIN_CENTS = 1
MAX_CENTS = 100_000_00
MAX_INPUT_CHARS = 24
SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
SIGNS = re.compile(r"^(?:€|EUR)|(?:€|EUR)$", re.IGNORECASE)
# Groups of three by one kind of mark, then the other kind of mark before one or two digits.
SHAPES = (
    re.compile(r"(?P<whole>[0-9]+)(?:[.,](?P<part>[0-9]{1,2}))?"),
    re.compile(r"(?P<whole>[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,(?P<part>[0-9]{1,2}))?"),
    re.compile(r"(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+)\.(?P<part>[0-9]{1,2})"),
)
NARROW = "\u202f"  # narrow no-break space: the amount never breaks from its sign
MINUS = "\u2212"


def parse(text: str, *, minimum: int = MIN_CENTS, maximum: int = MAX_CENTS, field: str = "amount") -> int:
    """Cents of an amount as typed in German or English: "12,50", "12.5", "1.234,50", "1,234.50", "12 €".

    Refuses (`Invalid`, with `field`) everything else and what lies outside of `minimum` to `maximum` cents. "1.234" is
    a German thousand; "1,234" could be either and is refused.
    """
    typed = SIGNS.sub("", SPACES.sub("", text[: MAX_INPUT_CHARS + 1]))
    if not typed:
        raise errors.amount_missing(field)
    found = next(filter(None, (shape.fullmatch(typed) for shape in SHAPES)), None)
    if len(text) > MAX_INPUT_CHARS or found is None:
        raise errors.amount_unreadable(text[:MAX_INPUT_CHARS], field)
    whole = int(re.sub(r"[.,]", "", found["whole"]))
    cents = whole * 100 + int((found["part"] or "0").ljust(2, "0"))
    if not minimum <= cents <= maximum:
        raise errors.amount_out_of_range(euro(minimum), euro(maximum), field, minimum, maximum)
    return cents


def euro(cents: int, language: str | None = None) -> str:
    """The amount as the reader's language writes it: "1.234,50 €" with a narrow no-break space, or "€1,234.50"."""
    sign = MINUS if cents < 0 else ""
    if (language or current_language()) == "en":
        return f"{sign}€{_digits(cents, ',', '.')}"
    return f"{sign}{_digits(cents, '.', ',')}{NARROW}€"


def plain(cents: int) -> str:
    """The amount as a form field holds it: "1234,50". `parse` reads it back."""
    return f"{'-' if cents < 0 else ''}{_digits(cents, '', ',')}"


def _digits(cents: int, group: str, mark: str) -> str:
    whole, part = divmod(abs(cents), 100)
    return f"{whole:,}".replace(",", group) + f"{mark}{part:02d}"
