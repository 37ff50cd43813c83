"""The short reference of a transfer: an RF creditor reference (ISO 11649), short to type, with its check digits."""

import re
import secrets

ALPHABET = "2346789ACDEFGHJKMNPQRTVWXYZ"  # nothing that is taken for something else: 0 O 1 I L 5 S 8 B U
BODY_SYMBOLS = 8
SHAPE = rf"RF[0-9]{{2}}[0-9A-Z]{{{BODY_SYMBOLS}}}"
ANYWHERE = re.compile(f"(?=({SHAPE}))")  # places may overlap: the letters RF can stand before a reference
MAX_TEXT_CHARS = 4000
SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def create() -> str:
    """Create a reference, without spaces: RF, two check digits, eight symbols."""
    body = "".join(secrets.choice(ALPHABET) for _place in range(BODY_SYMBOLS))
    return f"RF{_check(body):02d}{body}"


def is_valid(reference: str) -> bool:
    """Say whether the check digits are right (ISO 11649, ISO 7064 mod 97-10).

    Finds every digit for another digit, letter for another letter and swap of two digits or two letters; where a letter
    and a digit take each other's place, nearly all.
    """
    return bool(re.fullmatch(SHAPE, reference)) and int(reference[2:4]) == _check(reference[4:])


def find_in(text: str) -> list[str]:
    """Find every reference in what a payer wrote, whatever spaces, lines or marks a bank put between, in its order."""
    squeezed = re.sub(r"[^0-9A-Z]", "", text[:MAX_TEXT_CHARS].upper())
    return list(dict.fromkeys(match[1] for match in ANYWHERE.finditer(squeezed) if is_valid(match[1])))


def squeeze(text: str) -> str:
    """What banks leave of a text: letters and digits, umlauts written out."""
    spelled = text.lower().translate(SPELLED)
    return "".join(symbol for symbol in spelled if symbol.isascii() and symbol.isalnum())


def group_reference(reference: str) -> str:
    """As people read it: RF18 7K4M 2XWQ."""
    return " ".join(reference[place : place + 4] for place in range(0, len(reference), 4))


def _check(body: str) -> int:
    return 98 - int("".join(str(int(symbol, 36)) for symbol in f"{body}RF00")) % 97
