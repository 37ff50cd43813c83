"""How much is in it: read from a field ("0,75 l") or out of a name ("Marzipan 125G", "Apfelsaft 6 x 1 l")."""

import re
from decimal import Decimal

SIZES = {"mg": ("g", Decimal("0.001")), "g": ("g", Decimal(1)), "kg": ("g", Decimal(1000))}
SIZES |= {"gr": ("g", Decimal(1)), "ml": ("ml", Decimal(1)), "cl": ("ml", Decimal(10)), "l": ("ml", Decimal(1000))}
SIZES |= {"liter": ("ml", Decimal(1000)), "cm": ("cm", Decimal(1)), "m": ("cm", Decimal(100))}
PIECES = ("stück", "stk", "st", "piece", "stueck")
NUMBER = r"(\d{1,6}(?:[.,]\d{1,3})?)"
IN_NAME = re.compile(rf"(?<![\w.,])(?:(\d{{1,3}})\s*[x×]\s*)?{NUMBER}\s*(kg|gr|g|ml|cl|liter|l)(?![\w])", re.IGNORECASE)
ALONE = re.compile(rf"(?:(\d{{1,3}})\s*[x×]\s*)?{NUMBER}\s*([a-zü]+)\.?", re.IGNORECASE)


def _amount(times: str | None, number: str, unit: str) -> tuple[int, str] | None:
    if unit in PIECES:
        return (int(number), "piece") if number.isdigit() and int(number) else None
    if unit not in SIZES:
        return None
    name, factor = SIZES[unit]
    exact = Decimal(number.replace(",", ".")) * factor * int(times or 1)
    return (int(exact), name) if exact == int(exact) and exact > 0 else None


def parse_content(text: str) -> tuple[int, str] | None:
    """Read the content that a field states: "500 g", "1,5 l", "6 x 0,33 l", "3 Stück". Nothing when it is none."""
    found = ALONE.fullmatch(" ".join(text.split()))
    return _amount(found[1], found[2], found[3].lower()) if found else None


def find_content_in_name(name: str) -> tuple[int, str] | None:
    """Find the content that a name carries; the last one if there are several. Weight and volume only."""
    found = list(IN_NAME.finditer(name))
    return _amount(found[-1][1], found[-1][2], found[-1][3].lower()) if found else None
