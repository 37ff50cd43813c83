"""What the holder of a voucher sees: what is left, from what, until when, and what happened."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from foundation import clock
from foundation.database import call, session
from foundation.languages import _
from money.amount import euro
from people.models import Outlet
from vouchers.stored_value import codes, errors, states
from vouchers.stored_value.models import Lot, Programme, Voucher, VoucherOperation
from vouchers.stored_value.states import SPENDABLE, OperationKind, VoucherState

PASSED_ON = "pass_on"
MAX_ROWS = 200
BY_PIN = sa.text("SELECT voucher_find_by_pin(:code, :pin, :at)")


@dataclass(frozen=True)
class LotView:
    """A part of the value, in cents, with its own end and the postcode areas where it holds (none: anywhere)."""

    kind: str
    balance_cents: int
    legal_end: date
    postcode_areas: list[str] | None = None

    @property
    def name(self) -> str:
        """What the part is, in words."""
        names = {
            "paid": _("bezahlt"),
            "bonus": _("Bonus"),
            "employer": _("vom Arbeitgeber"),
            "goodwill": _("Kulanz"),
        }
        return names[self.kind]


@dataclass(frozen=True)
class HistoryLine:
    """One line of the history; `cents` is signed as the holder sees it."""

    at: datetime
    what: str
    where: str | None
    cents: int


@dataclass(frozen=True)
class HolderView:
    """A voucher as its holder sees it. `token` is there when the holder showed it, and nowhere stored."""

    voucher_id: UUID
    token: str | None
    programme: Programme
    state: str
    last4: str
    issued_cents: int
    balance_cents: int
    reserved_cents: int
    lots: list[LotView]
    history: list[HistoryLine]

    @property
    def is_active(self) -> bool:
        """Whether something can be taken from it."""
        return self.state == VoucherState.ACTIVE

    @property
    def is_exhausted(self) -> bool:
        """Whether it is empty; goods that come back fill it again."""
        return self.state == VoucherState.EXHAUSTED

    @property
    def is_blocked(self) -> bool:
        """Whether nobody can redeem it until it is unblocked."""
        return self.state == VoucherState.BLOCKED

    @property
    def is_usable(self) -> bool:
        """Whether its holder can do something with it: pass it on, block it, put it into a wallet."""
        return self.state in SPENDABLE

    @property
    def sentence(self) -> str:
        """Why nothing can be taken from it."""
        sentences = {
            "exhausted": _("Das Guthaben ist aufgebraucht."),
            "blocked": _("Dieser Gutschein ist gesperrt. Die Nummer unten auf der Seite hilft weiter."),
        }
        return sentences.get(self.state, _("Dieser Gutschein gilt nicht mehr."))


def view_by_code_and_pin(presented: str, pin: str) -> HolderView:
    """The voucher of a token or QR address, or of a typed code with its PIN. One refusal (`NotFound`) for all else."""
    token = codes.read_token(presented)
    if token:
        voucher = session.scalars(sa.select(Voucher).where(Voucher.token_hash == codes.hash_token(token))).one_or_none()
    else:
        found = find_by_code_and_pin(presented, pin)
        voucher = session.get(Voucher, found) if found else None
    if voucher is None:
        raise errors.no_voucher()
    return view_voucher(voucher, token)


def match_token(voucher: Voucher, presented: str) -> str | None:
    """The token that somebody gave, if it is the voucher's own."""
    token = codes.read_token(presented)
    return token if token and codes.hash_token(token) == voucher.token_hash else None


def find_by_code_and_pin(presented: str, pin: str) -> UUID | None:
    """The voucher of a typed code and its PIN. A transaction of its own: wrong PINs count although nothing is given.

    Five wrong ones lock the code. What cannot be a code takes the same way, so that the time tells nothing.
    """
    code = codes.read_code(presented) or ""
    digits = "".join(pin.split())[:12]
    found: UUID | None = call(BY_PIN, code=codes.hash_code(code), pin=codes.hash_pin(code, digits), at=clock.now())[0][
        0
    ]
    return found


def view_voucher(voucher: Voucher, token: str | None = None, *, history: bool = True) -> HolderView:
    """A voucher as its holder sees it; lists of many do without the `history`."""
    lots = list(
        session.scalars(
            sa.select(Lot).where(Lot.voucher_id == voucher.id).order_by(Lot.spend_rank, Lot.legal_end, Lot.id)
        )
    )
    alive = [lot for lot in lots if lot.legal_end >= clock.today()]
    return HolderView(
        voucher_id=voucher.id,
        token=token,
        programme=session.get_one(Programme, voucher.programme_id),
        state=voucher.state,
        last4=voucher.last4,
        issued_cents=sum(lot.issued_cents for lot in lots),
        balance_cents=sum(lot.balance for lot in alive),
        reserved_cents=sum(lot.held for lot in alive),
        lots=[LotView(lot.kind, lot.balance, lot.legal_end, lot.postcode_areas) for lot in alive if lot.balance],
        history=_list_history(voucher.id) if history else [],
    )


def find_version_passed_on(voucher_id: UUID) -> int:
    """The version with which it was last given to somebody else; 0 if never. What was before is the giver's matter."""
    query = sa.select(sa.func.max(VoucherOperation.version)).where(
        VoucherOperation.voucher_id == voucher_id,
        VoucherOperation.kind == OperationKind.RENEW,
        VoucherOperation.reason == PASSED_ON,
    )
    return session.scalar(query) or 0


def _list_history(voucher_id: UUID) -> list[HistoryLine]:
    words = {
        "issue": _("ausgegeben"),
        "load": _("aufgeladen"),
        "redeem": _("eingelöst"),
        "capture": _("im Netz bezahlt"),
        "void": _("Einlösung storniert"),
        "refund": _("zurückgegeben"),
        "withdraw": _("widerrufen"),
        "lapse": _("verfallen"),
        "adjust": _("berichtigt"),
        "charge_back": _("Zahlung zurückgeholt"),
        "reinstate": _("Zahlung wieder da"),
        "merge_out": _("auf einen anderen Gutschein gelegt"),
        "merge_in": _("von einem anderen Gutschein dazugekommen"),
    }
    query = (
        sa.select(
            VoucherOperation.recorded_at,
            VoucherOperation.kind,
            VoucherOperation.cents,
            VoucherOperation.lapsed_cents,
            Outlet.name,
        )
        .outerjoin(Outlet, Outlet.id == VoucherOperation.outlet_id)
        .where(
            VoucherOperation.voucher_id == voucher_id,
            VoucherOperation.outcome == "done",
            VoucherOperation.kind.in_(words),
            VoucherOperation.version > find_version_passed_on(voucher_id),  # whoever gave it bought alone
        )
        .order_by(VoucherOperation.version.desc())
        .limit(MAX_ROWS)
    )
    rows = session.execute(query)
    return [
        HistoryLine(
            at, words[kind] + _describe_lapsed(lapsed), shop, -cents if kind in states.DECREASING else cents - lapsed
        )
        for at, kind, cents, lapsed, shop in rows
    ]


def _describe_lapsed(cents: int) -> str:
    """What of a return the holder does not get: its bonus had ended, and went back to who gave it."""
    if not cents:
        return ""
    return " " + _("(dazu %(sum)s Bonus, der abgelaufen war und an den zurückging, der ihn gab)", sum=euro(cents))
