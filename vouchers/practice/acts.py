"""What practising decides: the rules of the real acts, over training rows. Each is one transaction of its caller."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from foundation.clock import now, today
from foundation.database import session, uuid7
from foundation.languages import _
from vouchers.practice import lots
from vouchers.practice.models import TrainingOperation, TrainingVoucher
from vouchers.practice.records import (
    Act,
    Decided,
    Place,
    earlier,
    end_old_holds,
    ended,
    given_back,
    locked_voucher,
    operation_here,
    place_of,
    presented_voucher,
    record,
)
from vouchers.tills.models import TillStaff


def take(bearer: str, presented: str, wish: Act) -> Decided:
    """Redeem, or hold."""
    place, voucher = place_of(bearer), presented_voucher(presented, locked=True)
    before = earlier(place, wish)
    if before:
        return before
    if voucher:
        end_old_holds(voucher)
    reason = refusal(place, voucher, wish.cents)
    if reason or voucher is None:
        left = {"remaining": lots.available(voucher.lots, today())} if voucher and reason == "insufficient" else None
        return record(place, voucher, wish, reason or "unknown", left, [])
    free = lots.available(voucher.lots, today())
    voucher.lots, parts = lots.take(voucher.lots, wish.cents, today(), hold=wish.kind == "hold")
    operation_id = uuid7()
    if wish.kind == "hold":
        ends = wish.expires_at.isoformat() if wish.expires_at else None
        answer = {
            "hold_id": str(operation_id),
            "amount": wish.cents,
            "remaining": free - wish.cents,
            "expires_at": ends,
        }
    else:
        answer = {"redemption_id": str(operation_id), "amount": wish.cents, "remaining": free - wish.cents}
        answer |= {"buckets": lots.told(voucher.lots, parts), "receipt": _receipt(place, voucher, wish, operation_id)}
    return record(place, voucher, wish, "done", answer, parts, operation_id)


def settle(bearer: str, _presented: str, wish: Act) -> Decided:
    """Capture or release a hold."""
    place = place_of(bearer)
    held = operation_here(place, wish.ref_id, ("hold",))
    voucher = locked_voucher(held.voucher_id) if held else None
    before = earlier(place, wish)
    if before:
        return before
    if held is None or voucher is None:
        return "no_hold", False, None
    end_old_holds(voucher, keep=held.id if wish.kind == "release" else None)
    if ended(held):
        reason = "expired" if held.expires_at and held.expires_at <= now() else "already_ended"
        return record(place, voucher, wish, reason, None, [])
    voucher.lots = lots.end_hold(voucher.lots, held.parts, capture=wish.kind == "capture")
    operation_id = uuid7()
    answer = {"amount": held.cents, "remaining": lots.available(voucher.lots, today()), "hold_id": str(held.id)}
    answer |= {"redemption_id": str(operation_id)} if wish.kind == "capture" else {}
    wish = replace(wish, cents=held.cents, receipt_no=held.receipt_no)
    return record(place, voucher, wish, "done", answer, held.parts, operation_id)


def give_back(bearer: str, _presented: str, wish: Act) -> Decided:
    """Void or refund."""
    place = place_of(bearer)
    taken = operation_here(place, wish.ref_id, ("redeem", "capture"))
    voucher = locked_voucher(taken.voucher_id) if taken else None
    before = earlier(place, wish)
    if before:
        return before
    if taken is None or voucher is None:
        return "unknown", False, None
    given = given_back(taken)
    done = sum(back.cents for back in given)
    wish = replace(wish, cents=taken.cents) if wish.kind == "void" else wish
    reason = _no_return(taken, wish, done)
    if reason:
        return record(place, voucher, wish, reason, {"returnable": taken.cents - done}, [])
    voucher.lots, parts = lots.put_back(voucher.lots, taken.parts, [b.parts for b in given], wish.cents, today())
    operation_id = uuid7()
    answer = {
        f"{wish.kind}_id": str(operation_id),
        "redemption_id": str(taken.id),
        "amount": wish.cents,
        "lapsed": sum(part["cents"] for part in parts if part["lapsed"]),
        "remaining": lots.available(voucher.lots, today()),
        "buckets": lots.told(voucher.lots, parts),
        "time": now().isoformat(),
    }
    return record(place, voucher, wish, "done", answer, parts, operation_id)


def _no_return(taken: TrainingOperation, wish: Act, done: int) -> str | None:
    if wish.kind == "void" and done:
        return "already_returned"
    if wish.kind == "void" and taken.booked_on != today():
        return "another_day"
    if wish.cents < 1:
        return "wrong_amount"
    return "more_than_redeemed" if done + wish.cents > taken.cents else None


def refusal(place: Place, voucher: TrainingVoucher | None, cents: int) -> str | None:
    """Why nothing can be taken of this voucher here; nothing when it can."""
    if voucher is None:
        return "unknown"
    if not place.outlet.active:
        return "outlet_suspended"
    if voucher.state != "active":
        return "blocked"
    if voucher.organisation_id != place.outlet.organisation_id:
        return "outside_network"
    return "insufficient" if lots.available(voucher.lots, today()) < cents else None


def _receipt(place: Place, voucher: TrainingVoucher, wish: Act, operation_id: UUID) -> dict[str, Any]:
    cashier = session.get(TillStaff, wish.staff_id) if wish.staff_id else None
    return {
        "issuer": _("Übung, kein Herausgeber"),
        "programme": _("Übungsgutschein"),
        "shop": place.outlet.name,
        "street": place.outlet.street,
        "postcode": place.outlet.postcode,
        "town": place.outlet.municipality.name,
        "till": place.name,
        "cashier": cashier.alias if cashier else None,
        "time": now().isoformat(),
        "voucher_last4": voucher.last4,
        "receipt_no": wish.receipt_no,
        "void_code": str(operation_id)[-6:].upper(),
    }
