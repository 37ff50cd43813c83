"""Disputes and returned debits at Stripe, as they are now. Raises nothing for an outcome.

Every function makes network calls and belongs outside transactions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from money.stripe import gateway
from money.stripe.gateway import CallResult, ResultKind

REFUND_PARTS = ("balance_transaction", "failure_balance_transaction")


@dataclass(frozen=True)
class BalanceMove:
    """One movement of money that a dispute caused: cents as the provider signs them, and what it charged for it."""

    ref: str
    cents: int
    fee_cents: int


@dataclass(frozen=True)
class DisputeView:
    """A dispute as the provider shows it; a debit that came back is one, too. `due_at`: until when evidence counts."""

    ref: str
    intent_id: str | None
    cents: int
    status: str
    reason: str
    reason_code: str
    due_at: datetime | None
    moves: tuple[BalanceMove, ...]


@dataclass(frozen=True)
class DisputeResult:
    """What looking gave: the dispute, or why it shows nothing (`code`)."""

    kind: ResultKind
    found: DisputeView | None = None
    code: str = ""


def look_dispute(dispute_id: str) -> DisputeResult:
    """Look at a dispute or returned debit with its movements of money."""
    return _answer(lambda v1: _read(v1.disputes.retrieve(dispute_id)))


def look_refund(refund_id: str) -> DisputeResult:
    """Look at a refund that was not ours, as money that was taken back; one that failed has brought it back."""
    return _answer(lambda v1: _read_refund(v1.refunds.retrieve(refund_id, {"expand": list(REFUND_PARTS)})))


def list_disputes(since: datetime, until: datetime) -> list[DisputeView] | CallResult:
    """List the disputes and returned debits of our account that were opened in a span of time, page by page."""
    params: Any = {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}, "limit": 100}
    return gateway.ask(lambda v1: [_read(each) for each in v1.disputes.list(params).auto_paging_iter()])


def _answer(question: Callable[[Any], DisputeView]) -> DisputeResult:
    found = gateway.ask(question)
    if isinstance(found, CallResult):
        return DisputeResult(found.kind, code=found.code)
    return DisputeResult(ResultKind.FOUND, found)


def _read_refund(refund: Any) -> DisputeView:
    shown = [getattr(refund, part, None) for part in REFUND_PARTS]
    moves = tuple(BalanceMove(move.id, move.amount, move.fee) for move in shown if move is not None)
    intent = gateway.read_id(refund.payment_intent)
    return DisputeView(refund.id, intent, refund.amount, "warning_closed", refund.reason or "", "", None, moves)


def _read(dispute: Any) -> DisputeView:
    due = getattr(getattr(dispute, "evidence_details", None), "due_by", None)
    details = getattr(dispute, "payment_method_details", None)
    card = getattr(details, "card", None)
    return DisputeView(
        ref=dispute.id,
        intent_id=gateway.read_id(dispute.payment_intent),
        cents=dispute.amount,
        status=dispute.status,
        reason=dispute.reason or "",
        reason_code=getattr(card, "network_reason_code", None) or "",
        due_at=datetime.fromtimestamp(due, UTC) if due else None,
        moves=tuple(BalanceMove(move.id, move.amount, move.fee) for move in dispute.balance_transactions or ()),
    )
