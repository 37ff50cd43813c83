"""A plain reader's idea of vouchers: what must come of every act, written from the rules and not from the code."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

MOST = 250_00
SPENDABLE = ("active", "exhausted")


@dataclass
class Lot:
    """A part of the value, in cents."""

    id: UUID
    kind: str
    rank: int
    end: date
    areas: list[str] | None
    balance: int
    held: int = 0
    origin: UUID | None = None

    @property
    def free(self) -> int:
        return self.balance - self.held


@dataclass
class Taking:
    """What was taken or held at once: which lot gave how much, in the order of taking, and what came back of it."""

    id: UUID
    voucher: "Voucher"
    shop: UUID
    day: date
    parts: list[tuple[Lot, int]]
    back: dict[UUID, int] = field(default_factory=dict)
    expires: datetime | None = None
    voidable: bool = True

    @property
    def cents(self) -> int:
        return sum(cents for _lot, cents in self.parts)

    @property
    def returnable(self) -> int:
        return self.cents - sum(self.back.values())


@dataclass
class Voucher:
    """One voucher."""

    id: UUID
    token: str
    origin: UUID
    lots: dict[UUID, Lot] = field(default_factory=dict)
    state: str = "active"
    successor: "Voucher | None" = None

    @property
    def balance(self) -> int:
        return sum(lot.balance for lot in self.lots.values())

    @property
    def held(self) -> int:
        return sum(lot.held for lot in self.lots.values())

    def order(self, day: date, postcode: str) -> list[Lot]:
        """The lots that may be spent there and then, as they are spent."""
        usable = [
            lot
            for lot in self.lots.values()
            if lot.end >= day and lot.free > 0 and (lot.areas is None or postcode[:2] in lot.areas)
        ]
        return sorted(usable, key=lambda lot: (lot.rank, lot.end, lot.id))

    def free(self, day: date, postcode: str) -> int:
        return sum(lot.free for lot in self.order(day, postcode))

    def split(self, cents: int, day: date, postcode: str) -> list[tuple[Lot, int]]:
        """Which lot gives how much."""
        parts = []
        for lot in self.order(day, postcode):
            share = min(cents, lot.free)
            cents -= share
            if share:
                parts.append((lot, share))
        return parts

    def settle(self) -> None:
        """Nothing left exhausts; value that comes wakes what was exhausted or withdrawn."""
        if self.state == "active" and self.balance == 0:
            self.state = "exhausted"
        elif self.state in ("exhausted", "withdrawn") and self.balance > 0:
            self.state = "active"

    def put_back(self, taking: Taking, cents: int, day: date) -> int:
        """Give back to the lots that gave, last first; what of it a lapsed bonus gives up to its campaign."""
        lapsed = 0
        for lot, share in reversed(taking.parts):
            amount = min(cents, share - taking.back.get(lot.id, 0))
            if amount <= 0:
                continue
            cents -= amount
            taking.back[lot.id] = taking.back.get(lot.id, 0) + amount
            if lot.kind == "bonus" and lot.end < day:
                lapsed += amount
            else:
                lot.balance += amount
        self.settle()
        heir = self
        while heir.state == "replaced" and heir.balance and heir.successor:
            heir.carry_over(heir.successor)
            heir = heir.successor
        return lapsed

    def carry_over(self, into: "Voucher") -> int:
        """Everything goes over; lots keep what they are."""
        moved = self.balance
        for lot in self.lots.values():
            if lot.balance:
                there = into.lots.setdefault(
                    lot.id, Lot(lot.id, lot.kind, lot.rank, lot.end, lot.areas, 0, 0, lot.origin)
                )
                there.balance += lot.balance
                lot.balance = 0
        into.settle()
        return moved

    def cannot_merge_into(self, into: "Voucher") -> str | None:
        """Why not; nothing when it can."""
        if self is into:
            return "voucher_same"
        if self.state not in SPENDABLE or into.state not in SPENDABLE:
            return "voucher_blocked"
        if self.held:
            return "voucher_held"
        if not self.balance:
            return "voucher_nothing_left"
        return "voucher_over_limit" if self.balance + into.balance > MOST else None
