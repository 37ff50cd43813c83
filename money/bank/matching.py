"""Which payment a payer's words mean: exactly, or with one slip of the pen that nothing else could have become.

A reference has two check digits and eight symbols (ISO 11649): the eight alone name it, and so does the whole with one
symbol wrong, missing, too many or swapped with its neighbour, if no other payment that waits is as near.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from money.bank import references
from money.bank.models import BankAccount, ExpectedTransfer
from money.payments.models import Payment
from money.payments.states import PaymentState

HEAD_CHARS = 4  # RF and the check digits
WHOLE_CHARS = HEAD_CHARS + references.BODY_SYMBOLS
NOT_LETTERS = re.compile(r"[^0-9A-Z]")


class Reference(NamedTuple):
    """A payment that waits for a transfer, by its reference."""

    reference: str
    payment_id: UUID


class Names(NamedTuple):
    """Which payments words name. `exact`: letter by letter, else after mending one slip."""

    payment_ids: tuple[UUID, ...]
    exact: bool


class ReferenceIndex:
    """The payments that wait for a transfer to one issuer; looking one up takes as long as the line, not the list."""

    def __init__(self, waiting: Iterable[Reference]) -> None:
        self._exact: dict[str, UUID] = {}
        self._near: dict[str, set[str]] = defaultdict(set)
        self._bodies: dict[str, str] = {}
        for reference, payment_id in waiting:
            self._exact[reference] = payment_id
            self._bodies[reference[HEAD_CHARS:]] = reference
            for variant in _shorten(reference):
                self._near[variant].add(reference)

    def find(self, text: str) -> Names:
        """Find what the words name; nothing where they name nobody, or where more than one is as near."""
        stated = references.find_in(text)
        if stated:  # one that waits for nothing here, or belongs to others, is for people
            known = all(name in self._exact for name in stated)
            return Names(tuple(self._exact[name] for name in stated) if known else (), known)
        squeezed = NOT_LETTERS.sub("", text[: references.MAX_TEXT_CHARS].upper())
        bodies = {self._bodies[part] for part in _windows(squeezed, references.BODY_SYMBOLS) if part in self._bodies}
        if bodies:
            return Names(tuple(self._exact[name] for name in sorted(bodies)), True)
        near = self._find_near(squeezed)
        return Names((self._exact[near.pop()],), False) if len(near) == 1 else Names((), False)

    def _find_near(self, squeezed: str) -> set[str]:
        """The references that stand one slip away where a reference begins."""
        found: set[str] = set()
        for part in _list_candidates(squeezed):
            for variant in (part, *_shorten(part)):
                found |= {name for name in self._near.get(variant, ()) if _is_one_slip(part, name)}
        return found


def load_index(organisation_id: UUID) -> ReferenceIndex:
    """Load the payments that wait for a transfer to this issuer."""
    query = (
        sa.select(ExpectedTransfer.reference, ExpectedTransfer.payment_id)
        .join(Payment, Payment.id == ExpectedTransfer.payment_id)
        .join(BankAccount, BankAccount.id == ExpectedTransfer.account_id)
        .where(Payment.state == PaymentState.OPEN, BankAccount.organisation_id == organisation_id)
    )
    return ReferenceIndex(Reference(*row) for row in session.execute(query))


def _windows(text: str, size: int) -> Iterator[str]:
    return (text[place : place + size] for place in range(len(text) - size + 1))


def _list_candidates(squeezed: str) -> Iterator[str]:
    """What may be meant for a reference: from each R on, or from before an F whose R went missing."""
    for place, symbol in enumerate(squeezed):
        if symbol in "RF" and any(letter.isdigit() for letter in squeezed[place : place + HEAD_CHARS + 1]):
            start = place if symbol == "R" else max(place - 1, 0)
            for begin in {start, place}:
                for size in (WHOLE_CHARS - 1, WHOLE_CHARS, WHOLE_CHARS + 1):
                    if len(squeezed) >= begin + size:
                        yield squeezed[begin : begin + size]


def _shorten(text: str) -> set[str]:
    return {text[:place] + text[place + 1 :] for place in range(len(text))} | {text}


def _is_one_slip(written: str, meant: str) -> bool:
    """Whether one symbol was changed, left out, added, or swapped with the next (Damerau-Levenshtein distance 1)."""
    if abs(len(written) - len(meant)) > 1:
        return False
    if len(written) == len(meant):
        places = [place for place in range(len(meant)) if written[place] != meant[place]]
        swapped = len(places) == 2 and places[1] == places[0] + 1 and sorted(written) == sorted(meant)
        return len(places) <= 1 or swapped
    short, long = sorted((written, meant), key=len)
    return short in _shorten(long)
