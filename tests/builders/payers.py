"""What payers write who pay by transfer: lines of a statement with their slips, made by chance from a seed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from money.bank.references import ALPHABET

NAMES = (
    "Käthe Müller",
    "Jürgen Groß",
    "Anneliese Wübbels",
    "Zoë Öztürk",
    "Ann-Kathrin Schulze Föcking",
    "B. Lüdinghaus",
)
WORDS = ("Gutschein", "Gutschein für Oma", "Bestellung vom Markt", "Danke!", "Rechnung", "Weihnachtsgeschenk für Ömer")
KINDS = (  # how often in a thousand, and what the payer does
    (330, "grouped"),
    (170, "words"),
    (140, "split"),
    (80, "lower"),
    (60, "transcribed"),
    (90, "slip"),
    (30, "body"),
    (40, "parts"),
    (35, "more"),
    (15, "two"),
    (10, "nothing"),
)


@dataclass(frozen=True)
class Waiting:
    """A payment that waits: what it costs, and its reference."""

    payment_id: UUID
    cents: int
    reference: str


@dataclass(frozen=True)
class PayerLine:
    """One line: cents, what the payer wrote (a line feed where the bank cuts), and whose payments it is for."""

    cents: int
    words: str
    meant: frozenset[UUID]
    kind: str


def write_lines(waiting: list[Waiting], chance: random.Random) -> list[PayerLine]:
    """Write what the payers of all these payments send, in any order."""
    left, made = list(waiting), []
    while left:
        kind = chance.choices([kind for _often, kind in KINDS], [often for often, _kind in KINDS])[0]
        first = left.pop()
        second = left.pop() if kind == "two" and left else None
        made += _write(kind, first, second, chance)
    chance.shuffle(made)
    return made


def _write(kind: str, first: Waiting, second: Waiting | None, chance: random.Random) -> Iterator[PayerLine]:
    meant = frozenset({first.payment_id})
    name = f"{chance.choice(WORDS)} {chance.choice(NAMES)}"
    if second is not None:
        both = meant | {second.payment_id}
        yield PayerLine(first.cents + second.cents, f"{first.reference} und {second.reference}", both, kind)
    elif kind == "parts":
        part = chance.randrange(1, first.cents)
        for cents in (part, first.cents - part):
            yield PayerLine(cents, f"Teil {_group(first.reference)}", meant, kind)
    elif kind == "more":
        yield PayerLine(first.cents + chance.choice((1, 50, 10_00)), f"{name} {first.reference}", meant, kind)
    elif kind == "nothing":
        yield PayerLine(first.cents, name, frozenset(), kind)
    else:
        yield PayerLine(first.cents, WRITINGS.get(kind, _grouped)(first.reference, name, chance), meant, kind)


def _group(reference: str) -> str:
    return " ".join(reference[place : place + 4] for place in range(0, len(reference), 4))


def _grouped(reference: str, name: str, chance: random.Random) -> str:
    return _group(reference)


def _words(reference: str, name: str, chance: random.Random) -> str:
    return f"{name}, {chance.choice((reference, _group(reference)))} {chance.choice(('', 'lg', '12/26'))}"


def _split(reference: str, name: str, chance: random.Random) -> str:
    text = f"{name} {reference}"
    place = len(name) + 1 + chance.randrange(1, len(reference))
    return f"{text[:place]}\n{text[place:]}"


def _lower(reference: str, name: str, chance: random.Random) -> str:
    return "-".join((name.lower(), reference[:4].lower(), reference[4:8].lower(), reference[8:].lower()))


def _transcribed(reference: str, name: str, chance: random.Random) -> str:
    """The bank writes umlauts its own way, and everything in capitals."""
    for letter, ways in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ö": "OE", "ë": "?"}.items():
        name = name.replace(letter, chance.choice((ways, "?", ".")))
    return f"{name} {reference}".upper()


def _slip(reference: str, name: str, chance: random.Random) -> str:
    """One slip of the pen: another symbol, one too few, one too many, or two that changed places."""
    place = chance.randrange(2, len(reference))
    slips: tuple[Callable[[], str], ...] = (
        lambda: reference[:place] + chance.choice(f"{ALPHABET}0O1IL5SBU") + reference[place + 1 :],
        lambda: reference[:place] + reference[place + 1 :],
        lambda: reference[:place] + chance.choice(ALPHABET) + reference[place:],
        lambda: reference[: place - 1] + reference[place] + reference[place - 1] + reference[place + 1 :],
    )
    return f"{name} {chance.choice(slips)()}"


def _body(reference: str, name: str, chance: random.Random) -> str:
    """Without what makes it a reference: RF or the check digits are missing."""
    return f"{name} {chance.choice((reference[4:], reference[2:]))}"


WRITINGS: dict[str, Callable[[str, str, random.Random], str]] = {
    "grouped": _grouped,
    "words": _words,
    "split": _split,
    "lower": _lower,
    "transcribed": _transcribed,
    "slip": _slip,
    "body": _body,
}
