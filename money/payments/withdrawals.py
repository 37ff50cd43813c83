"""Contracts from which a consumer may withdraw: the registry that the trades fill, and one way to ask them all.

A statement of withdrawal (§ 356a BGB) is taken down by whoever received it; here it is carried out for the contracts
that number and address fit. What is found is told to the address alone, never on a page.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class WithdrawalStatement:
    """A statement as it was received. `number` is what was given as the contract, `remarks` what was said besides."""

    id: UUID
    number: str
    email: str
    received_at: datetime
    remarks: str = ""


@dataclass(frozen=True)
class WithdrawalOutcome:
    """What became of one contract, as the buyer reads it in the mail."""

    number: str
    title: str
    sentence: str


class Contracts(Protocol):
    """The contracts of one trade, and how a consumer withdraws from them (§ 355 BGB)."""

    kind: str

    def withdraw(self, stated: WithdrawalStatement) -> list[WithdrawalOutcome]:
        """Carry it out in the caller's transaction for the contracts that are meant; nothing when none fits."""
        ...


_contracts: dict[str, Contracts] = {}


def register(contracts: Contracts) -> None:
    """Let a trade's contracts be found. A second one of the same kind replaces the first, for tests."""
    _contracts[contracts.kind] = contracts


def withdraw(stated: WithdrawalStatement) -> list[WithdrawalOutcome]:
    """Ask every trade, in the order of their kinds. The same statement again changes nothing more."""
    return [outcome for kind in sorted(_contracts) for outcome in _contracts[kind].withdraw(stated)]
