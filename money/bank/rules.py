"""What a line is by the bank's own words: a fee or interest. Small sums only; all else is for people.

Codes: ISO 20022 external bank transaction sub-families, and the German business transaction codes (GVC) of DK.
"""

import re

from money.bank.models import BankLine
from money.bank.states import AllocationPlace, Direction

MAX_WORDED_CENTS = 50_00  # what only the words say
MAX_CODED_CENTS = 500_00  # what the bank's own code says
FEE_CODES = re.compile(r"(^|-)(CHRG|COMM|FEES)(-|$)|\+(804|805|808|809)(\+|-|$)|^NCHG|^NCOM")
INTEREST_CODES = re.compile(r"(^|-)INTR(-|$)|\+814(\+|-|$)|^NINT")
FEE_WORDS = re.compile(
    r"^(konto(f(ü|ue)hrung|abschluss)|abschluss|(konto)?entgelt|geb(ü|ue)hr|porto|buchungsposten)", re.I
)
PROVIDER_WORDS = re.compile(r"\bSTRIPE\b", re.I)  # what its payouts say, in their words or as who sent them
INTEREST_WORDS = re.compile(r"^((soll|haben|guthaben)?zins(en|abschluss|gutschrift)?)\b", re.I)


def find_rule(line: BankLine) -> AllocationPlace | None:
    """Find what the line is by rule; None for people. A reversal is never a matter of rules."""
    if line.is_reversal or line.reason:
        return None
    if line.cents <= MAX_CODED_CENTS:
        if INTEREST_CODES.search(line.code):
            return AllocationPlace.INTEREST
        if FEE_CODES.search(line.code) and line.direction == Direction.DEBIT:
            return AllocationPlace.FEE
    if line.cents <= MAX_WORDED_CENTS:
        if INTEREST_WORDS.search(line.remittance):
            return AllocationPlace.INTEREST
        if FEE_WORDS.search(line.remittance) and line.direction == Direction.DEBIT:
            return AllocationPlace.FEE
    return None


def is_from_provider(line: BankLine) -> bool:
    """Whether a credit says that the payment provider sent it. A reversal is never a matter of rules."""
    if line.is_reversal or line.reason or line.direction != Direction.CREDIT:
        return False
    return any(PROVIDER_WORDS.search(text or "") for text in (line.party_name, line.remittance))
