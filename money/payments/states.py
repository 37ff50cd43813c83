"""The states of payments, tenders, calls and refunds, and which may follow which. The database checks the words;
`move` is the only way from one state to the next.

Decisions 0201 and 0202.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID


class PaymentState(StrEnum):
    """How far a payment is. Decision 0201 holds the steps."""

    OPEN = "open"  # everything is held that can be held; the payer or the provider is to act
    PENDING = "pending"  # a bank collects a debit: it takes days and cannot be called back
    COMMITTING = "committing"  # decided to go through: from here only forward
    SECURED = "secured"  # the money is certain, or promised at pick-up; the payable was told
    ABORTING = "aborting"  # decided to let it be: from here only back
    FAILED = "failed"  # nothing was taken, or what came later went back
    REFUNDED = "refunded"  # all of it was given back


class PayerStage(StrEnum):
    """What the payer needs to know of a payment, in fewer words than the states. Not stored."""

    WAITING = "waiting"  # the payer has not gone to the provider yet, or came back
    CONNECTING = "connecting"  # the provider's page is not open yet: it does not answer
    COLLECTING = "collecting"  # a debit runs, for some days
    CHECKING = "checking"  # the provider has not said yet
    DONE = "done"  # paid
    FAILED = "failed"  # came to nothing

    @property
    def is_waiting(self) -> bool:
        """Whether the payer can go on paying."""
        return self is PayerStage.WAITING

    @property
    def is_connecting(self) -> bool:
        """Whether we are still trying to reach the provider."""
        return self is PayerStage.CONNECTING

    @property
    def is_collecting(self) -> bool:
        """Whether a debit runs."""
        return self is PayerStage.COLLECTING

    @property
    def is_done(self) -> bool:
        """Whether it is paid."""
        return self is PayerStage.DONE

    @property
    def is_failed(self) -> bool:
        """Whether nothing came of it."""
        return self is PayerStage.FAILED

    @property
    def is_running(self) -> bool:
        """Whether something may still come: the page's script goes on asking."""
        return not self.is_done and not self.is_failed


class FailureReason(StrEnum):
    """Why a payment came to nothing."""

    EXPIRED = "expired"  # its time was over
    ABANDONED = "abandoned"  # the payer chose another way
    NOT_PAID = "not_paid"  # the provider's page was closed, or the card refused
    DEBIT_FAILED = "debit_failed"  # the bank sent a debit back, days later
    AUTHORISATION_GONE = "authorisation_gone"  # the provider says for good that nothing was taken


class TenderState(StrEnum):
    """How far one part of a payment is."""

    PLANNED = "planned"  # written down, nothing reserved yet
    HELD = "held"  # a voucher's value is set aside in our books
    PROMISED = "promised"  # to be paid at the shop's till at hand-over
    AUTHORISED = "authorised"  # the card's issuer has reserved it
    PROCESSING = "processing"  # the bank collects the debit
    CAPTURED = "captured"  # taken
    COLLECTED = "collected"  # the promise was kept at the shop's till
    RELEASED = "released"  # let go, nothing was taken
    FAILED = "failed"  # refused or sent back by the provider


class CallKind(StrEnum):
    """What is asked of the provider."""

    AUTHORISE = "authorise"  # a hosted page that reserves money on a card
    COLLECT = "collect"  # a hosted page that orders a direct debit
    CAPTURE = "capture"  # take what was authorised
    VOID = "void"  # give up an authorisation
    EXPIRE = "expire"  # close a hosted page that nobody has used
    REFUND = "refund"  # send money back


class CallState(StrEnum):
    """How far a call to the provider is."""

    PLANNED = "planned"  # committed, not sent yet
    SENT = "sent"  # on its way; whether it was done is not known
    UNKNOWN = "unknown"  # the answer was lost or says nothing: ask again under the same key
    PENDING = "pending"  # accepted, its outcome comes later
    SUCCEEDED = "succeeded"  # done
    FAILED = "failed"  # refused for good: nothing was done


class RefundState(StrEnum):
    """How far money is on its way back."""

    REQUESTED = "requested"  # planned at the provider, or waiting for a person's transfer
    PENDING = "pending"  # the provider has it in hand
    SUCCEEDED = "succeeded"  # back with the payer
    FAILED = "failed"  # could not be given back: the amount may be refunded again


class ClaimKind(StrEnum):
    """What becomes of a claim on a payer who took back more than was left."""

    RAISED = "raised"  # the payer owes it (Dr SF / Cr KZ)
    SETTLED = "settled"  # recovered: more was left after all, or the money is back (Dr KZ / Cr SF)
    WRITTEN_OFF = "written_off"  # given up by two people (Dr FV / Cr SF)
    RECOVERED = "recovered"  # the money came back after it had been given up (Dr KZ / Cr FV)


class DisputeKind(StrEnum):
    """Who took a payment back at the provider."""

    DISPUTE = "dispute"  # a card's holder, through the card's bank
    DEBIT_RETURN = "debit_return"  # a bank that sent a debit back, up to 13 months later
    OUTSIDE_REFUND = "outside_refund"  # somebody who refunded it at the provider and not here


class DisputeState(StrEnum):
    """How far a dispute is. Money moves by its moves, never by its state."""

    INQUIRY = "inquiry"  # a question; no money was taken
    NEEDS_RESPONSE = "needs_response"  # evidence is awaited until its day
    UNDER_REVIEW = "under_review"  # evidence was sent, the bank decides
    WON = "won"  # the money came back
    LOST = "lost"  # it stays away
    CLOSED = "closed"  # a question that ended, or a refund: nothing is decided any more


class DisputeMoveKind(StrEnum):
    """Which way money of a dispute went."""

    WITHDRAWN = "withdrawn"  # taken out of our balance
    REINSTATED = "reinstated"  # put back


class RefundMeans(StrEnum):
    """How a refund that failed was brought to its end."""

    AGAIN = "again"  # the same way once more
    BANK_ACCOUNT = "bank_account"  # by transfer, to the account that the payer named
    LETTER = "letter"  # the payer was written to and has not answered; asked again when they do
    DISPUTE = "dispute"  # the payer has the money already: their bank took it back


class LineKind(StrEnum):
    """What a line of the provider's statement is that no payment of ours explains."""

    FEE = "fee"  # the provider charges us, or gives back of it (Dr GK / Cr PSP)
    PAYOUT = "payout"  # between provider and bank, either way (Dr GT / Cr PSP)
    PAYER = "payer"  # money of a payment that we do not know, or that went back of it (Dr PSP / Cr KZ)


class CaseKind(StrEnum):
    """What at the provider only a person can judge."""

    UNKNOWN_PAYMENT = "unknown_payment"  # it names a payment of ours that we do not have
    FOREIGN_PAYMENT = "foreign_payment"  # it was not made by this application
    MISSING_THERE = "missing_there"  # ours says that it was done, and the provider does not show it
    UNMATCHED_LINE = "unmatched_line"  # a dispute brought back more than it had taken
    UNBOOKED_LINE = "unbooked_line"  # a line of the provider's statement that no entry stands for
    MISSING_LINE = "missing_line"  # we booked it, and the provider's statement does not show it


P, T, C, R = PaymentState, TenderState, CallState, RefundState

# committing -> aborting only when the provider says for good that nothing was taken (authorisation gone).
PAYMENT: Mapping[PaymentState, frozenset[PaymentState]] = {
    P.OPEN: frozenset({P.PENDING, P.COMMITTING, P.ABORTING}),
    P.PENDING: frozenset({P.COMMITTING, P.ABORTING}),
    P.COMMITTING: frozenset({P.SECURED, P.ABORTING}),
    P.ABORTING: frozenset({P.FAILED}),
    P.SECURED: frozenset({P.REFUNDED}),
    P.FAILED: frozenset(),
    P.REFUNDED: frozenset({P.SECURED}),  # a refund failed after it had succeeded
}
UNDECIDED = frozenset({P.OPEN, P.PENDING})
PAID = frozenset({P.SECURED, P.REFUNDED})
ENDED = frozenset({P.SECURED, P.FAILED, P.REFUNDED})

TENDER: Mapping[TenderState, frozenset[TenderState]] = {
    T.PLANNED: frozenset({T.HELD, T.PROMISED, T.AUTHORISED, T.PROCESSING, T.CAPTURED, T.FAILED, T.RELEASED}),
    T.HELD: frozenset({T.CAPTURED, T.RELEASED}),
    T.PROMISED: frozenset({T.COLLECTED, T.RELEASED}),
    T.AUTHORISED: frozenset({T.CAPTURED, T.FAILED, T.RELEASED}),
    T.PROCESSING: frozenset({T.CAPTURED, T.FAILED}),
    # money that came in after the payment had ended: it is taken, booked and sent back
    T.RELEASED: frozenset({T.AUTHORISED, T.PROCESSING, T.CAPTURED}),
    T.FAILED: frozenset({T.AUTHORISED, T.PROCESSING, T.CAPTURED}),
    T.CAPTURED: frozenset(),
    T.COLLECTED: frozenset(),
}
RESERVED = frozenset({T.PLANNED, T.HELD, T.PROMISED})  # let go of without asking anybody when the payment ends

CALL: Mapping[CallState, frozenset[CallState]] = {
    C.PLANNED: frozenset({C.SENT, C.FAILED, C.PENDING, C.SUCCEEDED}),
    C.SENT: frozenset({C.UNKNOWN, C.PENDING, C.SUCCEEDED, C.FAILED}),
    C.UNKNOWN: frozenset({C.SENT, C.PENDING, C.SUCCEEDED, C.FAILED}),
    C.PENDING: frozenset({C.SUCCEEDED, C.FAILED}),
    C.SUCCEEDED: frozenset(),
    C.FAILED: frozenset({C.PENDING, C.SUCCEEDED}),
}
UNSENT = frozenset({C.PLANNED, C.UNKNOWN})  # to be sent (again) under the same key
UNANSWERED = frozenset({C.PLANNED, C.SENT, C.UNKNOWN})  # a refusal is believed
UNSETTLED_CALLS = frozenset({*UNANSWERED, C.PENDING})  # of these one at most exists per subject and kind
ORIGINS = frozenset({CallKind.AUTHORISE, CallKind.COLLECT})  # open the provider's page
TAKING = frozenset({CallKind.CAPTURE, CallKind.COLLECT})  # take the payer's money

REFUND: Mapping[RefundState, frozenset[RefundState]] = {
    R.REQUESTED: frozenset({R.PENDING, R.SUCCEEDED, R.FAILED}),
    R.PENDING: frozenset({R.SUCCEEDED, R.FAILED}),
    R.SUCCEEDED: frozenset({R.FAILED}),
    R.FAILED: frozenset({R.REQUESTED}),  # done after all, although the provider had refused
}


DISPUTE_STATES = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.CLOSED,
    "prevented": DisputeState.CLOSED,
    "appeal_needs_response": DisputeState.NEEDS_RESPONSE,
    "appeal_under_review": DisputeState.UNDER_REVIEW,
    "needs_response": DisputeState.NEEDS_RESPONSE,
    "under_review": DisputeState.UNDER_REVIEW,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
DISPUTE_ENDS = frozenset({DisputeState.WON, DisputeState.LOST, DisputeState.CLOSED})


class NoSuchStep(Exception):
    """A step that no table allows: a fault in our own code."""


class HasState(Protocol):
    """A row with a state: a payment, a tender, a call, a refund."""

    id: UUID
    state: str


S = TypeVar("S", bound=StrEnum)


def move(table: Mapping[S, frozenset[S]], row: HasState, to: S) -> S:
    """Set the row's state and give back the one before. The row is locked by the caller (its payment is).

    A step that the table does not hold is a fault (`NoSuchStep`).
    """
    kind = type(to)
    before = kind(row.state)
    if to not in table[before]:
        raise NoSuchStep(f"{type(row).__name__} {row.id}: {before} -> {to}")
    row.state = to
    return before
