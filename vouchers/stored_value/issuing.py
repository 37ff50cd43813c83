"""Issuing: new vouchers come into being against money that is there. Called by selling, commands, employers' orders.

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
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from money.amount import euro
from money.law.queries import load_legal_value
from money.payments import methods
from vouchers.stored_value import codes
from vouchers.stored_value.codes import Hashes
from vouchers.stored_value.models import Programme, Voucher
from vouchers.stored_value.states import SPENDABLE

MOST_AT_ONCE = 1000

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
CHANGE_ACCESS = sa.text(
    "SELECT voucher_change_access(p_verb => :verb, p_voucher => :voucher, p_operation => :operation,"
    " p_actor => :actor, p_key => :key, p_token => :token, p_code => :code, p_pin => :pin, p_last4 => :last4,"
    " p_reason => :reason, p_at => :at)"
).bindparams(
    sa.bindparam("voucher", type_=sa.Uuid()),
    sa.bindparam("operation", type_=sa.Uuid()),
    sa.bindparam("actor", type_=sa.Uuid()),
    sa.bindparam("token", type_=sa.LargeBinary()),
    sa.bindparam("code", type_=sa.LargeBinary()),
    sa.bindparam("pin", type_=sa.LargeBinary()),
    sa.bindparam("last4", type_=sa.Text()),
    sa.bindparam("reason", type_=sa.Text()),
    sa.bindparam("at", type_=sa.DateTime(timezone=True)),
)


@dataclass(frozen=True)
class Funding:
    """Where the value comes from: the account that is debited, and whose part of it (KZ: a payment, CB: a campaign)."""

    account: str
    party: UUID | None = None


@dataclass(frozen=True)
class Issued:
    """A new voucher with its secrets in plain. They exist here once: hand them over, never store them."""

    voucher_id: UUID
    token: str
    code: str
    pin: str
    cents: int


@dataclass(frozen=True)
class Terms:
    """What all lots of one issue have in common. `issued_on`: the first day of value that moves in from elsewhere."""

    kind: str
    origin_id: UUID | None
    legal_end: date
    actor_id: UUID
    issue_ags: str | None = None
    reason: str | None = None
    spend_rank: int = 0
    postcode_areas: list[str] | None = None
    issued_on: date | None = None


def legal_end(issued_on: date) -> date:
    """The last day of paid value: 31 December of the third year after the year of issue (§§ 195, 199 (1) BGB)."""
    return date(issued_on.year + load_legal_value("voucher.limitation_years", issued_on), 12, 31)


def issue(
    programme_id: UUID,
    cents: int,
    *,
    funding: Funding,
    actor_id: UUID,
    key: str,
    kind: str = "paid",
    origin_id: UUID | None = None,
    ends_on: date | None = None,
    issue_ags: str | None = None,
    reason: str | None = None,
    spend_rank: int = 0,
    postcode_areas: list[str] | None = None,
) -> Issued:
    """Issue one voucher of `cents` in the present transaction and book it against `funding`.

    Refuses amounts outside the programme's limits, a paid lot that would end before the law allows, and a key of the
    same actor that has issued before (`already_issued`: its secrets are not shown again, only renewed).
    """
    return issue_many(
        programme_id,
        [cents],
        funding=funding,
        actor_id=actor_id,
        keys=[key],
        kind=kind,
        origin_id=origin_id,
        ends_on=ends_on,
        issue_ags=issue_ags,
        reason=reason,
        spend_rank=spend_rank,
        postcode_areas=postcode_areas,
    )[0]


def issue_many(
    programme_id: UUID,
    amounts: Sequence[int],
    *,
    funding: Funding,
    actor_id: UUID,
    keys: Sequence[str],
    kind: str = "paid",
    origin_id: UUID | None = None,
    ends_on: date | None = None,
    issue_ags: str | None = None,
    reason: str | None = None,
    spend_rank: int = 0,
    postcode_areas: list[str] | None = None,
) -> list[Issued]:
    """Issue up to a thousand vouchers in one round trip, all or none. Refuses as `issue` does."""
    programme = _programme(programme_id)
    end = _checked(programme, amounts, kind, ends_on)
    made = [_new(cents) for cents in amounts]
    terms = Terms(kind, origin_id, end, actor_id, issue_ags, reason, spend_rank, postcode_areas)
    known = [codes.hashes(m.token, m.code, m.pin) for m in made]
    _write(programme_id, funding, terms, [m.voucher_id for m in made], known, amounts, keys)
    return made


def issue_known(
    programme_id: UUID,
    cents: int,
    *,
    hashes: Hashes,
    funding: Funding,
    actor_id: UUID,
    key: str,
    kind: str = "paid",
    origin_id: UUID | None = None,
    legal_end: date | None = None,
    issued_on: date | None = None,
    issue_ags: str | None = None,
    reason: str | None = None,
) -> UUID:
    """Issue a voucher whose secrets are in somebody's hands already: a card in stock, a voucher that moves in; its id.

    `issued_on` and `legal_end` of value that moves in are those of its first day; its amount may lie outside what the
    programme sells, for it is a rest. Refuses as `issue` does, and a code that exists already (`code_taken`).
    """
    programme = _programme(programme_id)
    end = _checked_end(kind, legal_end, issued_on)
    if not 1 <= cents <= programme.max_cents or (issued_on is None and kind == "paid" and cents < programme.min_cents):
        raise Invalid(_("Dieser Betrag ist in diesem Programm nicht möglich."), "amount_outside_limits", field="cents")
    terms = Terms(kind, origin_id, end, actor_id, issue_ags, reason, issued_on=issued_on)
    voucher_id = uuid7()
    try:
        with session.begin_nested():
            _write(programme_id, funding, terms, [voucher_id], [hashes], [cents], [key])
    except IntegrityError as error:
        if "_hash" not in _constraint(error):
            raise
        raise Refused(_("Diesen Code gibt es schon."), "code_taken") from error
    return voucher_id


def load(
    voucher_id: UUID,
    cents: int,
    *,
    funding: Funding,
    actor_id: UUID,
    key: str,
    kind: str = "paid",
    origin_id: UUID | None = None,
    ends_on: date | None = None,
    reason: str | None = None,
    spend_rank: int = 0,
    postcode_areas: list[str] | None = None,
) -> None:
    """Put another lot on a voucher: a bonus, an employer's month. A repeated key of the same actor loads once.

    Refuses vouchers that are blocked or ended, more on one voucher than its charter allows (`charter_most`), and lots
    that would end before the law allows.
    """
    voucher = session.get(Voucher, voucher_id)
    if voucher is None or voucher.state not in SPENDABLE:
        raise Refused(_("Dieser Gutschein lässt sich nicht (mehr) aufladen."), "voucher_not_loadable")
    programme = _programme(voucher.programme_id)
    if not 1 <= cents <= programme.max_cents:
        raise Invalid(_("Dieser Betrag ist in diesem Programm nicht möglich."), "amount_outside_limits", field="cents")
    terms = Terms(kind, origin_id, _checked_end(kind, ends_on), actor_id, None, reason, spend_rank, postcode_areas)
    try:
        with session.begin_nested():
            _write(programme.id, funding, terms, [voucher_id], [None], [cents], [key])
    except IntegrityError as error:
        if _constraint(error) != "charter_most":
            raise
        most = _("So viel darf auf einem Gutschein nicht liegen (höchstens %(most)s).", most=euro(programme.max_cents))
        raise Refused(most, "charter_most") from error


def _write(
    programme_id: UUID,
    funding: Funding,
    terms: Terms,
    vouchers: Sequence[UUID],
    known: Sequence[Hashes | None],
    amounts: Sequence[int],
    keys: Sequence[str],
) -> None:
    values = {
        "kind": terms.kind,
        "origin": terms.origin_id,
        "legal_end": terms.legal_end,
        "actor": terms.actor_id,
        "ags": terms.issue_ags,
        "reason": terms.reason,
        "rank": terms.spend_rank,
        "areas": terms.postcode_areas,
        "issued_on": terms.issued_on,
        "programme": programme_id,
        "debit": funding.account,
        "debit_party": funding.party,
        "at": now(),
        "vouchers": list(vouchers),
        "operations": [uuid7() for _voucher in vouchers],
        "lots": [uuid7() for _voucher in vouchers],
        "tokens": [h and h.token for h in known],
        "codes": [h and h.code for h in known],
        "pins": [h and h.pin for h in known],
        "last4s": [h and h.last4 for h in known],
        "cents": list(amounts),
        "keys": list(keys),
    }
    if list(session.scalars(ISSUE, values).all()) != list(vouchers):
        raise Refused(_("Dieser Gutschein wurde schon ausgegeben."), "already_issued")


def renew(voucher_id: UUID, *, actor_id: UUID, key: str, reason: str) -> Issued:
    """Give a voucher new secrets; the old token, code and PIN are dead at once, the value stays.

    For a lost phone or a mistyped address: it is also taken off every checkout where the old ones laid it down.
    Refuses vouchers that have come to an end, and a repeated key.
    """
    made = _new(0)
    outcome = _mark("renew", voucher_id, actor_id, key, reason, made)
    if outcome != "done":
        raise Refused(_("Für diesen Gutschein gibt es keinen neuen Code (mehr)."), f"renew_{outcome}")
    methods.take_back(voucher_id)
    return Issued(voucher_id, made.token, made.code, made.pin, 0)


def block(voucher_id: UUID, *, actor_id: UUID, key: str, reason: str) -> None:
    """Nobody can redeem it from now on. Refuses what has come to an end; a repeated key changes nothing."""
    _must(_mark("block", voucher_id, actor_id, key, reason))


def unblock(voucher_id: UUID, *, actor_id: UUID, key: str, reason: str) -> None:
    """The opposite of `block`."""
    _must(_mark("unblock", voucher_id, actor_id, key, reason))


def unlock(voucher_id: UUID, *, actor_id: UUID, key: str, reason: str) -> None:
    """Let the typed code be used online again after five wrong PINs. The holder has proven who they are by mail."""
    _must(_mark("unlock", voucher_id, actor_id, key, reason))


def _mark(verb: str, voucher_id: UUID, actor_id: UUID, key: str, reason: str, made: Issued | None = None) -> str:
    values = {"verb": verb, "voucher": voucher_id, "operation": uuid7(), "actor": actor_id, "key": key, "at": now()}
    secret = {
        "token": codes.hash_token(made.token) if made else None,
        "code": codes.hash_code(made.code) if made else None,
        "pin": codes.hash_pin(made.code, made.pin) if made else None,
        "last4": codes.last4(made.code) if made else None,
        "reason": reason[:200],
    }
    outcome = str(session.scalar(CHANGE_ACCESS, values | secret))
    for row in session.identity_map.values():
        if isinstance(row, Voucher) and row.id == voucher_id:
            session.expire(row)
    return outcome


def _must(outcome: str) -> None:
    if outcome not in {"done", "replay"}:
        raise Refused(_("Das geht bei diesem Gutschein nicht (mehr)."), f"voucher_{outcome}")


def _new(cents: int) -> Issued:
    return Issued(uuid7(), codes.new_token(), codes.new_code(), codes.new_pin(), cents)


def _programme(programme_id: UUID) -> Programme:
    found = session.get(Programme, programme_id)
    if found is None:
        raise NotFound(_("Dieses Gutscheinprogramm gibt es nicht."))
    return found


def _constraint(error: IntegrityError) -> str:
    return str(getattr(getattr(error.orig, "diag", None), "constraint_name", "") or "")


def _checked(programme: Programme, amounts: Sequence[int], kind: str, ends_on: date | None) -> date:
    if not 1 <= len(amounts) <= MOST_AT_ONCE:
        raise Invalid(_("Auf einmal sind 1 bis 1000 Gutscheine möglich."), "too_many_at_once")
    least = programme.min_cents if kind == "paid" else 1
    if any(not least <= cents <= programme.max_cents for cents in amounts):
        raise Invalid(_("Dieser Betrag ist in diesem Programm nicht möglich."), "amount_outside_limits", field="cents")
    return _checked_end(kind, ends_on)


def _checked_end(kind: str, ends_on: date | None, issued_on: date | None = None) -> date:
    today = berlin(now()).date()
    first = issued_on or today
    end = ends_on or legal_end(first)
    if first > today or (end < today and issued_on is None) or (kind == "paid" and end < legal_end(first)):
        raise Invalid(_("Bezahltes Guthaben muss mindestens drei Jahre gelten."), "end_too_early")
    return end
