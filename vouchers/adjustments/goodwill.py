"""Goodwill and corrections: value added at the issuer's own cost, and value taken off that should not have been there.

Both need two people (`approvals`). Postings: `docs/accounts.md`, 12. Decision 0308.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.languages import _, lazy
from money.amount import euro
from vouchers.adjustments import errors
from vouchers.approvals import funds, kinds, proposing
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft
from vouchers.stored_value import deductions, issuing
from vouchers.stored_value import errors as value_errors
from vouchers.stored_value.issuing import Funding
from vouchers.stored_value.models import Lot, Programme, Voucher
from vouchers.stored_value.states import SPENDABLE, LotKind

GOODWILL, REDUCTION = "goodwill", "reduction"
# Where a correction goes, by the kind of the lot. Loaded employer's value is not pulled back (it was wages).
CREDIT_ACCOUNTS = {"paid": "TB", "goodwill": "WK", "bonus": "CB"}


@dataclass(frozen=True)
class AdjustmentRequest:
    """What the first person proposes for a voucher. `key` is that of the form, so that it is proposed once."""

    voucher_id: UUID
    cents: int
    reason: str
    key: str | None = None


def propose(request: AdjustmentRequest, person_id: UUID) -> UUID:
    """Propose value at the issuer's cost (Dr WK, Cr VL). Refuses vouchers that take no load and impossible amounts."""
    voucher, programme = _voucher(request.voucher_id)
    if voucher.state not in SPENDABLE:
        raise value_errors.voucher_not_loadable()
    if not 1 <= request.cents <= programme.max_cents:
        raise value_errors.amount_outside_limits("amount")
    details = {"voucher": str(voucher.id)}
    return _propose(GOODWILL, programme, request, details, person_id)


def propose_reduction(request: AdjustmentRequest, lot_id: UUID, person_id: UUID) -> UUID:
    """Propose to take `cents` off one lot. Refuses more than is free there, and value that an employer has loaded."""
    voucher, programme = _voucher(request.voucher_id)
    lot = session.get(Lot, (voucher.id, lot_id), populate_existing=True)
    if lot is None:
        raise value_errors.lot_gone()
    if lot.kind not in CREDIT_ACCOUNTS:
        raise errors.not_reducible()
    if not 1 <= request.cents <= lot.balance - lot.held:
        raise errors.lot_insufficient()
    details = {"voucher": str(voucher.id), "lot": str(lot_id), "lot_kind": lot.kind}
    return _propose(REDUCTION, programme, request, details, person_id)


def _propose(
    kind: str, programme: Programme, request: AdjustmentRequest, details: dict[str, str], person_id: UUID
) -> UUID:
    draft = ProposalDraft(
        kind=kind,
        issuer_id=programme.issuer_id,
        programme_id=programme.id,
        reason=request.reason,
        cents=request.cents,
        details=dict(details),
        key=f"{kind}:{request.key}" if request.key else None,
    )
    return proposing.propose(draft, person_id)


def _voucher(voucher_id: UUID) -> tuple[Voucher, Programme]:
    voucher = session.get(Voucher, voucher_id, populate_existing=True)
    if voucher is None:
        raise value_errors.voucher_unknown()
    return voucher, session.get_one(Programme, voucher.programme_id)


def _load(proposal: Proposal) -> None:
    funds.require_own_funds(proposal.issuer_id, proposal.cents)
    issuing.load(
        UUID(proposal.details["voucher"]),
        proposal.cents,
        terms=issuing.LotTerms(kind="goodwill", origin_id=proposal.id, reason=proposal.reason[:200]),
        funding=Funding("WK"),
        actor_id=proposal.id,
        key=GOODWILL,
    )


def _reduce(proposal: Proposal) -> None:
    voucher_id, lot_id = UUID(proposal.details["voucher"]), UUID(proposal.details["lot"])
    lot = session.get_one(Lot, (voucher_id, lot_id), populate_existing=True)
    credit = Funding(CREDIT_ACCOUNTS[lot.kind], lot.origin_id if lot.kind == LotKind.BONUS else None)
    deductions.reduce(
        deductions.LotKey(voucher_id, lot_id),
        proposal.cents,
        actor_id=proposal.id,
        key=REDUCTION,
        credit=credit,
        reason=proposal.reason,
    )


def _describe(proposal: Proposal) -> kinds.Rows:
    voucher_id = UUID(proposal.details["voucher"])
    voucher = session.get_one(Voucher, voucher_id)
    balance = session.scalar(sa.select(sa.func.sum(Lot.balance)).where(Lot.voucher_id == voucher_id))
    return [
        (_("Gutschein"), _("endet auf %(last)s", last=voucher.last4)),
        (_("Darauf sind jetzt"), euro(int(balance or 0))),
    ]


KINDS = (
    ProposalKind(
        GOODWILL,
        lazy("Kulanz"),
        _load,
        _describe,
        lazy("Werbekosten des Herausgebers, gedeckt aus eigenem Geld im Topf"),
    ),
    ProposalKind(
        REDUCTION,
        lazy("Berichtigung nach unten"),
        _reduce,
        _describe,
        lazy("Der Betrag geht dorthin zurück, woher der Anteil kam"),
    ),
)
