"""What practice needs: vouchers to print, practice keys, and tills that are switched over and back."""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now, today
from foundation.database import session, uuid7
from foundation.errors import NotFound
from foundation.languages import _, lazy
from foundation.security import keyed_hash
from vouchers.practice import errors
from vouchers.practice.models import PracticeTill, PracticeToken
from vouchers.stored_value import codes
from vouchers.stored_value.codes import CredentialHash
from vouchers.stored_value.models import Lot, OperationPart, TillKey, Voucher, VoucherOperation
from vouchers.stored_value.states import Outcome
from vouchers.tills.books import Books
from vouchers.tills.errors import REFUSALS, Refusal
from vouchers.tills.tokens import hash_bearer

PREFIX = "MLT."
KEY_PREFIX = "mlt_"
MAX_VOUCHERS = 200
_TOKEN = re.compile(r"MLT[.:]?([0-9A-Z]{26})")
IN_PRACTICE: dict[str, Any] = {"schema_translate_map": {None: "practice"}}
# Without secrets it is another lot of the same voucher. A bonus comes from a campaign; here anything will do.
ISSUE = sa.text(
    "SELECT practice.voucher_issue(p_voucher => :voucher, p_operation => :operation, p_lot => :lot,"
    " p_programme => :organisation, p_token => :token, p_code => :code, p_pin => :pin, p_last4 => :last4,"
    " p_ags => NULL, p_kind => :kind, p_origin => :voucher, p_cents => :cents, p_legal_end => :until,"
    " p_debit => 'WK', p_debit_party => NULL, p_actor => :organisation, p_key => :key, p_reason => NULL,"
    " p_at => :at, p_rank => CAST(0 AS smallint), p_areas => NULL, p_issued_on => NULL)"
).bindparams(
    *(sa.bindparam(name, type_=sa.LargeBinary()) for name in ("token", "code", "pin")),
    *(sa.bindparam(name, type_=sa.Uuid()) for name in ("voucher", "operation", "lot", "organisation")),
    sa.bindparam("last4", type_=sa.Text()),
    sa.bindparam("cents", type_=sa.BigInteger()),
    sa.bindparam("until", type_=sa.Date()),
    sa.bindparam("at", type_=sa.DateTime(timezone=True)),
)
BLOCK = sa.text(
    "SELECT practice.voucher_change_access(p_verb => 'block', p_voucher => :voucher, p_operation => :operation,"
    " p_actor => :organisation, p_key => :key, p_token => NULL, p_code => NULL, p_pin => NULL, p_last4 => NULL,"
    " p_reason => 'practice', p_at => :at)"
).bindparams(
    *(sa.bindparam(name, type_=sa.Uuid()) for name in ("voucher", "operation", "organisation")),
    sa.bindparam("at", type_=sa.DateTime(timezone=True)),
)


@dataclass(frozen=True)
class NewPracticeVoucher:
    """A fresh voucher to practise with: token and typed code in plain, once."""

    voucher_id: UUID
    token: str
    code: str
    cents: int
    note: str


def read(text: str) -> CredentialHash | None:
    """Read the practice token or a typed code in what was presented; nothing when it can be neither."""
    tail = "".join(text[-codes.MAX_PRESENTED_CHARACTERS :].rsplit("#", 1)[-1].split()).upper()
    found = _TOKEN.fullmatch(tail)
    if found:
        return CredentialHash(_token_hash(found.group(1)), by_code=False)
    code = codes.read_code(text)
    return CredentialHash(_code_hash(code), by_code=True) if code else None


def read_credential(presented: str) -> CredentialHash:
    """Read whatever was presented. What is no practice voucher gets a hash that none has."""
    return read(presented) or CredentialHash(keyed_hash("practice nothing", presented), by_code=False)


def is_practice_voucher(presented: str) -> bool:
    """Whether this is a voucher to practise with. For a clear sentence at a real till; says nothing of real ones."""
    secret = read(presented)
    if secret is None or not secret.by_code:
        return secret is not None
    query = sa.select(Voucher.id).where(Voucher.code_hash == secret.hash)
    return session.scalar(query, execution_options=IN_PRACTICE) is not None


def make_voucher(
    organisation_id: UUID, parts: list[tuple[str, int, date]], *, note: str = "", blocked: bool = False
) -> NewPracticeVoucher:
    """Make a voucher to practise with in the shops of one retailer; `parts`: kind of lot, cents, last day.

    Worth nothing. Refuses more than 200 of one retailer (`Refused`).
    """
    if count_vouchers(organisation_id) >= MAX_VOUCHERS:
        raise errors.too_many_practice_vouchers()
    token, code, id = PREFIX + codes.make_token().removeprefix(codes.PREFIX), codes.make_code(), uuid7()
    secrets_of_first: dict[str, Any] = {
        "token": _token_hash(token.removeprefix(PREFIX)),
        "code": _code_hash(code),
        "pin": keyed_hash("practice voucher pin", token),
        "last4": code.replace("-", "")[-4:],
    }
    values = {"voucher": id, "organisation": organisation_id, "at": now()}
    for place, (kind, cents, until) in enumerate(parts):
        credential = secrets_of_first if place == 0 else dict.fromkeys(secrets_of_first)
        part = {"kind": kind, "cents": cents, "until": until, "key": f"{id}:{place}", "lot": uuid7()}
        session.execute(ISSUE, values | credential | part | {"operation": uuid7()})
    if blocked:
        session.execute(BLOCK, values | {"operation": uuid7(), "key": f"{id}:block"})
    return NewPracticeVoucher(id, token, code, sum(cents for _kind, cents, _until in parts), note)


def make_vouchers(organisation_id: UUID) -> list[NewPracticeVoucher]:
    """Four vouchers that show what can happen at a till: enough, two lots, nearly empty, blocked."""
    later, soon = date(today().year + 3, 12, 31), today() + timedelta(days=60)
    return [
        make_voucher(organisation_id, [("paid", 50_00, later)], note=_("Reicht für einen Einkauf")),
        make_voucher(
            organisation_id, [("paid", 20_00, later), ("bonus", 5_00, soon)], note=_("Mit Bonus, der früher endet")
        ),
        make_voucher(
            organisation_id, [("paid", 3_50, later)], note=_("Reicht meistens nicht: zweiten Gutschein dazunehmen")
        ),
        make_voucher(organisation_id, [("paid", 25_00, later)], note=_("Gesperrt: wird abgelehnt"), blocked=True),
    ]


def count_vouchers(organisation_id: UUID) -> int:
    """Count the practice vouchers of a retailer."""
    query = sa.select(sa.func.count()).where(Voucher.programme_id == organisation_id)
    return int(session.scalar(query, execution_options=IN_PRACTICE) or 0)


def delete_vouchers(organisation_id: UUID) -> None:
    """Throw a retailer's practice vouchers away, and what was done with them."""
    mine = sa.select(Voucher.id).where(Voucher.programme_id == organisation_id)
    options = IN_PRACTICE | {"synchronize_session": False}
    operations = sa.select(VoucherOperation.id).where(VoucherOperation.voucher_id.in_(mine))
    session.execute(sa.delete(TillKey).where(TillKey.operation_id.in_(operations)), execution_options=options)
    for table in (OperationPart, VoucherOperation, Lot):
        session.execute(sa.delete(table).where(table.voucher_id.in_(mine)), execution_options=options)
    session.execute(sa.delete(Voucher).where(Voucher.programme_id == organisation_id), execution_options=options)


def add_key(outlet_id: UUID, name: str, *, person_id: UUID | None = None, expires_at: datetime | None = None) -> str:
    """A practice key in plain, once. What holds it acts as a till of the shop that practises."""
    bearer = KEY_PREFIX + secrets.token_urlsafe(32)
    made = PracticeToken(
        hash=hash_key(bearer), outlet_id=outlet_id, name=name, created_by=person_id, expires_at=expires_at
    )
    session.add(made)
    session.flush()
    audit.record("practice_token.add", "practice_token", made.id, outlet=str(outlet_id))
    return bearer


def revoke_key(token_id: UUID, outlet_ids: set[UUID]) -> None:
    """Revoke a practice key at once. Refuses those of other shops (`NotFound`)."""
    found = session.get(PracticeToken, token_id)
    if found is None or found.outlet_id not in outlet_ids:
        raise errors.practice_key_unknown()
    found.revoked_at = found.revoked_at or now()


def hash_key(bearer: str) -> bytes:
    """How the practice tables know a practice key."""
    return keyed_hash("practice token", bearer)


def is_in_practice(till_id: UUID) -> bool:
    """Whether this till is switched to practice."""
    return session.get(PracticeTill, till_id, populate_existing=True) is not None


def switch_on(till_id: UUID, staff_id: UUID | None) -> None:
    """From now on this till practises; nothing real happens at it."""
    if not is_in_practice(till_id):
        session.add(PracticeTill(till_id=till_id, staff_id=staff_id))
        audit.record("till.practice_on", "till", till_id, staff=str(staff_id))


def list_in_practice(till_ids: list[UUID]) -> set[UUID]:
    """List which of these tills practise now."""
    return set(session.scalars(sa.select(PracticeTill.till_id).where(PracticeTill.till_id.in_(till_ids))))


def switch_off(till_id: UUID) -> None:
    """Switch a till back from practice to real vouchers."""
    found = session.get(PracticeTill, till_id)
    if found:
        session.delete(found)
        audit.record("till.practice_off", "till", till_id)


def _token_hash(body: str) -> bytes:
    return keyed_hash("practice voucher token", codes.read_token(codes.PREFIX + body) or body)


def _code_hash(code: str) -> bytes:
    return keyed_hash("practice voucher code", code)


def _hash_bearer(bearer: str) -> bytes:
    """A practice key, or the token of a till that is switched over."""
    return hash_key(bearer) if bearer.startswith(KEY_PREFIX) else hash_bearer(bearer)


PRACTICE_BOOKS = Books(
    "practice",
    read_credential,
    _hash_bearer,
    REFUSALS
    | {
        Outcome.UNKNOWN: Refusal(
            NotFound,
            lazy("Das ist kein Übungsgutschein. Im Übungsmodus gelten nur Übungsgutscheine; es wurde nichts gebucht."),
            "not_redeemable",
            "practice_only",
        )
    },
)
