"""The words for states, kinds and outcomes. The database checks the same words."""

from enum import StrEnum


class ProgrammeArea(StrEnum):
    """Where a programme's vouchers are accepted."""

    REGION = "region"  # in shops of every town
    TOWNS = "towns"  # in shops of the towns that the programme names


class Supervision(StrEnum):
    """The position of the supervisory authority on a programme (§ 2 (1) Nr. 10 ZAG)."""

    UNKNOWN = "unknown"  # nobody has asked: nothing is sold
    ASKED = "asked"  # the answer is awaited
    OK = "ok"  # no objection, or the notice was filed


class AgreementEnder(StrEnum):
    """Who or what ended an agreement with a shop."""

    ISSUER = "issuer"
    SHOP = "shop"
    AREA = "area"  # the shop moved out of the programme's area
    SUSPENSION = "suspension"  # the shop was suspended
    CHANGE = "change"  # another version follows


class VoucherState(StrEnum):
    """What becomes of a voucher. The functions of the database alone lead from one state to the next."""

    ORDERED = "ordered"  # bought, and not paid yet
    ACTIVE = "active"  # may be spent
    BLOCKED = "blocked"  # nobody can redeem it until it is unblocked
    EXHAUSTED = "exhausted"  # empty; goods that come back fill it again
    WITHDRAWN = "withdrawn"  # its purchase was withdrawn; goods that come back fill it again
    CHARGED_BACK = "charged_back"  # its payment was called back: nothing returns to it
    REPLACED = "replaced"  # merged into another voucher
    TIME_BARRED = "time_barred"  # its limitation period is over (§§ 195, 199 BGB)


class LotKind(StrEnum):
    """Where a lot's value comes from, which decides the account that it is owed on."""

    PAID = "paid"  # bought: VL
    BONUS = "bonus"  # given by a campaign: VB, goes back to it after its end
    EMPLOYER = "employer"  # given by an employer: VE
    GOODWILL = "goodwill"  # given by the issuer at its own cost: VL


class OperationKind(StrEnum):
    """What happens to a voucher. Each is one operation, one link of its chain."""

    ISSUE = "issue"
    LOAD = "load"  # another lot
    REDEEM = "redeem"  # value goes to a shop
    HOLD = "hold"  # value is set aside for a shop
    CAPTURE = "capture"  # a hold goes to its shop
    RELEASE = "release"  # a hold goes back to its lots
    VOID = "void"  # a whole redemption goes back, on the same business day
    REFUND = "refund"  # a part of a redemption goes back, later
    WITHDRAW = "withdraw"  # what is left of a purchase goes back to the buyer
    LAPSE = "lapse"  # the rest of a lot after its legal end
    ADJUST = "adjust"  # value that should never have been there
    CHARGE_BACK = "charge_back"  # the money that had bought it was taken back
    REINSTATE = "reinstate"  # the money came back, and the value with it
    MERGE_OUT = "merge_out"  # everything goes to another voucher
    MERGE_IN = "merge_in"  # everything of another voucher; booked with its counterpart
    BLOCK = "block"
    UNBLOCK = "unblock"
    RENEW = "renew"  # new token, code and PIN
    UNLOCK = "unlock"  # the typed code may be used online again after wrong PINs


class Outcome(StrEnum):
    """What the functions of the database answer: `done`, or why not."""

    DONE = "done"
    REPLAY = "replay"  # was done before, under the same key
    UNKNOWN = "unknown"  # no such voucher, redemption or till
    BLOCKED = "blocked"
    ENDED = "ended"  # the voucher has come to an end
    OUTSIDE_NETWORK = "outside_network"  # not accepted in this shop
    OUTLET_SUSPENDED = "outlet_suspended"  # the shop may not redeem at all
    INSUFFICIENT = "insufficient"  # less is left than was asked for
    KEY_REUSED = "key_reused"  # the key belongs to another request
    TOO_MANY = "too_many"  # too many unknown codes at this till
    VELOCITY_VOUCHER = "velocity_voucher"  # too many operations of this voucher in a short time
    TILL_PAUSED = "till_paused"
    TILL_UNKNOWN = "till_unknown"  # no such token, or revoked, or ended
    SCOPE_MISSING = "scope_missing"  # the token may not do this
    NO_HOLD = "no_hold"  # no such hold of this shop
    ALREADY_ENDED = "already_ended"  # the hold was captured or released
    EXPIRED = "expired"  # the hold's time is over
    MORE_THAN_HELD = "more_than_held"
    ALREADY_RETURNED = "already_returned"  # the redemption was voided or refunded
    ANOTHER_DAY = "another_day"  # voids end with the business day
    MORE_THAN_REDEEMED = "more_than_redeemed"
    NOT_AT_THE_TILL = "not_at_the_till"  # it was paid in a checkout
    WRONG_AMOUNT = "wrong_amount"
    NOT_RETURNABLE = "not_returnable"  # nothing can be given back to this voucher
    HELD = "held"  # something on the voucher is held
    NOT_ENDED = "not_ended"  # the lot may still be spent
    NOTHING_LEFT = "nothing_left"
    SAME = "same"  # a voucher cannot be merged with itself
    OTHER_PROGRAMME = "other_programme"
    OVER_MAXIMUM = "over_limit"  # more than the charter allows on one voucher


SPENDABLE = frozenset({VoucherState.ACTIVE, VoucherState.EXHAUSTED})

# What has no lines in the books of its own, and what has.
UNBOOKED = frozenset(
    {
        OperationKind.MERGE_IN,
        OperationKind.BLOCK,
        OperationKind.UNBLOCK,
        OperationKind.RENEW,
        OperationKind.UNLOCK,
    }
)
BOOKED = tuple(kind for kind in OperationKind if kind not in UNBOOKED)
TAKEN = (OperationKind.REDEEM, OperationKind.CAPTURE)  # value went to a shop
GIVEN_BACK = (OperationKind.VOID, OperationKind.REFUND)  # value came back from a shop
HOLD_ENDED = (OperationKind.CAPTURE, OperationKind.RELEASE)
INCREASING = frozenset(
    {
        OperationKind.ISSUE,
        OperationKind.LOAD,
        OperationKind.VOID,
        OperationKind.REFUND,
        OperationKind.REINSTATE,
        OperationKind.MERGE_IN,
    }
)
DECREASING = frozenset(
    {
        OperationKind.REDEEM,
        OperationKind.CAPTURE,
        OperationKind.WITHDRAW,
        OperationKind.LAPSE,
        OperationKind.ADJUST,
        OperationKind.CHARGE_BACK,
        OperationKind.MERGE_OUT,
    }
)
