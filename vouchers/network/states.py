"""The words of the launch gate and of terms. Decision 0307."""

from enum import StrEnum


class GateItem(StrEnum):
    """Which step of the launch gate a record is about."""

    VAT = "vat"  # signed off as multi-purpose (§ 3 (15) UStG)
    SUPERVISION = "supervision"  # the position of the supervisory authority (§ 2 (1) Nr. 10 ZAG)


class TermsKind(StrEnum):
    """Say whose terms a text is: the issuer's or the operator's."""

    BUYER = "buyer"
    SHOP = "shop"


class StepState(StrEnum):
    """How a step of the launch gate stands; a page draws it as a mark."""

    DONE = "ok"
    ASKED = "wait"  # the authority has not answered yet
    MISSING = "bad"


class SinglePurpose(StrEnum):
    """Why a programme's vouchers would have a single purpose for VAT (§ 3 (14) UStG)."""

    ONE_SHOP = "one_shop"  # fewer than two shops take it
    ONE_RATE = "one_rate"  # all shops supply at one rate
    RATES_UNKNOWN = "rates_unknown"  # no shop's rates are recorded
