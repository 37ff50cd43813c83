"""Issuing: new vouchers come into being against money that is there. Decision 0304.

Nothing here makes value alone: every issue names the account that pays for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from foundation.clock import berlin, now
from foundation.database import session, uuid7
from money.law.queries import load_legal_value
from vouchers.stored_value import codes, errors
from vouchers.stored_value.codes import Hashes
from vouchers.stored_value.models import Programme, Voucher
from vouchers.stored_value.states import SPENDABLE, LotKind

MAX_VOUCHERS_AT_ONCE = 1000

ISSUE = sa.text(
    "SELECT voucher_issue(p_voucher => n.voucher, p_operation => n.operation, p_lot => n.lot,"
    " p_programme => :programme, p_token => n.token, p_code => n.code, p_pin => n.pin, p_last4 => n.last4,"
    " p_ags => :ags, p_kind => :kind, p_origin => :origin, p_cents => n.cents, p_legal_end => :legal_end,"
    " p_debit => :debit, p_debit_party => :debit_party, p_actor => :actor, p_key => n.key, p_reason => :reason,"
    " p_at => :at, p_rank => :rank, p_areas => :areas, p_issued_on => :issued_on)"
    " FROM unnest(CAST(:vouchers AS uuid[]), CAST(:operations AS uuid[]), CAST(:lots AS uuid[]),"
    " CAST(:tokens AS bytea[]), CAST(:codes AS bytea[]), CAST(:pins AS bytea[]), CAST(:last4s AS text[]),"
    " CAST(:cents AS bigint[]), CAST(:keys AS text[]))"
    " AS n (voucher, operation, lot, token, code, pin, last4, cents, key)"
).bindparams(
    sa.bindparam("programme", type_=sa.Uuid()),
    sa.bindparam("ags", type_=sa.Text()),
    sa.bindparam("kind", type_=sa.Text()),
    sa.bindparam("origin", type_=sa.Uuid()),
    sa.bindparam("legal_end", type_=sa.Date()),
    sa.bindparam("debit", type_=sa.Text()),
    sa.bindparam("debit_party", type_=sa.Uuid()),
    sa.bindparam("actor", type_=sa.Uuid()),
    sa.bindparam("reason", type_=sa.Text()),
    sa.bindparam("at", type_=sa.DateTime(timezone=True)),
    sa.bindparam("rank", type_=sa.SmallInteger()),
    sa.bindparam("areas", type_=sa.ARRAY(sa.Text())),
    sa.bindparam("issued_on", type_=sa.Date()),
)


@dataclass(frozen=True)
class Funding:
    """Where the value comes from: the account that is debited, and whose part of it (KZ: a payment, CB: a campaign)."""

    account: str
    party: UUID | None = None


@dataclass(frozen=True)
class LotTerms:
    """What a new lot is: paid value to the end of its limitation period, unless said otherwise.

    `origin_id`: the sale, campaign or order that it comes from. `ends_on`: its last day, None for the legal end.
    `spend_rank`, `postcode_areas`: which lots are spent first, and where (`models.Lot`). `issue_ags`: the buyer's town.
    `issued_on`: the first day of value that moves in from elsewhere.
    """

    kind: str = LotKind.PAID
    origin_id: UUID | None = None
    ends_on: date | None = None
    issue_ags: str | None = None
    reason: str | None = None
    spend_rank: int = 0
    postcode_areas: list[str] | None = None
    issued_on: date | None = None

    def last_day(self) -> date:
        """Give the lot's last day. Refuses an end in the past, and paid value that ends before the law allows."""
        today = berlin(now()).date()
        first = self.issued_on or today
        end = self.ends_on or calculate_legal_end(first)
        over = end < today and self.issued_on is None
        if first > today or over or (self.kind == LotKind.PAID and end < calculate_legal_end(first)):
            raise errors.end_too_early()
        return end


PAID_TERMS = LotTerms()


@dataclass(frozen=True)
class Issued:
    """A new voucher with its secrets in plain. They exist here once: hand them over, never store them."""

    voucher_id: UUID
    token: str
    code: str
    pin: str
    cents: int


@dataclass(frozen=True)
class KnownVoucher:
    """A voucher whose secrets are in somebody's hands already: a card in stock, a voucher that moves in."""

    hashes: Hashes
    cents: int
    key: str


@dataclass(frozen=True)
class _Row:
    """A lot to be written: on a new voucher (`hashes`), or on one that is there."""

    voucher_id: UUID
    hashes: Hashes | None
    cents: int
    key: str


def calculate_legal_end(issued_on: date) -> date:
    """Give the last day of paid value: 31 December of the third year after the year of issue (§§ 195, 199 (1) BGB)."""
    return date(issued_on.year + load_legal_value("voucher.limitation_years", issued_on), 12, 31)


def issue(
    programme_id: UUID, cents: int, *, funding: Funding, actor_id: UUID, key: str, terms: LotTerms = PAID_TERMS
) -> Issued:
    """Issue one voucher of `cents` in the present transaction and book it against `funding`.

    Refuses amounts outside the programme's limits, a paid lot that would end before the law allows, and a key of the
    same actor that has issued before (`already_issued`: its secrets are not shown again, only renewed).
    """
    return issue_many(programme_id, [cents], funding=funding, actor_id=actor_id, keys=[key], terms=terms)[0]


def issue_many(
    programme_id: UUID,
    amounts: Sequence[int],
    *,
    funding: Funding,
    actor_id: UUID,
    keys: Sequence[str],
    terms: LotTerms = PAID_TERMS,
) -> list[Issued]:
    """Issue up to a thousand vouchers in one round trip, all or none. Refuses as `issue` does."""
    programme = _load_programme(programme_id)
    if not 1 <= len(amounts) <= MAX_VOUCHERS_AT_ONCE:
        raise errors.too_many_at_once()
    minimum = programme.min_cents if terms.kind == LotKind.PAID else 1
    if any(not minimum <= cents <= programme.max_cents for cents in amounts):
        raise errors.amount_outside_limits()
    made = [make_secrets(cents) for cents in amounts]
    rows = [
        _Row(m.voucher_id, codes.hash_secrets(m.token, m.code, m.pin), m.cents, key)
        for m, key in zip(made, keys, strict=True)
    ]
    _write(programme_id, rows, terms, funding, actor_id)
    return made


def issue_known(
    programme_id: UUID, voucher: KnownVoucher, *, funding: Funding, actor_id: UUID, terms: LotTerms = PAID_TERMS
) -> UUID:
    """Issue a voucher whose secrets exist already; its id. The amount of one that moves in may lie outside what the
    programme sells, for it is a rest. Refuses as `issue` does, and a code that exists already (`code_taken`).
    """
    programme = _load_programme(programme_id)
    new_paid = terms.issued_on is None and terms.kind == LotKind.PAID
    if not 1 <= voucher.cents <= programme.max_cents or (new_paid and voucher.cents < programme.min_cents):
        raise errors.amount_outside_limits()
    row = _Row(uuid7(), voucher.hashes, voucher.cents, voucher.key)
    try:
        with session.begin_nested():
            _write(programme_id, [row], terms, funding, actor_id)
    except IntegrityError as error:
        if "_hash" not in _read_constraint(error):
            raise
        raise errors.code_taken() from error
    return row.voucher_id


def load(
    voucher_id: UUID, cents: int, *, funding: Funding, actor_id: UUID, key: str, terms: LotTerms = PAID_TERMS
) -> None:
    """Put another lot on a voucher: a bonus, an employer's month. A repeated key of the same actor loads once.

    Refuses vouchers that are blocked or ended, more on one voucher than its charter allows (`charter_most`), and lots
    that would end before the law allows.
    """
    voucher = session.get(Voucher, voucher_id)
    if voucher is None or voucher.state not in SPENDABLE:
        raise errors.voucher_not_loadable()
    programme = _load_programme(voucher.programme_id)
    if not 1 <= cents <= programme.max_cents:
        raise errors.amount_outside_limits()
    try:
        with session.begin_nested():
            _write(programme.id, [_Row(voucher_id, None, cents, key)], terms, funding, actor_id)
    except IntegrityError as error:
        if _read_constraint(error) != "charter_most":
            raise
        raise errors.charter_most(programme.max_cents) from error


def make_secrets(cents: int) -> Issued:
    """Make token, code and PIN for a voucher that is not written yet."""
    return Issued(uuid7(), codes.make_token(), codes.make_code(), codes.make_pin(), cents)


def _write(programme_id: UUID, rows: Sequence[_Row], terms: LotTerms, funding: Funding, actor_id: UUID) -> None:
    known = [row.hashes for row in rows]
    values = {
        "kind": terms.kind,
        "origin": terms.origin_id,
        "legal_end": terms.last_day(),
        "actor": actor_id,
        "ags": terms.issue_ags,
        "reason": terms.reason,
        "rank": terms.spend_rank,
        "areas": terms.postcode_areas,
        "issued_on": terms.issued_on,
        "programme": programme_id,
        "debit": funding.account,
        "debit_party": funding.party,
        "at": now(),
        "vouchers": [row.voucher_id for row in rows],
        "operations": [uuid7() for _row in rows],
        "lots": [uuid7() for _row in rows],
        "tokens": [h and h.token for h in known],
        "codes": [h and h.code for h in known],
        "pins": [h and h.pin for h in known],
        "last4s": [h and h.last4 for h in known],
        "cents": [row.cents for row in rows],
        "keys": [row.key for row in rows],
    }
    if list(session.scalars(ISSUE, values).all()) != values["vouchers"]:
        raise errors.already_issued()


def _load_programme(programme_id: UUID) -> Programme:
    found = session.get(Programme, programme_id)
    if found is None:
        raise errors.programme_unknown()
    return found


def _read_constraint(error: IntegrityError) -> str:
    return str(getattr(getattr(error.orig, "diag", None), "constraint_name", "") or "")
