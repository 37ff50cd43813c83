"""The worklist of the provider: what was taken back, what is claimed, refunds that failed, and open cases."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from money.payments import cases, claims, fetching, line_booking, losing, payables, refund_ends, reports
from money.payments.case_models import ClaimProposal, Dispute, ProviderCase
from money.payments.models import ClaimMove, Payment, PaymentLoss, Refund
from money.payments.payables import Rail
from money.payments.statement_models import LineProposal, ProviderLine, ProviderReport
from money.payments.states import CaseKind, ClaimKind
from people.models import Organisation

MAX_ROWS_SHOWN = 100


@dataclass(frozen=True)
class OpenDispute:
    """A dispute that is not decided, with what we hold for the answer, a sentence each."""

    dispute: Dispute
    payment: Payment
    evidence: list[str]


@dataclass(frozen=True)
class OpenRefund:
    """A refund that failed and waits. `can_be_transferred`: the money is one issuer's, so that its bank can send it."""

    refund: Refund
    payment: Payment
    can_be_transferred: bool


@dataclass(frozen=True)
class OpenClaim:
    """What a payer still owes, in cents, and the proposal to give it up."""

    loss: PaymentLoss
    payment: Payment
    cents: int
    proposal: ClaimProposal | None


@dataclass(frozen=True)
class OpenLine:
    """A line of the provider's statement that no entry stands for, and what somebody proposes that it was."""

    case: ProviderCase
    line: ProviderLine
    proposal: LineProposal | None
    ledger: Organisation | None  # in whose books, as proposed


@dataclass(frozen=True)
class StatementView:
    """Books and provider beside each other, and what explains the difference."""

    report: ProviderReport
    differs_since: datetime | None
    lines: list[OpenLine]
    missing: list[ProviderCase]
    ledger_choices: list[tuple[str, str]]
    complete_until: datetime | None
    is_overdue: bool


def load_statement(issuers: set[UUID] | None) -> StatementView | None:
    """Load how books and provider compare; it is one account for all issuers, so that only the operator sees it."""
    report = reports.find_last() if issuers is None else None
    if report is None:
        return None
    return StatementView(
        report,
        reports.find_differing_since(),
        _list_lines(),
        [case for case in cases.list_open() if case.kind == CaseKind.MISSING_LINE],
        [(str(each.id), each.name) for each in line_booking.list_ledgers()],
        fetching.find_complete_until(),
        fetching.is_overdue(),
    )


def _list_lines() -> list[OpenLine]:
    query = (
        sa.select(ProviderCase, ProviderLine)
        .join(ProviderLine, ProviderLine.provider_ref == ProviderCase.provider_ref)
        .where(ProviderCase.kind == CaseKind.UNBOOKED_LINE, ProviderCase.closed_at.is_(None))
        .order_by(ProviderLine.created_at, ProviderLine.id)
        .limit(MAX_ROWS_SHOWN)
    )
    found = []
    for case, line in session.execute(query):
        proposal = line_booking.find_proposal(line.id)
        ledger = session.get(Organisation, proposal.ledger_id) if proposal else None
        found.append(OpenLine(case, line, proposal, ledger))
    return found


def list_disputes(issuers: set[UUID] | None) -> list[OpenDispute]:
    """List the disputes that are not decided, the next deadline first. `issuers`: whose; None for all."""
    query = (
        sa.select(Dispute, Payment)
        .join(Payment, Payment.id == Dispute.payment_id)
        .where(Dispute.closed_at.is_(None), _is_of(issuers))
        .order_by(Dispute.due_at.nulls_last(), Dispute.opened_at)
        .limit(MAX_ROWS_SHOWN)
    )
    return [
        OpenDispute(dispute, payment, payables.of(payment.kind).list_evidence(payment.ref_id))
        for dispute, payment in session.execute(query)
    ]


def list_refunds(issuers: set[UUID] | None) -> list[OpenRefund]:
    """List the refunds that failed and wait for a decision, the oldest first."""
    found = [(refund, session.get_one(Payment, refund.payment_id)) for refund in refund_ends.list_open()]
    return [
        OpenRefund(refund, payment, payment.rail == Rail.ISSUER and len(_list_issuers(refund, payment)) == 1)
        for refund, payment in found
        if issuers is None or payment.ledger_id in issuers
    ]


def list_claims(issuers: set[UUID] | None) -> list[OpenClaim]:
    """List what payers owe after a loss, the oldest first."""
    open_cents = sa.func.sum(sa.case((ClaimMove.kind == ClaimKind.RAISED, ClaimMove.cents), else_=-ClaimMove.cents))
    query = (
        sa.select(PaymentLoss, Payment)
        .join(Payment, Payment.id == PaymentLoss.payment_id)
        .join(ClaimMove, sa.and_(ClaimMove.loss_id == PaymentLoss.id, ClaimMove.kind != ClaimKind.RECOVERED))
        .where(_is_of(issuers))
        .group_by(PaymentLoss.id, Payment.id)
        .having(open_cents > 0)
        .order_by(PaymentLoss.id)
        .limit(MAX_ROWS_SHOWN)
    )
    return [
        OpenClaim(loss, payment, losing.sum_claims(loss.id)[0], claims.find_open(loss.id))
        for loss, payment in session.execute(query)
    ]


def list_cases(issuers: set[UUID] | None) -> list[ProviderCase]:
    """List the open cases; they belong to no issuer, so that only the operator sees them.

    What the statement's view shows is not among them.
    """
    found = cases.list_open() if issuers is None else []
    return [case for case in found if case.kind not in cases.SELF_CLOSING]


def is_refund_of(refund_id: UUID, issuers: set[UUID] | None) -> bool:
    """Whether a refund is one that people of these issuers may decide about."""
    refund = session.get(Refund, refund_id)
    return refund is not None and _is_within(refund.payment_id, issuers)


def is_loss_of(loss_id: UUID, issuers: set[UUID] | None) -> bool:
    """Whether a loss is one that people of these issuers may decide about."""
    loss = session.get(PaymentLoss, loss_id)
    return loss is not None and _is_within(loss.payment_id, issuers)


def _is_within(payment_id: UUID, issuers: set[UUID] | None) -> bool:
    return issuers is None or session.get_one(Payment, payment_id).ledger_id in issuers


def _is_of(issuers: set[UUID] | None) -> sa.ColumnElement[bool]:
    return sa.true() if issuers is None else Payment.ledger_id.in_(issuers)


def _list_issuers(refund: Refund, payment: Payment) -> set[UUID]:
    return {share.organisation_id for share in payment.shares if str(share.ref_id) in refund.split}
