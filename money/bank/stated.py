"""What a bank states: statements and their lines, as read from a file and before anything of ours is known.

Amounts are cents of euro and never negative; `Direction` says the side, seen from the account's holder.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from money.bank.states import Direction, LeftOutReason, StatementKind

MAX_REFERENCE_CHARS, MAX_NAME_CHARS, MAX_REMITTANCE_CHARS = 140, 140, 2000


class StatedLine(NamedTuple):
    """One line of a statement. `part`: 0, or the place (from 1) within a collective entry whose details are stated.

    `party_name`, `party_iban`: the other side. `bank_reference` is only a hint: banks write NONREF, or nothing, or one
    for a whole batch. `code`: the bank's words for the kind of business, `reason` why money was sent back (ISO 20022
    external return reason). `batch`: how many payments a line sums up whose details it does not state, else 0;
    `batch_reference`: the bank's reference of the collective entry that a part belongs to.
    """

    position: int
    direction: Direction
    cents: int
    booked_on: date
    part: int = 0
    is_reversal: bool = False
    value_on: date | None = None
    bank_reference: str = ""
    end_to_end_id: str = ""
    party_name: str = ""
    party_iban: str | None = None
    remittance: str = ""
    code: str = ""
    reason: str = ""
    batch: int = 0
    batch_reference: str = ""

    @property
    def signed_cents(self) -> int:
        """Cents as the account's balance changes by them."""
        return self.cents if self.direction == Direction.CREDIT else -self.cents

    @property
    def digest(self) -> bytes:
        """What the line says, without its place: two payments of one day may say the same."""
        said = (self.direction, self.cents, self.booked_on, self.is_reversal, self.value_on, self.bank_reference)
        more = (self.end_to_end_id, self.party_name, self.party_iban, self.remittance, self.code, self.reason)
        return hashlib.sha256("\x1f".join(map(str, said + more)).encode()).digest()[:16]


class StatedBalance(NamedTuple):
    """A balance in cents (negative: overdrawn) at the end of a day."""

    cents: int
    day: date


@dataclass
class BankStatement:
    """What a file says about one account. `account`: an IBAN, or bank code and account number, as stated.

    `left_out`: what is announced only, or cannot be a line (reason, the bank's reference).
    """

    account: str
    kind: StatementKind = StatementKind.CAMT_053
    number: str = ""
    opening: StatedBalance | None = None
    closing: StatedBalance | None = None
    lines: list[StatedLine] = field(default_factory=list)
    left_out: list[tuple[LeftOutReason, str]] = field(default_factory=list)

    @property
    def credits(self) -> list[StatedLine]:
        """The lines by which money came in."""
        return [line for line in self.lines if line.direction == Direction.CREDIT]

    @property
    def difference_cents(self) -> int:
        """What the closing balance exceeds opening balance and lines by; 0 where no balances are stated."""
        if self.opening is None or self.closing is None:
            return 0
        return self.closing.cents - self.opening.cents - sum(line.signed_cents for line in self.lines)

    @property
    def content(self) -> bytes:
        """What the statement says, whatever its number and whatever file brought it."""
        made = hashlib.sha256(f"{self.account}|{self.opening}|{self.closing}".encode())
        for line in self.lines:
            made.update(b"%d.%d|" % (line.position, line.part) + line.digest)
        return made.digest()

    @property
    def digest(self) -> bytes:
        """The same, of one kind and with its number: what makes a statement the same one again."""
        return hashlib.sha256(f"{self.kind}|{self.number}|".encode() + self.content).digest()
