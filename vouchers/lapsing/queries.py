"""What a run holds and how far it is. Nothing here changes anything. Decision 0308."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.languages import _, lazy
from vouchers.approvals.models import Proposal
from vouchers.approvals.states import ProposalState
from vouchers.lapsing import errors
from vouchers.lapsing.models import LapseItem, LapseRun
from vouchers.lapsing.states import LapseOutcome
from vouchers.stored_value.models import Programme, Voucher

MAX_ROWS_SHOWN = 50
LOT_KIND_NAMES = {
    "paid": lazy("bezahlt"),
    "bonus": lazy("Bonus"),
    "employer": lazy("vom Arbeitgeber"),
    "goodwill": lazy("Kulanz"),
}
SKIP_REASONS = {
    "voucher_nothing_left": lazy("nichts mehr darauf"),
    "voucher_ended": lazy("Gutschein hat sich erledigt"),
    "voucher_not_ended": lazy("gilt noch"),
    "more_than_approved": lazy("mehr darauf als freigegeben"),
    "lot_gone": lazy("Anteil ist umgezogen"),
}
CONTENT = sa.text(
    "SELECT count(*) AS number, coalesce(sum(cents), 0)::bigint AS cents, encode(sha256(convert_to(coalesce("
    " string_agg(voucher_id || ' ' || lot_id || ' ' || cents, ',' ORDER BY voucher_id, lot_id), ''), 'UTF8')), 'hex')"
    " AS digest FROM lapse_item WHERE run_id = :run"
)


@dataclass(frozen=True)
class LapseProgress:
    """How far a run is: numbers of lots, and cents."""

    number: int
    done: int
    cents: int
    lapsed: int
    skipped: int

    @property
    def skipped_cents(self) -> int:
        """What was recorded and did not lapse, once all is done."""
        return self.cents - self.lapsed


def summarise_content(run_id: UUID) -> tuple[int, int, str]:
    """Count the lots of a run, sum up their cents, and hash exactly which they are."""
    row = session.execute(CONTENT, {"run": run_id}).one()
    return int(row.number), int(row.cents), str(row.digest)


def load_progress(run_id: UUID) -> LapseProgress:
    """Load how far a run is."""
    over = LapseItem.outcome != LapseOutcome.OPEN
    row = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count().filter(over),
            sa.func.coalesce(sa.func.sum(LapseItem.cents), 0),
            sa.func.coalesce(sa.func.sum(LapseItem.lapsed_cents), 0),
            sa.func.count().filter(LapseItem.outcome == LapseOutcome.SKIPPED),
        ).where(LapseItem.run_id == run_id)
    ).one()
    return LapseProgress(*(int(value) for value in row))


def sum_by_year(run_id: UUID) -> list[tuple[int, int, int]]:
    """Sum up the recorded lots by year of issue: (year, lots, cents)."""
    year = sa.extract("year", LapseItem.issued_on)
    query = sa.select(year, sa.func.count(), sa.func.sum(LapseItem.cents)).where(LapseItem.run_id == run_id)
    return [(int(a), int(b), int(c)) for a, b, c in session.execute(query.group_by(year).order_by(year))]


def load_proposal(run: LapseRun) -> Proposal:
    """Load the proposal of a run, as it is now."""
    query = sa.select(Proposal).where(Proposal.key == run.key).execution_options(populate_existing=True)
    return session.scalars(query).unique().one()


def _with_proposal() -> sa.Select[UUID]:
    key = sa.func.concat("lapse:", sa.cast(LapseRun.id, sa.Text))
    return sa.select(LapseRun.id).join(Proposal, Proposal.key == key)


def list_open_runs(programme_id: UUID, kind: str) -> list[UUID]:
    """List the runs that wait for a decision or are under way."""
    query = _with_proposal().where(LapseRun.programme_id == programme_id, LapseRun.kind == kind)
    return list(session.scalars(query.where(Proposal.state.in_((ProposalState.PROPOSED, ProposalState.APPROVED)))))


def list_approved_runs() -> list[UUID]:
    """List the runs that are under way."""
    return list(
        session.scalars(
            _with_proposal().where(Proposal.state == ProposalState.APPROVED, LapseRun.finished_at.is_(None))
        )
    )


def list_runs(issuer_ids: Iterable[UUID]) -> list[tuple[LapseRun, Proposal, LapseProgress]]:
    """List the runs of these issuers, the newest first."""
    query = (
        sa.select(LapseRun)
        .join(Programme, Programme.id == LapseRun.programme_id)
        .where(Programme.issuer_id.in_(list(issuer_ids)))
        .order_by(LapseRun.created_at.desc())
        .limit(MAX_ROWS_SHOWN)
    )
    return [(run, load_proposal(run), load_progress(run.id)) for run in session.scalars(query).unique()]


def load_run(run_id: UUID, issuer_ids: Iterable[UUID]) -> LapseRun:
    """Load one run. Refuses (`NotFound`) those of other issuers."""
    found = session.get(LapseRun, run_id, populate_existing=True)
    if found is None or found.programme.issuer_id not in set(issuer_ids):
        raise errors.run_unknown()
    return found


def list_items(
    run_id: UUID, *, outcome: LapseOutcome | None = None, limit: int = MAX_ROWS_SHOWN
) -> list[tuple[LapseItem, str]]:
    """List lots of a run with the last four symbols of their vouchers, the largest first."""
    query = sa.select(LapseItem, Voucher.last4).join(Voucher, Voucher.id == LapseItem.voucher_id)
    query = query.where(LapseItem.run_id == run_id)
    if outcome:
        query = query.where(LapseItem.outcome == outcome)
    query = query.order_by(LapseItem.cents.desc(), LapseItem.voucher_id, LapseItem.lot_id).limit(limit)
    return [(row[0], row[1]) for row in session.execute(query)]


def stream_items(run_id: UUID) -> Iterator[LapseItem]:
    """Stream all lots of a run, for its document."""
    query = sa.select(LapseItem).where(LapseItem.run_id == run_id).order_by(LapseItem.voucher_id, LapseItem.lot_id)
    yield from session.scalars(query.execution_options(yield_per=500))


def list_lapsed_of_voucher(voucher_id: UUID) -> list[LapseItem]:
    """List what lapsed of a voucher, the newest first."""
    query = sa.select(LapseItem).where(LapseItem.voucher_id == voucher_id, LapseItem.outcome == LapseOutcome.LAPSED)
    return list(session.scalars(query.order_by(LapseItem.decided_at.desc())))


def describe_skip(code: str) -> str:
    """Say why a lot was skipped, in the reader's language."""
    return str(SKIP_REASONS.get(code, _("ging nicht")))
