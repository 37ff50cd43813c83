"""Looking: by the number of a sale, an address or the last four symbols. What is found and what not is noted first.

A refusal does not raise: it would roll back the note of it. `Result` says what there is to show.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, mail
from foundation.clock import now
from foundation.database import session, uuid7
from people.models import Person
from people.permissions import is_allowed
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.stored_value import codes
from vouchers.stored_value.models import Programme, Voucher
from vouchers.support import errors
from vouchers.support.models import SupportLookup
from vouchers.support.states import LookupOutcome

PERMISSION = "vouchers.support"
MIN_PURPOSE_LENGTH, MAX_PURPOSE_LENGTH = 3, 200
MIN_SEARCH_LENGTH = 4
MAX_MATCHES = 20
LOOKUP_TTL = timedelta(minutes=30)
MAX_ADDRESS_LENGTH = 254
NUMBER = re.compile(r"(MG|GB)-\w{4}-\w{4}", re.IGNORECASE)  # a sale, an order of several


@dataclass(frozen=True)
class LookupMatch:
    """One of several vouchers: enough to choose, no value."""

    voucher_id: UUID
    programme: str
    last4: str
    issued_at: datetime
    number: str


@dataclass(frozen=True)
class LookupResult:
    """What a search led to: the lookup of one voucher, or several to choose from, or neither."""

    lookup_id: UUID | None = None
    matches: list[LookupMatch] = field(default_factory=list)


def search(person_id: UUID, issuer_ids: Collection[UUID], *, asked: str, purpose: str) -> LookupResult:
    """Look for vouchers of these issuers and record it, also when there is nothing, or only something of other issuers.

    Refuses (`Invalid`) a purpose of fewer than 3 characters, and codes: support never needs them.
    """
    reason, text = _check_purpose(purpose), asked.strip()
    secret = codes.read_token(text) or ("@" not in text and codes.looks_like_code(text) and not NUMBER.fullmatch(text))
    if secret or len(text) > MAX_ADDRESS_LENGTH:
        raise errors.code_not_wanted()
    if len(text) < MIN_SEARCH_LENGTH:
        raise errors.search_too_short()
    found = _list_matches(text)
    own = [match for match, issuer in found if issuer in set(issuer_ids)]
    shown = mail.mask_address(text.lower()) if "@" in text else text[:40].upper()
    if len(own) == 1:
        return LookupResult(_record(person_id, shown, reason, LookupOutcome.SEEN, own[0].voucher_id))
    if own:
        _record(person_id, shown, reason, LookupOutcome.LISTED)
        return LookupResult(matches=own)
    for match, _issuer in found[:1]:
        _record(person_id, shown, reason, LookupOutcome.FOREIGN, match.voucher_id)
    if not found:
        _record(person_id, shown, reason, LookupOutcome.NOTHING)
    return LookupResult()


def open_match(
    person_id: UUID, issuer_ids: Collection[UUID], voucher_id: UUID, *, asked: str, purpose: str
) -> LookupResult:
    """Look at one of the vouchers of a list. For vouchers of other issuers nothing is shown, but it is recorded."""
    reason = _check_purpose(purpose)
    voucher = session.get(Voucher, voucher_id)
    if voucher is None:
        _record(person_id, asked[:40], reason, LookupOutcome.NOTHING)
        return LookupResult()
    own = voucher.ledger_id in set(issuer_ids)
    outcome = LookupOutcome.SEEN if own else LookupOutcome.FOREIGN
    lookup_id = _record(person_id, asked[:40], reason, outcome, voucher_id)
    return LookupResult(lookup_id if own else None)


def load_recent_lookup(lookup_id: UUID, person_id: UUID) -> SupportLookup:
    """Load a lookup of this person that found a voucher and is not older than half an hour.

    Refuses (`NotFound`) all others, and who does not work for that issuer any more.
    """
    found = session.get(SupportLookup, lookup_id)
    if found is None or found.person_id != person_id or found.outcome != LookupOutcome.SEEN or found.voucher_id is None:
        raise errors.lookup_over()
    if found.issuer_id is None or not _supports(person_id, found.issuer_id):
        raise errors.lookup_over()
    if found.looked_at < now() - LOOKUP_TTL:
        raise errors.lookup_over()
    return found


def _supports(person_id: UUID, issuer_id: UUID) -> bool:
    person = session.get(Person, person_id, populate_existing=True)
    roles = {m.role for m in person.memberships if m.organisation_id == issuer_id} if person else set()
    return is_allowed(roles, PERMISSION)


def _check_purpose(purpose: str) -> str:
    reason = purpose.strip()
    if not MIN_PURPOSE_LENGTH <= len(reason) <= MAX_PURPOSE_LENGTH:
        raise errors.purpose_missing()
    return reason


def _record(person_id: UUID, asked: str, purpose: str, outcome: LookupOutcome, voucher_id: UUID | None = None) -> UUID:
    issuer = session.scalar(sa.select(Voucher.ledger_id).where(Voucher.id == voucher_id)) if voucher_id else None
    look = SupportLookup(
        id=uuid7(),
        person_id=person_id,
        voucher_id=voucher_id,
        issuer_id=issuer,
        asked=asked,
        purpose=purpose,
        outcome=outcome,
    )
    session.add(look)
    session.flush()
    audit.record("voucher.look", "voucher", voucher_id, look=str(look.id), outcome=outcome, purpose=purpose)
    return look.id


def _list_matches(text: str) -> list[tuple[LookupMatch, UUID]]:
    number = sa.func.coalesce(VoucherSale.number, "")
    query = (
        sa.select(Voucher.id, Programme.name, Voucher.last4, Voucher.issued_at, number, Programme.issuer_id)
        .join(Programme, Programme.id == Voucher.programme_id)
        .outerjoin(VoucherSale, VoucherSale.voucher_id == Voucher.id)
        .order_by(Voucher.issued_at.desc())
        .limit(MAX_MATCHES)
    )
    if "@" in text:
        lower = text.lower()
        mine = sa.or_(
            sa.func.lower(VoucherSale.buyer_email) == lower, sa.func.lower(VoucherSale.recipient_email) == lower
        )
        query = query.where(mine)
    elif len(text) == MIN_SEARCH_LENGTH:
        query = query.where(Voucher.last4 == text.upper())
    else:
        orders = sa.select(VoucherOrder.id).where(VoucherOrder.number == text.upper())
        query = query.where(sa.or_(VoucherSale.number == text.upper(), VoucherSale.order_id.in_(orders)))
    return [(LookupMatch(*row[:5]), row[5]) for row in session.execute(query)]
