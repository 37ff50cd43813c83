"""The people at a shop's tills: an alias and a PIN of 4 to 6 digits, no account. Decision 0305."""

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock, session, uuid7
from foundation.security import keyed_hash
from vouchers.tills import errors
from vouchers.tills.models import TillStaff
from vouchers.tills.names import cleaned_name
from vouchers.tills.states import PinCheck, StaffRole

MAX_STAFF = 20
MAX_WRONG_PINS = 5
PIN_LOCK_TTL = timedelta(minutes=10)
PIN = re.compile(r"[0-9]{4,6}")
EASY_PINS = frozenset({"0000", "1111", "1234", "4321", "123456", "000000", "111111", "654321"})


def add_staff(outlet_id: UUID, *, alias: str, pin: str, role: str = StaffRole.CASHIER) -> UUID:
    """Add somebody to a shop's tills; their id. Refuses a second one of the same alias, and PINs too easy."""
    name = cleaned_name(alias, "alias")
    _check_form(pin)
    if role not in set(StaffRole):
        raise errors.staff_role_unknown()
    known = list_staff(outlet_id)
    if len(known) >= MAX_STAFF:
        raise errors.too_many_staff()
    if name.casefold() in {member.alias.casefold() for member in known}:
        raise errors.alias_taken()
    member = TillStaff(id=uuid7(), outlet_id=outlet_id, alias=name, pin_hash=b"", role=role)
    member.pin_hash = _hash_pin(member.id, pin)
    session.add(member)
    session.flush()
    audit.record("till_staff.add", "till_staff", member.id, outlet=str(outlet_id), role=role)
    return member.id


def change_pin(staff_id: UUID, outlet_ids: Iterable[UUID], *, pin: str) -> None:
    """Set a new PIN and end the lock after wrong ones. Refuses people of other shops (`NotFound`)."""
    member = _load(staff_id, outlet_ids)
    _check_form(pin)
    member.pin_hash, member.wrong_pins, member.locked_until = _hash_pin(member.id, pin), 0, None
    audit.record("till_staff.pin", "till_staff", member.id)


def remove_staff(staff_id: UUID, outlet_ids: Iterable[UUID]) -> None:
    """Let somebody work here no more; what was done stays under the alias. Refuses people of other shops."""
    member = _load(staff_id, outlet_ids)
    member.active = False
    audit.record("till_staff.remove", "till_staff", member.id)


def check_pin(staff_id: UUID, outlet_id: UUID, pin: str) -> PinCheck:
    """Compare a PIN. Five wrong ones lock the alias for ten minutes. Never raises: the count must be committed."""
    found = [m for m in lock(TillStaff, [staff_id]) if m.outlet_id == outlet_id and m.active]
    if not found:
        return PinCheck.WRONG
    member = found[0]
    if member.locked_until and member.locked_until > now():
        return PinCheck.LOCKED
    if secrets.compare_digest(member.pin_hash, _hash_pin(member.id, pin)):
        member.wrong_pins, member.locked_until = 0, None
        return PinCheck.RIGHT
    member.wrong_pins += 1
    if member.wrong_pins < MAX_WRONG_PINS:
        return PinCheck.WRONG
    member.wrong_pins, member.locked_until = 0, now() + PIN_LOCK_TTL
    audit.record("till_staff.locked", "till_staff", member.id)
    return PinCheck.LOCKED


def find_staff(staff_id: UUID, outlet_id: UUID) -> TillStaff | None:
    """Find somebody who works at this shop's tills."""
    member = session.get(TillStaff, staff_id)
    return member if member and member.active and member.outlet_id == outlet_id else None


def list_staff(outlet_id: UUID) -> Sequence[TillStaff]:
    """List who works at the tills of a shop, by alias."""
    query = sa.select(TillStaff).where(TillStaff.outlet_id == outlet_id, TillStaff.active).order_by(TillStaff.alias)
    return session.scalars(query).all()


def _load(staff_id: UUID, outlet_ids: Iterable[UUID]) -> TillStaff:
    member = session.get(TillStaff, staff_id)
    if member is None or not member.active or member.outlet_id not in set(outlet_ids):
        raise errors.staff_not_here()
    return member


def _check_form(pin: str) -> None:
    if not PIN.fullmatch(pin):
        raise errors.pin_not_valid()
    if pin in EASY_PINS:
        raise errors.pin_easy()


def _hash_pin(staff_id: UUID, pin: str) -> bytes:
    return keyed_hash("till staff pin", f"{staff_id}|{pin}")
