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
from foundation.errors import Invalid, NotFound
from foundation.languages import _
from people.models import Person
from people.permissions import is_allowed
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.stored_value import codes
from vouchers.stored_value.models import Programme, Voucher
from vouchers.support.models import VoucherLookup

PERMISSION = "vouchers.support"
MIN_PURPOSE_LENGTH, MAX_PURPOSE_LENGTH = 3, 200
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
    """What a search gave: one voucher's look, or several to choose from, or neither."""

    look_id: UUID | None = None
    matches: list[LookupMatch] = field(default_factory=list)


def search(person_id: UUID, issuer_ids: Collection[UUID], *, asked: str, purpose: str) -> LookupResult:
    """Look for vouchers of these issuers; notes it, also when there is nothing, or only something of other issuers.

    Refuses (`Invalid`) a purpose of fewer than 3 characters, and codes: support never needs them.
    """
    told, text = _purpose(purpose), asked.strip()
    secret = codes.read_token(text) or ("@" not in text and codes.looks_like_code(text) and not NUMBER.fullmatch(text))
    if secret or len(text) > MAX_ADDRESS_LENGTH:
        raise Invalid(
            _("Bitte nie den Code eingeben. Es genügen Bestellnummer, E-Mail-Adresse oder die letzten vier Zeichen."),
            "code_not_wanted",
            field="asked",
        )
    if len(text) < 4:
        raise Invalid(_("Bitte geben Sie mindestens vier Zeichen ein."), "too_short", field="asked")
    found = _found(text)
    own = [match for match, issuer in found if issuer in set(issuer_ids)]
    shown = mail.mask_address(text.lower()) if "@" in text else text[:40].upper()
    if len(own) == 1:
        return LookupResult(_note(person_id, shown, told, "seen", own[0].voucher_id))
    if own:
        _note(person_id, shown, told, "listed")
        return LookupResult(matches=own)
    for match, _issuer in found[:1]:
        _note(person_id, shown, told, "foreign", match.voucher_id)
    if not found:
        _note(person_id, shown, told, "nothing")
    return LookupResult()


def open_match(
    person_id: UUID, issuer_ids: Collection[UUID], voucher_id: UUID, *, asked: str, purpose: str
) -> LookupResult:
    """Look at one of the vouchers of a list. Nothing, but a note of it, for vouchers of other issuers."""
    told = _purpose(purpose)
    voucher = session.get(Voucher, voucher_id)
    if voucher is None:
        _note(person_id, asked[:40], told, "nothing")
        return LookupResult()
    own = voucher.ledger_id in set(issuer_ids)
    look_id = _note(person_id, asked[:40], told, "seen" if own else "foreign", voucher_id)
    return LookupResult(look_id if own else None)


def load_recent_lookup(look_id: UUID, person_id: UUID) -> VoucherLookup:
    """A look of this person that found something, not older than half an hour. Refuses all others with `NotFound`,
    and who works for that issuer no more.
    """
    found = session.get(VoucherLookup, look_id)
    if found is None or found.person_id != person_id or found.outcome != "seen" or found.voucher_id is None:
        raise NotFound(_("Bitte suchen Sie den Gutschein noch einmal."), "look_unknown")
    if found.issuer_id is None or not _supports(person_id, found.issuer_id):
        raise NotFound(_("Bitte suchen Sie den Gutschein noch einmal."), "look_unknown")
    if found.looked_at < now() - LOOKUP_TTL:
        raise NotFound(_("Bitte suchen Sie den Gutschein noch einmal."), "look_over")
    return found


def _supports(person_id: UUID, issuer_id: UUID) -> bool:
    person = session.get(Person, person_id, populate_existing=True)
    roles = {m.role for m in person.memberships if m.organisation_id == issuer_id} if person else set()
    return is_allowed(roles, PERMISSION)


def _purpose(purpose: str) -> str:
    told = purpose.strip()
    if not MIN_PURPOSE_LENGTH <= len(told) <= MAX_PURPOSE_LENGTH:
        raise Invalid(
            _("Bitte schreiben Sie, wozu Sie nachsehen (3 bis 200 Zeichen)."), "purpose_missing", field="purpose"
        )
    return told


def _note(person_id: UUID, asked: str, purpose: str, outcome: str, voucher_id: UUID | None = None) -> UUID:
    issuer = session.scalar(sa.select(Voucher.ledger_id).where(Voucher.id == voucher_id)) if voucher_id else None
    look = VoucherLookup(
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


def _found(text: str) -> list[tuple[LookupMatch, UUID]]:
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
    elif len(text) == 4:
        query = query.where(Voucher.last4 == text.upper())
    else:
        orders = sa.select(VoucherOrder.id).where(VoucherOrder.number == text.upper())
        query = query.where(sa.or_(VoucherSale.number == text.upper(), VoucherSale.order_id.in_(orders)))
    return [(LookupMatch(*row[:5]), row[5]) for row in session.execute(query)]
