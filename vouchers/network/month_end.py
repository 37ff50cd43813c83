"""Closing an issuer's month: one person proposes, somebody else of the issuer approves. Decision 0112."""

from datetime import date
from uuid import UUID

from foundation import audit
from foundation.languages import _, lazy, show_date
from money.ledger import periods
from vouchers.approvals import deciding, kinds, proposing
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft

KIND = "month_end"


def propose(issuer_id: UUID, *, last_day: date, person_id: UUID, reason: str) -> UUID:
    """Propose to close a month; gives the proposal's id. Refuses another month than the next, and unproven books."""
    periods.require_closable(issuer_id, last_day)
    details = {"last_day": last_day.isoformat()}
    return proposing.propose(ProposalDraft(kind=KIND, issuer_id=issuer_id, reason=reason, details=details), person_id)


def _act(proposal: Proposal) -> None:
    last_day = date.fromisoformat(proposal.details["last_day"])
    periods.close(
        proposal.issuer_id,
        last_day,
        proposed_by=proposal.proposed_by,
        approved_by=deciding.decider_of(proposal),
    )
    audit.record("period.closed", "organisation", proposal.issuer_id, last_day=last_day.isoformat())


def _describe(proposal: Proposal) -> kinds.Rows:
    return [(_("Abgeschlossen bis"), show_date(date.fromisoformat(proposal.details["last_day"])))]


KINDS = (ProposalKind(KIND, lazy("Monatsabschluss"), _act, _describe),)
