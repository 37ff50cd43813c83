"""Lines of the provider's statement that no payment explains: booked by rule, else as two people say. Decision 0212.

By rule: a small fee, and a payout, where one issuer alone has money at the provider; what comes back of a payout goes
where it came from. Everything else is a case until somebody proposes what it was and another person agrees.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session, uuid7
from money.ledger import journal
from money.payments import errors
from money.payments.statement_models import LineBooking, LineProposal, ProviderLine
from money.payments.states import LineKind
from people.models import Organisation, OrganisationKind

MAX_RULE_FEE_CENTS = 500_00
MIN_REASON_CHARS, MAX_REASON_CHARS = 3, 500
FEES = frozenset({"fee", "network_cost", "tax"})  # the provider's reporting categories
PAYOUTS = frozenset({"payout", "payout_reversal", "topup", "topup_reversal"})
POSTINGS = {
    LineKind.FEE: "provider_line_fee",
    LineKind.PAYOUT: "provider_line_payout",
    LineKind.PAYER: "provider_line_payer",
}
HOLDERS = sa.text(
    "SELECT ledger_id, sum(debit_cents - credit_cents)::bigint FROM balance_part WHERE account = 'PSP'"
    " GROUP BY ledger_id HAVING sum(debit_cents - credit_cents) <> 0"
)


@dataclass(frozen=True)
class LineDecision:
    """What a line was: the kind, and in whose books it belongs."""

    kind: LineKind
    ledger_id: UUID


def find_by_rule(line: ProviderLine) -> LineDecision | None:
    """Find what a line is by rule; None for people."""
    if line.category in PAYOUTS:
        earlier = _find_earlier(line, LineKind.PAYOUT)
        ledger_id = earlier.ledger_id if earlier else _find_holder(-line.net_cents)
        return LineDecision(LineKind.PAYOUT, ledger_id) if ledger_id else None
    if line.category in FEES and abs(line.net_cents) <= MAX_RULE_FEE_CENTS:
        ledger_id = _find_holder(0)
        return LineDecision(LineKind.FEE, ledger_id) if ledger_id else None
    return None


def book(line: ProviderLine, decision: LineDecision, proposal_id: UUID | None = None) -> bool:
    """Write down what a line was and book it, once. False when it was booked before."""
    values = {
        "id": uuid7(),
        "line_id": line.id,
        "kind": decision.kind,
        "ledger_id": decision.ledger_id,
        "party_id": _find_party(line, decision.kind),
        "proposal_id": proposal_id,
        "recorded_at": now(),
    }
    added = insert(LineBooking).values(values).on_conflict_do_nothing(index_elements=["line_id"])
    made = session.scalar(added.returning(LineBooking.id))
    if made is None:
        return False
    journal.post(POSTINGS[decision.kind], made)
    audit.record("payments.line_booked", "provider_line", line.id, kind=decision.kind, cents=line.net_cents)
    return True


def propose(line_ref: str, decision: LineDecision, reason: str, *, person_id: UUID) -> UUID:
    """Propose what a line was. `reason`: 3 to 500 characters.

    Refuses a line that is booked or proposed already, books that are no issuer's, and an empty reason.
    """
    text = " ".join(reason.split())
    if not MIN_REASON_CHARS <= len(text) <= MAX_REASON_CHARS:
        raise errors.line_reason_missing()
    line = _find_open(line_ref)
    owner = session.get(Organisation, decision.ledger_id)
    if owner is None or owner.kind not in {OrganisationKind.ISSUER, OrganisationKind.OPERATOR}:
        raise errors.line_ledger_missing()
    values = {"line_id": line.id, "kind": decision.kind, "ledger_id": decision.ledger_id, "reason": text}
    added = insert(LineProposal).values(id=uuid7(), proposed_by=person_id, proposed_at=now(), **values)
    made: UUID | None = session.scalar(added.on_conflict_do_nothing().returning(LineProposal.id))
    if made is None:
        raise errors.line_decided()
    audit.record("payments.line_proposed", "provider_line", line.id, kind=decision.kind, cents=line.net_cents)
    return made


def decide(proposal_id: UUID, *, approved: bool, person_id: UUID) -> None:
    """Agree to what another person proposed, so that it is booked, or decline it.

    Refuses a proposal that is decided, and the agreement of the person who made it.
    """
    found = session.get(LineProposal, proposal_id)
    if found is None:
        raise errors.case_unknown()
    line = session.get_one(ProviderLine, found.line_id)
    proposal = lock_one(LineProposal, proposal_id)
    if proposal.decided_at:
        raise errors.line_decided()
    proposal.decide(person_id, approved=approved)
    session.flush()
    if approved and not book(line, LineDecision(LineKind(proposal.kind), proposal.ledger_id), proposal.id):
        raise errors.line_decided()


def find_proposal(line_id: UUID) -> LineProposal | None:
    """Find what is proposed about a line and waits for another person."""
    query = sa.select(LineProposal).where(LineProposal.line_id == line_id, LineProposal.decided_at.is_(None))
    return session.scalars(query).one_or_none()


def list_ledgers() -> list[Organisation]:
    """List in whose books a line may belong, by name."""
    kinds = (OrganisationKind.ISSUER, OrganisationKind.OPERATOR)
    query = sa.select(Organisation).where(Organisation.kind.in_(kinds)).order_by(Organisation.name)
    return list(session.scalars(query))


def _find_open(line_ref: str) -> ProviderLine:
    """Find a line that is not booked. Nobody may change a line, so that it cannot be locked: its booking is unique."""
    line = session.scalars(sa.select(ProviderLine).where(ProviderLine.provider_ref == line_ref)).one_or_none()
    if line is None:
        raise errors.case_unknown()
    if session.scalar(sa.select(LineBooking.id).where(LineBooking.line_id == line.id)):
        raise errors.line_decided()
    return line


def _find_holder(cents: int) -> UUID | None:
    """Find the one ledger that has money at the provider, at least `cents`; None where it is not one alone."""
    rows = session.execute(HOLDERS).all()
    return rows[0][0] if len(rows) == 1 and rows[0][1] >= cents else None


def _find_earlier(line: ProviderLine, kind: LineKind) -> LineBooking | None:
    """Find the booking of an earlier line about the same thing."""
    same = ProviderLine.source_ref == line.source_ref
    if kind == LineKind.PAYER:
        same = ProviderLine.intent_ref == line.intent_ref
    query = sa.select(LineBooking).join(ProviderLine, ProviderLine.id == LineBooking.line_id)
    return session.scalars(query.where(same, LineBooking.kind == kind).order_by(LineBooking.id).limit(1)).first()


def _find_party(line: ProviderLine, kind: LineKind) -> UUID:
    earlier = _find_earlier(line, kind)
    return earlier.party_id if earlier else line.id
