"""Runs of lapse: recorded, proposed, approved by a second person, carried out in batches by a job.

§§ 195, 199 BGB. Decision 0308.
"""

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from foundation import clock
from foundation.database import lock_name, lock_one, session, transact, uuid7
from foundation.errors import DomainError
from foundation.jobs import enqueue, job
from foundation.languages import _, lazy, show_date
from money.amount import euro
from vouchers.approvals import deciding, kinds, proposing
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft
from vouchers.approvals.states import ProposalState
from vouchers.lapsing import errors, queries
from vouchers.lapsing.models import LapseItem, LapseRun
from vouchers.lapsing.states import LapseOutcome
from vouchers.stored_value import deductions
from vouchers.stored_value import errors as value_errors
from vouchers.stored_value.issuing import Funding
from vouchers.stored_value.models import Lot, Programme
from vouchers.stored_value.states import LotKind

KIND = "lapse"
BATCH_SIZE = 100
MAX_LOTS = 200_000
# The account to which lapsed value goes. Bonus goes back to its campaign, goodwill lowers what it had cost.
CREDIT_ACCOUNTS = {"paid": "BE", "employer": "BE", "bonus": "CB", "goodwill": "WK"}
# A blocked voucher is disputed or lost: it lapses after that is settled, not before.
COLLECT_LOTS = sa.text(
    "INSERT INTO lapse_item (run_id, voucher_id, lot_id, cents, issued_on, legal_end, outcome, reason, lapsed_cents)"
    " SELECT :run, l.voucher_id, l.id, l.balance - l.held, l.issued_on, l.legal_end, 'open', '', 0"
    "   FROM lot l JOIN voucher v ON v.id = l.voucher_id"
    "  WHERE v.programme_id = :programme AND v.state IN ('active', 'exhausted', 'withdrawn') AND l.kind = :kind"
    "    AND l.legal_end <= :cutoff AND l.balance > l.held"
    "  ORDER BY l.voucher_id, l.id LIMIT :maximum"
)


def propose(programme_id: UUID, kind: str, cutoff: date, *, reason: str, person_id: UUID) -> UUID:
    """Record what would lapse and propose it; return the run. At most 200,000 lots at once, the rest next time.

    Refuses a day that has not passed (paid value lasts until 31 December of the third year, 24:00 in Berlin), a second
    run of the same kind while one is open, and a run of nothing.
    """
    programme = session.get(Programme, programme_id)
    if programme is None or kind not in set(LotKind):
        raise value_errors.programme_unknown()
    if cutoff >= clock.today():
        raise errors.cutoff_not_passed()
    lock_name(f"lapse {programme_id}{kind}")
    if queries.list_open_runs(programme_id, kind):
        raise errors.run_open()
    run = LapseRun(id=uuid7(), programme_id=programme_id, kind=kind, cutoff=cutoff)
    session.add(run)
    session.flush()
    session.execute(
        COLLECT_LOTS, {"run": run.id, "programme": programme_id, "kind": kind, "cutoff": cutoff, "maximum": MAX_LOTS}
    )
    number, cents, digest = queries.summarise_content(run.id)
    if not number:
        raise errors.nothing_to_lapse()
    draft = ProposalDraft(
        kind=KIND,
        issuer_id=programme.issuer_id,
        programme_id=programme_id,
        reason=reason,
        cents=cents,
        details={"run": str(run.id), "lot_kind": kind, "until": cutoff.isoformat(), "lots": number, "digest": digest},
        key=run.key,
    )
    proposing.propose(draft, person_id)
    return run.id


def _begin(proposal: Proposal) -> None:
    run_id = UUID(proposal.details["run"])
    number, cents, digest = queries.summarise_content(run_id)
    if (number, cents, digest) != (proposal.details["lots"], proposal.cents, proposal.details["digest"]):
        raise errors.run_changed()
    enqueue(carry_out, lock=proposal.key, run_id=str(run_id))


@job("vouchers.lapse_run", transaction=False)
def carry_out(run_id: str) -> None:
    """Let the approved lots lapse, a hundred at a time. A second run goes on where the first one stopped."""
    while transact(_lapse_batch, UUID(run_id)):
        pass
    transact(_finish, UUID(run_id))


@job("vouchers.lapse_left_runs", every="*/15 * * * *")
def requeue_runs() -> None:
    """Queue again what was approved and is not finished: a job may have been given up."""
    for run_id in queries.list_approved_runs():
        enqueue(carry_out, lock=f"lapse:{run_id}", run_id=str(run_id))


def _lapse_batch(run_id: UUID) -> int:
    run = lock_one(LapseRun, run_id)
    if queries.load_proposal(run).state != ProposalState.APPROVED:
        return 0
    query = (
        sa.select(LapseItem)
        .where(LapseItem.run_id == run_id, LapseItem.outcome == LapseOutcome.OPEN)
        .order_by(LapseItem.voucher_id, LapseItem.lot_id)
        .limit(BATCH_SIZE)
    )
    items = list(session.scalars(query.execution_options(populate_existing=True)))
    for item in items:
        _lapse(run, item)
    session.flush()
    return len(items)


def _lapse(run: LapseRun, item: LapseItem) -> None:
    item.decided_at = clock.now()
    try:
        with session.begin_nested():
            cents = _take(run, item)
    except DomainError as error:
        item.outcome, item.reason = LapseOutcome.SKIPPED, error.code
        return
    item.outcome, item.lapsed_cents = LapseOutcome.LAPSED, cents


def _take(run: LapseRun, item: LapseItem) -> int:
    lot = session.get(Lot, (item.voucher_id, item.lot_id), populate_existing=True)
    if lot is None:
        raise value_errors.lot_gone()
    credit = Funding(CREDIT_ACCOUNTS[run.kind], lot.origin_id if run.kind == LotKind.BONUS else None)
    cents = deductions.lapse(
        deductions.LotKey(item.voucher_id, item.lot_id),
        actor_id=run.id,
        key=f"{item.voucher_id.hex}{item.lot_id.hex}",
        credit=credit,
        reason=f"lapse run {run.id}",
    )
    if cents > item.cents:  # goods came back meanwhile: two people did not agree to so much
        raise errors.more_than_approved()
    return cents


def _finish(run_id: UUID) -> None:
    run = lock_one(LapseRun, run_id)
    proposal = queries.load_proposal(run)
    if proposal.state == ProposalState.APPROVED and run.finished_at is None:
        run.finished_at = clock.now()
        deciding.finish(proposal.id)


def _describe(proposal: Proposal) -> kinds.Rows:
    run_id = UUID(proposal.details["run"])
    years = [f"{year}: {euro(cents)} ({number})" for year, number, cents in queries.sum_by_year(run_id)]
    return [
        (_("Art des Guthabens"), str(queries.LOT_KIND_NAMES[proposal.details["lot_kind"]])),
        (_("Geendet bis"), show_date(date.fromisoformat(proposal.details["until"]))),
        (_("Anteile"), str(proposal.details["lots"])),
        (_("Nach Jahr der Ausgabe"), "; ".join(years)),
    ]


KINDS = (
    ProposalKind(
        KIND,
        lazy("Verfall"),
        _begin,
        _describe,
        lazy("Verbindlichkeit wird Ertrag; Bonus geht ins Budget"),
        carried_out_later=True,
    ),
)
