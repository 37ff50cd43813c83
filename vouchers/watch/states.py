"""The words of rules, cases and holds. Decision 0309."""

from enum import StrEnum


class RuleKey(StrEnum):
    """The rules by name; also the reason code of a hold."""

    VELOCITY_VOUCHER = "velocity_voucher"  # one voucher is moved too often
    VELOCITY_TILL = "velocity_till"  # a till takes more than a person can: somebody looks, it goes on
    TILL_MISSES = "till_misses"  # most codes at a till do not exist
    TILL_VOIDS = "till_voids"  # a till gives most of what it takes straight back
    TILL_REPEATS = "till_repeats"  # a till takes from one voucher again and again
    VELOCITY_SHOP = "velocity_shop"  # a shop takes very much
    VELOCITY_BUYER = "velocity_buyer"  # one address buys very much
    VELOCITY_RECIPIENT = "velocity_recipient"  # very much is sent to one address
    STRUCTURING = "structuring"  # several purchases just below the limit of one voucher
    SELF_DEALING = "self_dealing"  # bought and spent at once in one shop
    OWN_STAFF = "own_staff"  # who works in the shop buys and spends there
    NEW_SHOP = "new_shop"  # the shop's first voucher was accepted lately


class RuleEffect(StrEnum):
    """What follows when a rule is exceeded, besides the case."""

    CASE = "case"  # nothing else
    HOLD = "hold"  # the shop's payout waits
    PAUSE = "pause"  # the till stands still for some minutes


class CaseState(StrEnum):
    """How a case stands: a person decides every one."""

    OPEN = "open"  # a person should look at it
    HARMLESS = "harmless"  # decided: the till goes on, the shop is paid
    CONFIRMED = "confirmed"  # decided: the hold stays where it is


class CaseSubject(StrEnum):
    """Whom or what a case is about."""

    BUYER = "buyer"  # a keyed hash of an address
    OUTLET = "outlet"
    TILL = "till"
    VOUCHER = "voucher"
