"""What people write on vouchers: their words, but nothing that reads like a statement about VAT.

Whoever shows VAT on a paper owes it (§ 14c UStG), also if a buyer's greeting did it. Decision 0310.
"""

import re

from vouchers.purchases import errors

TAX = (
    r"(?:MwSt|M\.w\.St|USt\b|Mehrwertsteuer|Umsatzsteuer|Steuersatz|Steuerbetrag|\bVAT\b|\bBTW\b|sales tax"
    r"|value added tax)"
)
STATES_TAX = re.compile(
    rf"\d\s*(?:%|Prozent|percent|per cent)[^\w]{{0,4}}(?:\w+\W+){{0,3}}{TAX}"
    rf"|{TAX}[^\w§]{{0,20}}(?:\w{{1,12}}[^\w§]{{1,3}}){{0,2}}\d"
    rf"|(?:inkl|incl|enth[aä]lt|zzgl|exkl|excl|inclusive|including|plus)\w*\W{{1,3}}(?:[\w.,%]+\W+){{0,3}}{TAX}",
    re.IGNORECASE,
)


def has_tax_statement(text: str) -> bool:
    """Whether a text reads like a statement about VAT: a rate, an amount, or that it is included."""
    return bool(STATES_TAX.search(text))


def clean_text(text: str, *, field: str) -> str:
    """Return the text without control characters. Refuses (`Invalid`) statements about VAT."""
    clean = "".join(sign for sign in text if sign.isprintable() or sign in "\n\t").strip()
    if has_tax_statement(clean):
        raise errors.tax_stated(field)
    return clean
