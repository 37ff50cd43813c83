"""Why a till refused: in plain words for the holder, with where the voucher is good instead. The shop reads less.

Decision 0312.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from foundation.languages import _
from money.amount import euro
from people.models import Outlet
from vouchers.network import programmes
from vouchers.stored_value.holder_view import HolderView
from vouchers.stored_value.models import VoucherOperation
from vouchers.stored_value.states import OperationKind, Outcome
from vouchers.wallet import shop_finder

REFUSAL_AGE = timedelta(days=30)
MAX_REFUSALS = 5
MAX_NEAR_SHOPS = 3
REFUSED_KINDS = (OperationKind.REDEEM, OperationKind.HOLD)
PLACE_OUTCOMES = frozenset({Outcome.OUTSIDE_NETWORK, Outcome.OUTLET_SUSPENDED})


@dataclass(frozen=True)
class ExplainedRefusal:
    """One refusal: when and where, why, and shops near there that take the voucher."""

    at: datetime
    shop: str
    town: str
    why: str
    instead: list[Outlet]


def list_refusals(view: HolderView) -> list[ExplainedRefusal]:
    """List the last refusals of a month, the newest first; the same one said once."""
    query = (
        sa.select(VoucherOperation, Outlet)
        .outerjoin(Outlet, Outlet.id == VoucherOperation.outlet_id)
        .where(
            VoucherOperation.voucher_id == view.voucher_id,
            VoucherOperation.outcome != Outcome.DONE,
            VoucherOperation.kind.in_(REFUSED_KINDS),
            VoucherOperation.recorded_at > now() - REFUSAL_AGE,
        )
        .order_by(VoucherOperation.recorded_at.desc())
        .limit(50)
    )
    found: list[ExplainedRefusal] = []
    said: set[tuple[UUID | None, str]] = set()
    for operation, outlet in session.execute(query):
        if (operation.outlet_id, operation.outcome) in said or len(found) == MAX_REFUSALS:
            continue
        said.add((operation.outlet_id, operation.outcome))
        found.append(_explain(view, operation, outlet))
    return found


def describe_areas(view: HolderView) -> list[str]:
    """Describe each part of the value that is good in some postcode areas only, a sentence each."""
    return [
        _(
            "%(part)s %(amount)s: gilt nur in Postleitzahlgebieten %(areas)s.",
            part=lot.name[:1].upper() + lot.name[1:],
            amount=euro(lot.balance_cents),
            areas=", ".join(sorted(lot.postcode_areas)),
        )
        for lot in view.lots
        if lot.postcode_areas
    ]


def _explain(view: HolderView, operation: VoucherOperation, outlet: Outlet | None) -> ExplainedRefusal:
    outside = outlet is not None and bool(_find_barred_areas(view, outlet))
    elsewhere = operation.outcome in PLACE_OUTCOMES or (operation.outcome == Outcome.INSUFFICIENT and outside)
    near = (
        shop_finder.list_nearest(view.programme.id, outlet, MAX_NEAR_SHOPS, areas=_find_barred_areas(view, outlet))
        if outlet and elsewhere
        else []
    )
    return ExplainedRefusal(
        operation.recorded_at,
        outlet.name if outlet else _("im Netz"),
        outlet.municipality.name if outlet else "",
        _explain_outcome(view, operation, outlet),
        near,
    )


def _find_barred_areas(view: HolderView, outlet: Outlet | None) -> list[str]:
    """Find the postcode areas of those parts of the value that may not be spent in this shop."""
    barred: set[str] = set()
    for lot in view.lots:
        if outlet and lot.postcode_areas and outlet.postcode[:2] not in lot.postcode_areas:
            barred |= set(lot.postcode_areas)
    return sorted(barred)


def _explain_outcome(view: HolderView, operation: VoucherOperation, outlet: Outlet | None) -> str:
    if operation.outcome == Outcome.INSUFFICIENT:
        return _explain_shortage(view, operation, outlet)
    if operation.outcome == Outcome.OUTSIDE_NETWORK:
        return _("Dieses Geschäft nimmt den Gutschein nicht an.") + " " + programmes.describe_reach(view.programme)
    sentences: dict[str, str] = {
        Outcome.BLOCKED: _("Der Gutschein war gesperrt oder galt nicht mehr."),
        Outcome.OUTLET_SUSPENDED: _(
            "Dieses Geschäft kann zurzeit keine Gutscheine einlösen. An Ihrem Gutschein liegt es nicht."
        ),
        Outcome.VELOCITY_VOUCHER: _(
            "Der Gutschein wurde in kurzer Zeit sehr oft benutzt. Zu Ihrem Schutz ging er zehn Minuten lang nicht."
        ),
    }
    return sentences.get(operation.outcome, _("Die Kasse konnte den Gutschein nicht einlösen. Abgebucht wurde nichts."))


def _explain_shortage(view: HolderView, operation: VoucherOperation, outlet: Outlet | None) -> str:
    left = (operation.answer or {}).get("remaining_cents", 0)
    asked = _(
        "Verlangt waren %(wanted)s, einlösbar waren dort %(left)s.", wanted=euro(operation.cents), left=euro(int(left))
    )
    barred = _find_barred_areas(view, outlet)
    if not barred:
        return asked
    return f"{asked} " + _(
        "Ein Teil Ihres Guthabens gilt nur in Postleitzahlgebieten %(areas)s.", areas=", ".join(barred)
    )
