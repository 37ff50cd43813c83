"""Tills and the people at them: enrolling a device by a one-time link, revoking it, aliases with PINs.

A till is a device, not a person: it carries a bearer token. Somebody at the till needs no account of their own.
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock, lock_one, session, uuid7
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from foundation.security import keyed_hash
from vouchers.tills.models import Till, TillEnrolment, TillStaff, TillToken
from vouchers.tills.states import StaffRole, TokenScope
from vouchers.tills.redeeming import till_hash

INVITATION_LASTS = timedelta(minutes=10)
MOST_TILLS = 50
MOST_STAFF = 20
MOST_TOKENS = 10
OLD_TOKEN_LIVES = timedelta(hours=24)
WRONG_PINS = 5
LOCKED_FOR = timedelta(minutes=10)
PIN = re.compile(r"[0-9]{4,6}")
NAME_LIMIT = 40
EASY = frozenset({"0000", "1111", "1234", "4321", "123456", "000000", "111111", "654321"})


def invite(outlet_id: UUID, *, name: str, person_id: UUID | None) -> str:
    """A secret with which one device can enrol once, within ten minutes, as a till of the shop."""
    _room_for_one(outlet_id)
    secret = secrets.token_urlsafe(24)
    session.add(
        TillEnrolment(
            outlet_id=outlet_id,
            name=_cleaned(name, "name"),
            secret_hash=_secret_hash(secret),
            created_by=person_id,
            expires_at=now() + INVITATION_LASTS,
        )
    )
    audit.record("till.invite", "outlet", outlet_id, name=name)
    return secret


def invitation(secret: str) -> TillEnrolment:
    """The open invitation of a secret. Refuses used, old and unknown ones in one sentence (`NotFound`)."""
    query = sa.select(TillEnrolment).where(TillEnrolment.secret_hash == _secret_hash(secret))
    found = session.scalars(query).one_or_none()
    if found is None or found.used_at or found.expires_at <= now():
        raise NotFound(
            _("Diese Einladung gilt nicht mehr. Bitte zeigen Sie am Schreibtisch des Geschäfts eine neue an."),
            "invitation_not_valid",
        )
    return found


def enrol(secret: str) -> tuple[UUID, str]:
    """Make this device a till: its id and its bearer token, which is shown nowhere again. Refuses as `invitation`."""
    found = lock_one(TillEnrolment, invitation(secret).id)
    if found.used_at:
        raise NotFound(_("Diese Einladung wurde gerade benutzt."), "invitation_not_valid")
    till_id, bearer = add(found.outlet_id, name=found.name, person_id=found.created_by)
    found.used_at, found.till_id = now(), till_id
    return till_id, bearer


def add(outlet_id: UUID, *, name: str, person_id: UUID | None) -> tuple[UUID, str]:
    """A till and its bearer token in plain, once. For `enrol`, and for cash systems that use the API."""
    _room_for_one(outlet_id)
    till = Till(id=uuid7(), outlet_id=outlet_id, name=_cleaned(name, "name"), enrolled_by=person_id)
    session.add(till)
    session.flush()
    audit.record("till.enrol", "till", till.id, outlet=str(outlet_id))
    return till.id, new_token(till.id, till.name, TokenScope)


def new_token(till_id: UUID, name: str, scopes: Iterable[str], expires_at: datetime | None = None) -> str:
    """One more bearer token of a till in plain, once. Refuses unknown scopes, none at all, and more than ten."""
    chosen = sorted(set(scopes))
    if not chosen or not set(chosen) <= set(TokenScope):
        raise Invalid(_("Bitte wählen Sie, was dieser Zugang darf."), "scopes_not_valid", field="scopes")
    if len([token for token in tokens_of(till_id) if token.revoked_at is None]) >= MOST_TOKENS:
        raise Refused(_("Mehr als zehn Zugänge sind je Kasse nicht möglich."), "too_many_tokens")
    bearer = secrets.token_urlsafe(32)
    session.add(
        TillToken(
            hash=till_hash(bearer),
            till_id=till_id,
            name=_cleaned(name, "name"),
            scopes=chosen,
            expires_at=expires_at,
        )
    )
    session.flush()
    audit.record("till_token.add", "till", till_id, name=name, scopes=chosen)
    return bearer


def rotate_token(token_hash: bytes, *, old_lives: timedelta = OLD_TOKEN_LIVES) -> str:
    """A new token in place of an old one, which lives on for a while so that no register stands still."""
    old = session.get(TillToken, token_hash, with_for_update={"key_share": False})
    if old is None or old.revoked_at or (old.expires_at and old.expires_at <= now()):
        raise NotFound(_("Diesen Zugang gibt es nicht (mehr)."))
    bearer = new_token(old.till_id, old.name, old.scopes)
    old.expires_at = now() + old_lives
    return bearer


def revoke_token(token_hash: bytes) -> None:
    """It opens nothing any more, from this second. A second time changes nothing."""
    token = session.get(TillToken, token_hash)
    if token and token.revoked_at is None:
        token.revoked_at = now()
        audit.record("till_token.revoke", "till", token.till_id, name=token.name)


def tokens_of(till_id: UUID) -> Sequence[TillToken]:
    """Every token that a till ever had, the newest first."""
    query = sa.select(TillToken).where(TillToken.till_id == till_id)
    return session.scalars(query.order_by(TillToken.created_at.desc(), TillToken.hash)).all()


def revoke(till_id: UUID, outlet_ids: Iterable[UUID]) -> None:
    """The device is no till any more, from this second. Refuses tills of other shops (`NotFound`)."""
    till = session.get(Till, till_id)
    if till is None or till.outlet_id not in set(outlet_ids):
        raise NotFound(_("Diese Kasse gibt es nicht."))
    if till.revoked_at is None:
        till.revoked_at = now()
        audit.record("till.revoke", "till", till.id, outlet=str(till.outlet_id))


def till_of(bearer: str) -> Till | None:
    """The till of a bearer token, if neither is revoked."""
    query = (
        sa.select(Till)
        .join(TillToken, TillToken.till_id == Till.id)
        .where(
            TillToken.hash == till_hash(bearer),
            TillToken.revoked_at.is_(None),
            sa.or_(TillToken.expires_at.is_(None), TillToken.expires_at > now()),
            Till.revoked_at.is_(None),
        )
    )
    return session.scalars(query).unique().one_or_none()


def tills_of(outlet_id: UUID) -> Sequence[Till]:
    """The tills of a shop that are not revoked, by name."""
    query = sa.select(Till).where(Till.outlet_id == outlet_id, Till.revoked_at.is_(None)).order_by(Till.name, Till.id)
    return session.scalars(query).unique().all()


def staff_of(outlet_id: UUID) -> Sequence[TillStaff]:
    """Who works at the tills of a shop, by alias."""
    query = sa.select(TillStaff).where(TillStaff.outlet_id == outlet_id, TillStaff.active).order_by(TillStaff.alias)
    return session.scalars(query).all()


def add_staff(outlet_id: UUID, *, alias: str, pin: str, role: str = "cashier") -> UUID:
    """Somebody with an alias and a PIN of 4 to 6 digits. Refuses a second one of the same alias, and PINs too easy."""
    name = _cleaned(alias, "alias")
    _checked_pin(pin)
    if role not in set(StaffRole):
        raise Invalid(_("Diese Aufgabe gibt es nicht."), field="role")
    known = staff_of(outlet_id)
    if len(known) >= MOST_STAFF:
        raise Refused(_("Mehr als 20 Personen sind je Geschäft nicht möglich."), "too_many_staff")
    if name.casefold() in {member.alias.casefold() for member in known}:
        raise Invalid(_("Diesen Namen gibt es in diesem Geschäft schon."), "alias_taken", field="alias")
    member = TillStaff(id=uuid7(), outlet_id=outlet_id, alias=name, pin_hash=b"", role=role)
    member.pin_hash = _pin_hash(member.id, pin)
    session.add(member)
    session.flush()
    audit.record("till_staff.add", "till_staff", member.id, outlet=str(outlet_id), role=role)
    return member.id


def change_pin(staff_id: UUID, outlet_ids: Iterable[UUID], *, pin: str) -> None:
    """A new PIN, and the lock after wrong ones is off."""
    member = _staff(staff_id, outlet_ids)
    _checked_pin(pin)
    member.pin_hash, member.wrong_pins, member.locked_until = _pin_hash(member.id, pin), 0, None
    audit.record("till_staff.pin", "till_staff", member.id)


def remove_staff(staff_id: UUID, outlet_ids: Iterable[UUID]) -> None:
    """Works here no more; what was done stays under the alias."""
    member = _staff(staff_id, outlet_ids)
    member.active = False
    audit.record("till_staff.remove", "till_staff", member.id)


def knows_pin(staff_id: UUID, outlet_id: UUID, pin: str) -> str:
    """`yes`, `no` or `locked`. Five wrong PINs lock the alias for ten minutes. Never raises: the count must be kept."""
    found = [m for m in lock(TillStaff, [staff_id]) if m.outlet_id == outlet_id and m.active]
    if not found:
        return "no"
    member = found[0]
    if member.locked_until and member.locked_until > now():
        return "locked"
    if secrets.compare_digest(member.pin_hash, _pin_hash(member.id, pin)):
        member.wrong_pins, member.locked_until = 0, None
        return "yes"
    member.wrong_pins += 1
    if member.wrong_pins >= WRONG_PINS:
        member.wrong_pins, member.locked_until = 0, now() + LOCKED_FOR
        audit.record("till_staff.locked", "till_staff", member.id)
        return "locked"
    return "no"


def staff_member(staff_id: UUID, outlet_id: UUID) -> TillStaff | None:
    """Somebody who works at this shop's tills."""
    member = session.get(TillStaff, staff_id)
    return member if member and member.active and member.outlet_id == outlet_id else None


def _room_for_one(outlet_id: UUID) -> None:
    if len(tills_of(outlet_id)) >= MOST_TILLS:
        sentence = _("Mehr als 50 Kassen sind je Geschäft nicht möglich. Bitte melden Sie alte ab.")
        raise Refused(sentence, "too_many_tills")


def _staff(staff_id: UUID, outlet_ids: Iterable[UUID]) -> TillStaff:
    member = session.get(TillStaff, staff_id)
    if member is None or not member.active or member.outlet_id not in set(outlet_ids):
        raise NotFound(_("Diese Person gibt es hier nicht."))
    return member


def _cleaned(text: str, field: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= NAME_LIMIT or not name.isprintable():
        raise Invalid(_("Bitte geben Sie einen Namen mit 1 bis 40 Zeichen ein."), field=field)
    return name


def _checked_pin(pin: str) -> None:
    if not PIN.fullmatch(pin):
        raise Invalid(_("Die PIN braucht 4 bis 6 Ziffern."), "pin_not_valid", field="pin")
    if pin in EASY:
        raise Invalid(_("Diese PIN ist zu leicht zu erraten. Bitte wählen Sie eine andere."), "pin_easy", field="pin")


def _pin_hash(staff_id: UUID, pin: str) -> bytes:
    return keyed_hash("till staff pin", f"{staff_id}|{pin}")


def _secret_hash(secret: str) -> bytes:
    return keyed_hash("till enrolment", secret[:200])
