"""Why a till refused: in plain words for the holder, with where the voucher is good instead. The shop reads less."""

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
from vouchers.wallet import finding

SINCE = timedelta(days=30)
MOST = 5
NEAREST = 3
ASKED = ("redeem", "hold")
BY_PLACE = frozenset({"outside_network", "outlet_suspended"})


@dataclass(frozen=True)
class Explained:
    """One refusal: when and where, why, and shops near there that take the voucher."""

    at: datetime
    shop: str
    town: str
    why: str
    instead: list[Outlet]


def refusals(held: HolderView) -> list[Explained]:
    """The last refusals of a month, the newest first; the same one said once."""
    query = (
        sa.select(VoucherOperation, Outlet)
        .outerjoin(Outlet, Outlet.id == VoucherOperation.outlet_id)
        .where(
            VoucherOperation.voucher_id == held.voucher_id,
            VoucherOperation.outcome != "done",
            VoucherOperation.kind.in_(ASKED),
            VoucherOperation.recorded_at > now() - SINCE,
        )
        .order_by(VoucherOperation.recorded_at.desc())
        .limit(50)
    )
    found: list[Explained] = []
    said: set[tuple[UUID | None, str]] = set()
    for operation, outlet in session.execute(query):
        if (operation.outlet_id, operation.outcome) in said or len(found) == MOST:
            continue
        said.add((operation.outlet_id, operation.outcome))
        found.append(_explained(held, operation, outlet))
    return found


def areas(held: HolderView) -> list[str]:
    """A sentence for each part of the value that is good in some postcode areas only."""
    return [
        _(
            "%(part)s %(amount)s: gilt nur in Postleitzahlgebieten %(areas)s.",
            part=lot.name[:1].upper() + lot.name[1:],
            amount=euro(lot.balance_cents),
            areas=", ".join(sorted(lot.postcode_areas)),
        )
        for lot in held.lots
        if lot.postcode_areas
    ]


def _explained(held: HolderView, operation: VoucherOperation, outlet: Outlet | None) -> Explained:
    outside = outlet is not None and bool(_barred(held, outlet))
    elsewhere = operation.outcome in BY_PLACE or (operation.outcome == "insufficient" and outside)
    near = (
        finding.nearest(held.programme.id, outlet, NEAREST, areas=_barred(held, outlet)) if outlet and elsewhere else []
    )
    return Explained(
        operation.recorded_at,
        outlet.name if outlet else _("im Netz"),
        outlet.municipality.name if outlet else "",
        _why(held, operation, outlet),
        near,
    )


def _barred(held: HolderView, outlet: Outlet | None) -> list[str]:
    """The postcode areas of those parts of the value that may not be spent in this shop."""
    barred: set[str] = set()
    for lot in held.lots:
        if outlet and lot.postcode_areas and outlet.postcode[:2] not in lot.postcode_areas:
            barred |= set(lot.postcode_areas)
    return sorted(barred)


def _why(held: HolderView, operation: VoucherOperation, outlet: Outlet | None) -> str:
    if operation.outcome == "insufficient":
        return _short(held, operation, outlet)
    if operation.outcome == "outside_network":
        return _("Dieses Geschäft nimmt den Gutschein nicht an.") + " " + programmes.describe_reach(held.programme)
    sentences = {
        "blocked": _("Der Gutschein war gesperrt oder galt nicht mehr."),
        "outlet_suspended": _(
            "Dieses Geschäft kann zurzeit keine Gutscheine einlösen. An Ihrem Gutschein liegt es nicht."
        ),
        "velocity_voucher": _(
            "Der Gutschein wurde in kurzer Zeit sehr oft benutzt. Zu Ihrem Schutz ging er zehn Minuten lang nicht."
        ),
    }
    return sentences.get(operation.outcome, _("Die Kasse konnte den Gutschein nicht einlösen. Abgebucht wurde nichts."))


def _short(held: HolderView, operation: VoucherOperation, outlet: Outlet | None) -> str:
    left = (operation.answer or {}).get("remaining", 0)
    asked = _(
        "Verlangt waren %(wanted)s, einlösbar waren dort %(left)s.", wanted=euro(operation.cents), left=euro(int(left))
    )
    barred = _barred(held, outlet)
    if not barred:
        return asked
    return f"{asked} " + _(
        "Ein Teil Ihres Guthabens gilt nur in Postleitzahlgebieten %(areas)s.", areas=", ".join(barred)
    )
