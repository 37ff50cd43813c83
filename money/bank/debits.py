"""What people say a debit was that nobody recognised: one proposes, another of them agrees, and then it is booked.

Money has left, so two people look at every such line. Decision 0209.
"""

from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session, uuid7
from money.bank import allocation, clearing, errors, reversing
from money.bank.models import BankAccount, BankAllocation, BankLine, BankReceipt, BankReturn, DebitProposal
from money.bank.states import AllocationPlace, DebitPlace, Direction


def propose(line_id: UUID, place: str, *, person_id: UUID, note: str) -> UUID:
    """Propose what a debit was. For a return or a credit taken back, the one that fits is meant.

    Refuses without a note, what is explained or proposed already, and a return or a credit that does not exist.
    """
    line = _lock_line(line_id)
    if place not in set(DebitPlace):
        raise errors.place_unknown()
    why = allocation.check_note(note)
    if len(why) < allocation.MIN_NOTE_CHARS:
        raise errors.note_missing()
    if allocation.count_unexplained_cents(line) <= 0:
        raise errors.nothing_left()
    open_one = sa.select(DebitProposal.id).where(DebitProposal.line_id == line.id, DebitProposal.decided_at.is_(None))
    if session.scalar(open_one):
        raise errors.proposal_open()
    owed = clearing.find_return(line) if place == DebitPlace.RETURN else None
    original = reversing.find_original_receipt(line) if place == DebitPlace.REVERSAL else None
    if (place == DebitPlace.RETURN and owed is None) or (place == DebitPlace.REVERSAL and original is None):
        raise errors.nothing_fits()
    made = DebitProposal(
        id=uuid7(),
        line_id=line.id,
        place=place,
        receipt_id=original.id if original else None,
        return_id=owed.id if owed else None,
        note=why,
        proposed_by=person_id,
    )
    session.add(made)
    session.flush()
    audit.record("bank.debit_proposed", "bank_line", line.id, place=place)
    return made.id


def decide(proposal_id: UUID, *, person_id: UUID, agreed: bool) -> None:
    """Agree, and book it; or decline, which who proposed may do as well. Refuses what is decided already."""
    found = session.get(DebitProposal, proposal_id)
    if found is None:
        raise errors.proposal_unknown()
    line = _lock_line(found.line_id)
    proposal = lock_one(DebitProposal, proposal_id)
    if proposal.decided_at:
        raise errors.proposal_unknown()
    if agreed and proposal.proposed_by == person_id:
        raise errors.own_proposal()
    proposal.decided_by, proposal.decided_at, proposal.agreed = person_id, now(), agreed
    session.flush()
    if agreed:
        _carry_out(proposal, line)
    audit.record("bank.debit_decided", "bank_line", line.id, place=proposal.place, agreed=agreed)


def _carry_out(proposal: DebitProposal, line: BankLine) -> None:
    by = (proposal.proposed_by, proposal.decided_by)
    assert by[1] is not None
    cents = allocation.count_unexplained_cents(line)
    if cents <= 0:
        raise errors.nothing_left()
    if proposal.return_id:
        if clearing.find_return(line) != session.get(BankReturn, proposal.return_id):
            raise errors.nothing_fits()
        clearing.explain_return(line, proposal.return_id, note=proposal.note, placed_by=by[0], approved_by=by[1])
    elif proposal.receipt_id:
        reversing.take_back(line, session.get_one(BankReceipt, proposal.receipt_id), (by[0], by[1]))
    else:
        row = BankAllocation(
            place=AllocationPlace(proposal.place), cents=cents, note=proposal.note, placed_by=by[0], approved_by=by[1]
        )
        if row.place == AllocationPlace.PROVIDER:
            row.payout_id = allocation.find_payout(line.account.organisation_id, -cents)
        allocation.add(row, line=line)


def _lock_line(line_id: UUID) -> BankLine:
    line = session.get(BankLine, line_id)
    if line is None or line.direction != Direction.DEBIT or not line.moves:
        raise errors.line_unknown()
    lock_one(BankAccount, line.account_id)
    return line
