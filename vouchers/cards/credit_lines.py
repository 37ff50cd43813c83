"""Credit lines of counters: proposed, approved by another person, bounded by the issuer's own money. Decision 0315."""

from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.database import lock, session
from foundation.languages import _, lazy
from money.amount import euro
from money.ledger import balances, cover
from vouchers.approvals import funds, kinds, proposing
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft
from vouchers.cards import errors
from vouchers.cards.models import Counter

MAX_CREDIT_LINE_CENTS = 100_000_00
PROPOSAL_KIND = "counter.credit_line"


def propose_credit_line(counter_id: UUID, cents: int, *, person_id: UUID, reason: str, key: str) -> UUID:
    """Propose another credit line: a second person must approve it, because vouchers come into being within it."""
    counter = session.get(Counter, counter_id)
    if counter is None:
        raise errors.counter_unknown()
    if not 0 <= cents <= MAX_CREDIT_LINE_CENTS:
        raise errors.credit_line_outside_range(MAX_CREDIT_LINE_CENTS)
    draft = ProposalDraft(
        kind=PROPOSAL_KIND,
        issuer_id=counter.issuer_id,
        reason=reason,
        cents=cents,
        details={"counter": str(counter_id), "name": counter.name},
        key=key,
    )
    return proposing.propose(draft, person_id)


def set_credit_line(counter_id: UUID, cents: int) -> None:
    """Set the credit line. Refuses more than own funds in the pool can stand for (`line_not_covered`).

    What counters sell lies in their drawers until they pay, while the vouchers are owed at once: the issuer's own money
    in the trust account must cover all open and all still possible sales of all its counters (invariant I-1).
    """
    counter = session.get_one(Counter, counter_id)
    funds.lock_own_funds(counter.issuer_id)
    counters = lock(Counter, session.scalars(sa.select(Counter.id).where(Counter.issuer_id == counter.issuer_id)))
    others = sum(c.free_cents for c in counters if c.id != counter_id)
    free = _find_own_funds(counter.issuer_id) - others
    if cents > counter.credit_line_cents and max(0, cents - counter.open_cents) > free:
        raise errors.credit_line_not_covered(max(0, free))
    audit.record("counter.line", "counter", counter.id, cents=cents, before=counter.credit_line_cents)
    counter.credit_line_cents = cents


def _find_own_funds(issuer_id: UUID) -> int:
    """Find what lies in the pool beyond all debts; before the first voucher all of it is own money."""
    found = cover.compute_cover(issuer_id)
    if found.owed_cents:
        return found.free_cents
    return sum(balances.load_balance(issuer_id, account) for account in ("TB", "PSP", "GT"))


def _carry_out(proposal: Proposal) -> None:
    set_credit_line(UUID(proposal.details["counter"]), proposal.cents)


def _describe(proposal: Proposal) -> list[tuple[str, str]]:
    return [(_("Verkaufsstelle"), str(proposal.details["name"])), (_("Neuer Rahmen"), euro(proposal.cents))]


def _sum_promised(issuer_id: UUID) -> int:
    """Sum up what the issuer's counters may still sell before they pay: own funds stand for it."""
    counters = session.scalars(
        sa.select(Counter).where(Counter.issuer_id == issuer_id).execution_options(populate_existing=True)
    )
    return sum(counter.free_cents for counter in counters)


def plug() -> None:
    """Register the kind of proposal, and what own funds stand for."""
    funds.reserved["counters"] = _sum_promised
    kinds.register(ProposalKind(PROPOSAL_KIND, lazy("Rahmen einer Verkaufsstelle"), _carry_out, _describe))
