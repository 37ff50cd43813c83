"""Undoing: goodwill gives back what lapsed, as a new lot on the same voucher. The lapse itself stays in the books.

Decision 0308.
"""

from uuid import UUID

import sqlalchemy as sa

from foundation.database import lock_one, session
from foundation.languages import _, lazy
from vouchers.approvals import funds, kinds, proposing
from vouchers.approvals import queries as approvals
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft
from vouchers.lapsing import errors
from vouchers.lapsing.models import LapseItem, LapseRun
from vouchers.lapsing.states import LapseOutcome
from vouchers.stored_value import issuing
from vouchers.stored_value.issuing import Funding
from vouchers.stored_value.models import Programme, Voucher, VoucherOperation

KIND = "lapse_undo"
# The account that pays: the income that the lapse was; what was a present before costs as goodwill always does.
DEBIT_ACCOUNTS = {"paid": "BE", "employer": "BE", "bonus": "WK", "goodwill": "WK"}


def propose(run_id: UUID, voucher_id: UUID, lot_id: UUID, *, reason: str, person_id: UUID) -> UUID:
    """Propose to give back what lapsed of one lot. Refuses what did not lapse, what waits, and what was given back."""
    item = session.get(LapseItem, (run_id, voucher_id, lot_id), populate_existing=True)
    if item is None or item.outcome != LapseOutcome.LAPSED:
        raise errors.not_lapsed()
    _must_be_new(item)
    run = session.get_one(LapseRun, run_id)
    details = {"run": str(run_id), "voucher": str(voucher_id), "lot": str(lot_id)}
    if approvals.is_waiting(KIND, run.programme_id, details):
        raise errors.undo_waiting()
    draft = ProposalDraft(
        kind=KIND,
        issuer_id=run.programme.issuer_id,
        programme_id=run.programme_id,
        reason=reason,
        cents=item.lapsed_cents,
        details=dict(details),
    )
    return proposing.propose(draft, person_id)


def _key(item: LapseItem) -> str:
    return f"undo {item.voucher_id.hex[-12:]} {item.lot_id.hex}"


def _must_be_new(item: LapseItem) -> None:
    done = sa.select(VoucherOperation.id).where(
        VoucherOperation.actor_id == item.run_id, VoucherOperation.key == _key(item)
    )
    if session.scalar(done):
        raise errors.already_undone()


def _undo(proposal: Proposal) -> None:
    run_id, voucher_id, lot_id = (UUID(proposal.details[name]) for name in ("run", "voucher", "lot"))
    run = lock_one(LapseRun, run_id)
    item = session.get_one(LapseItem, (run_id, voucher_id, lot_id), populate_existing=True)
    if item.lapsed_cents != proposal.cents:
        raise errors.not_lapsed()
    _must_be_new(item)
    funds.require_own_funds(session.get_one(Programme, run.programme_id).issuer_id, proposal.cents)
    issuing.load(
        voucher_id,
        proposal.cents,
        terms=issuing.LotTerms(kind="goodwill", origin_id=proposal.id, reason=proposal.reason[:200]),
        funding=Funding(DEBIT_ACCOUNTS[run.kind]),
        actor_id=run_id,
        key=_key(item),
    )


def _describe(proposal: Proposal) -> kinds.Rows:
    voucher = session.get_one(Voucher, UUID(proposal.details["voucher"]))
    return [(_("Gutschein"), _("endet auf %(last)s", last=voucher.last4))]


KINDS = (
    ProposalKind(
        KIND,
        lazy("Verfall zurücknehmen"),
        _undo,
        _describe,
        lazy("Ertrag aus dem Verfall, gedeckt aus eigenem Geld im Topf"),
    ),
)
