"""What support sees of a voucher, and who looked at what. Nothing here changes anything. Decision 0309."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session
from foundation.languages import lazy
from people.models import Organisation, Outlet, Person
from vouchers.lapsing.queries import LOT_KIND_NAMES
from vouchers.purchases.models import VoucherSale
from vouchers.stored_value.models import Lot, Programme, Voucher, VoucherOperation
from vouchers.stored_value.states import DECREASING, SPENDABLE, VoucherState
from vouchers.support.models import SupportLookup
from vouchers.support.states import LookupOutcome

MAX_ROWS_SHOWN = 100
STATE_NAMES = {
    "ordered": lazy("bestellt"),
    "active": lazy("gültig"),
    "blocked": lazy("gesperrt"),
    "exhausted": lazy("aufgebraucht"),
    "withdrawn": lazy("widerrufen"),
    "charged_back": lazy("Zahlung zurückgeholt"),
    "replaced": lazy("mit einem anderen zusammengelegt"),
    "time_barred": lazy("verfallen"),
}
OPERATION_NAMES = {
    "issue": lazy("ausgegeben"),
    "load": lazy("aufgeladen"),
    "redeem": lazy("eingelöst"),
    "hold": lazy("reserviert"),
    "capture": lazy("im Netz bezahlt"),
    "release": lazy("Reservierung aufgehoben"),
    "void": lazy("Einlösung storniert"),
    "refund": lazy("zurückgegeben"),
    "withdraw": lazy("widerrufen"),
    "lapse": lazy("verfallen"),
    "adjust": lazy("berichtigt"),
    "charge_back": lazy("Zahlung zurückgeholt"),
    "reinstate": lazy("Zahlung wieder da"),
    "merge_out": lazy("auf einen anderen Gutschein gelegt"),
    "merge_in": lazy("von einem anderen Gutschein"),
    "block": lazy("gesperrt"),
    "unblock": lazy("entsperrt"),
    "renew": lazy("neuer Code"),
    "unlock": lazy("PIN-Sperre aufgehoben"),
}
OUTCOME_NAMES = {
    LookupOutcome.SEEN: lazy("angesehen"),
    LookupOutcome.LISTED: lazy("Liste gesehen"),
    LookupOutcome.NOTHING: lazy("nichts gefunden"),
    LookupOutcome.FOREIGN: lazy("abgewiesen: anderer Herausgeber"),
}


@dataclass(frozen=True)
class SupportLotView:
    """A part of the value, in cents."""

    id: UUID
    name: object
    kind: str
    issued_cents: int
    balance: int
    held: int
    legal_end: object
    over: bool

    @property
    def free(self) -> int:
        """What is not held, in cents."""
        return self.balance - self.held


@dataclass(frozen=True)
class SupportOperationView:
    """One line of the history, also a refusal; `cents` is signed as the holder sees it."""

    at: datetime
    what: object
    where: str
    cents: int
    refused: str


@dataclass(frozen=True)
class SupportVoucherView:
    """A voucher as support sees it: no code, no token, no PIN, no hash of them."""

    voucher_id: UUID
    programme: Programme
    state: str
    state_name: object
    last4: str
    issued_at: datetime
    lots: list[SupportLotView]
    history: list[SupportOperationView]
    sales: list[VoucherSale]

    @property
    def is_blocked(self) -> bool:
        """Whether nobody can redeem it until it is unblocked."""
        return self.state == VoucherState.BLOCKED

    @property
    def is_usable(self) -> bool:
        """Whether it can be blocked: it may still be spent, or filled again."""
        return self.state in SPENDABLE

    @property
    def balance(self) -> int:
        """What may still be spent, in cents, with what is held."""
        return sum(lot.balance for lot in self.lots if not lot.over)


def load_voucher_view(voucher_id: UUID) -> SupportVoucherView:
    """Load one voucher. Who may see it was decided and recorded before (`lookup`)."""
    columns = (Voucher.programme_id, Voucher.state, Voucher.last4, Voucher.issued_at)
    row = session.execute(sa.select(*columns).where(Voucher.id == voucher_id)).one()
    sales = sa.select(VoucherSale).where(VoucherSale.voucher_id == voucher_id)
    return SupportVoucherView(
        voucher_id,
        session.get_one(Programme, row.programme_id),
        row.state,
        STATE_NAMES[row.state],
        row.last4,
        row.issued_at,
        _lots(voucher_id),
        _history(voucher_id),
        list(session.scalars(sales)),
    )


def _lots(voucher_id: UUID) -> list[SupportLotView]:
    query = sa.select(Lot).where(Lot.voucher_id == voucher_id).order_by(Lot.spend_rank, Lot.legal_end, Lot.id)
    day = today()
    return [
        SupportLotView(
            lot.id,
            LOT_KIND_NAMES[lot.kind],
            lot.kind,
            lot.issued_cents,
            lot.balance,
            lot.held,
            lot.legal_end,
            lot.legal_end < day,
        )
        for lot in session.scalars(query.execution_options(populate_existing=True))
    ]


def _history(voucher_id: UUID) -> list[SupportOperationView]:
    operation = VoucherOperation
    query = (
        sa.select(operation.recorded_at, operation.kind, operation.cents, operation.outcome, Outlet.name)
        .outerjoin(Outlet, Outlet.id == operation.outlet_id)
        .where(operation.voucher_id == voucher_id)
        .order_by(operation.recorded_at.desc(), operation.id.desc())
        .limit(MAX_ROWS_SHOWN)
    )
    return [
        SupportOperationView(
            at,
            OPERATION_NAMES.get(kind, kind),
            shop or "",
            -cents if kind in DECREASING else cents,
            "" if outcome == "done" else outcome,
        )
        for at, kind, cents, outcome, shop in session.execute(query)
    ]


@dataclass(frozen=True)
class LookupView:
    """A lookup as the auditor reads it."""

    lookup: SupportLookup
    person: str
    issuer: str
    outcome: object


def list_lookups(issuer_ids: Collection[UUID] | None, before: datetime | None = None) -> list[LookupView]:
    """List who looked at what, the newest first: at vouchers of these issuers, or all with None."""
    query = (
        sa.select(SupportLookup, Person.name, Person.email, Organisation.name)
        .outerjoin(Person, Person.id == SupportLookup.person_id)
        .outerjoin(Organisation, Organisation.id == SupportLookup.issuer_id)
        .order_by(SupportLookup.looked_at.desc(), SupportLookup.id.desc())
        .limit(MAX_ROWS_SHOWN)
    )
    if issuer_ids is not None:
        query = query.where(SupportLookup.issuer_id.in_(list(issuer_ids)))
    if before:
        query = query.where(SupportLookup.looked_at < before)
    return [
        LookupView(look, name or email or "", issuer or "", OUTCOME_NAMES[look.outcome])
        for look, name, email, issuer in session.execute(query)
    ]
