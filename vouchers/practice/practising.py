"""Practising: the acts of `redeeming` with vouchers that are worth nothing. Same arguments, same answers, no postings.

Each act is one transaction: place, voucher under its lock, an earlier use of the key, decision, record. A key that was
refused once is refused for good. The bearer is a sandbox key, or the token of a till that is switched to practising.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from foundation.clock import now, today
from foundation.database import transact
from foundation.errors import NotFound
from foundation.languages import _, lazy
from vouchers.practice import acts, lots, making
from vouchers.practice.records import Act, Decided, place_of, presented_voucher, returned, with_key
from vouchers.stored_value.states import Outcome
from vouchers.tills import errors
from vouchers.tills.calls import TillAnswer
from vouchers.tills.errors import HOLD_REFUSALS, RETURN_REFUSALS, Refusal
from vouchers.tills.holds import MAX_HOLD_SECONDS
from vouchers.tills.redeeming import RedemptionRequest
from vouchers.tills.service import TillService

PRACTICE_REFUSALS = HOLD_REFUSALS | {
    Outcome.UNKNOWN: Refusal(
        NotFound,
        lazy("Das ist kein Übungsgutschein. Im Übungsmodus gelten nur Übungsgutscheine; es wurde nichts gebucht."),
        "not_redeemable",
        "training_only",
    )
}


def redeem(bearer: str, request: RedemptionRequest) -> TillAnswer:
    """As `redeeming.redeem`. What is no training voucher is refused in one sentence (`NotFound`)."""
    fingerprint = _fingerprint(
        "redeem", _hash(request.presented), request.cents, request.receipt_no, request.basket_cents
    )
    wish = Act("redeem", request.key, fingerprint, request.cents, request.staff_id, request.receipt_no)
    return _run(acts.take, bearer, request.presented, wish)


def look(bearer: str, presented: str) -> dict[str, Any]:
    """As `redeeming.look`."""
    place, voucher = place_of(bearer), presented_voucher(presented)
    reason = acts.refusal(place, voucher, 0)
    if reason or voucher is None:
        errors.refuse(reason or "unknown", None, PRACTICE_REFUSALS)
    return {
        "programme": _("Übungsgutschein"),
        "voucher_last4": voucher.last4,
        "remaining": lots.available(voucher.lots, today()),
        "buckets": lots.told(voucher.lots, []),
    }


def hold(
    bearer: str, presented: str, *, cents: int, key: str, expires_in_seconds: int, receipt_no: str | None = None
) -> TillAnswer:
    """As `holds.hold`: sets value aside for at most 30 minutes."""
    fingerprint = _fingerprint("hold", _hash(presented), cents, receipt_no, None)
    ends = now() + timedelta(seconds=min(expires_in_seconds, MAX_HOLD_SECONDS))
    return _run(
        acts.take, bearer, presented, Act("hold", key, fingerprint, cents, receipt_no=receipt_no, expires_at=ends)
    )


def capture(bearer: str, hold_id: UUID, *, key: str) -> TillAnswer:
    """As `holds.capture`: the shop gets what was held for it."""
    return _run(acts.settle, bearer, "", Act("capture", key, _fingerprint("capture", hold_id), ref_id=hold_id))


def release(bearer: str, hold_id: UUID, *, key: str) -> TillAnswer:
    """As `holds.release`: what was held is free again."""
    return _run(acts.settle, bearer, "", Act("release", key, _fingerprint("release", hold_id), ref_id=hold_id))


def void(bearer: str, redemption_id: UUID, *, key: str, reason: str, staff_id: UUID | None = None) -> TillAnswer:
    """As `returns.void`: in full, on the same business day."""
    fingerprint = _fingerprint("void", redemption_id, reason)
    return _run(acts.give_back, bearer, "", Act("void", key, fingerprint, 0, staff_id, None, reason, redemption_id))


def refund(
    bearer: str, redemption_id: UUID, *, cents: int, key: str, reason: str, staff_id: UUID | None = None
) -> TillAnswer:
    """As `returns.refund`: a part, later, to the lots it came from."""
    fingerprint = _fingerprint("refund", redemption_id, cents, reason)
    return _run(
        acts.give_back, bearer, "", Act("refund", key, fingerprint, cents, staff_id, None, reason, redemption_id)
    )


def find_by_key(bearer: str, key: str) -> dict[str, Any]:
    """As `redeeming.find_by_key`."""
    found = with_key(place_of(bearer), key)
    if found is None:
        raise errors.key_without_result()
    told: dict[str, Any] = {"state": "found", "kind": found.kind, "outcome": errors.public_code(found.outcome)}
    if found.outcome == "done":
        told |= {"redemption" if found.kind == "redeem" else "result": found.answer, "returned": returned(found)}
    return told


def _run(act: Callable[[str, str, Act], Decided], bearer: str, presented: str, wish: Act) -> TillAnswer:
    if wish.kind in ("redeem", "hold") and wish.cents < 1:
        raise ValueError("cents must be positive")
    try:
        outcome, replay, answer = transact(act, bearer, presented, wish)
    except IntegrityError:
        outcome, replay, answer = transact(act, bearer, presented, wish)  # the same key came twice: now it is found
    if outcome == "done" and answer is not None:
        return TillAnswer(replay, answer)
    errors.refuse(outcome, answer, RETURN_REFUSALS if wish.kind in ("void", "refund") else PRACTICE_REFUSALS)


def _fingerprint(kind: str, *values: object) -> bytes:
    return hashlib.sha256("|".join([kind, *(str(value) for value in values)]).encode()).digest()


def _hash(presented: str) -> str:
    secret = making.read(presented)
    return secret.hash.hex() if secret else presented


class _PracticeService:
    look = staticmethod(look)
    redeem = staticmethod(redeem)
    find_by_key = staticmethod(find_by_key)
    hold = staticmethod(hold)
    capture = staticmethod(capture)
    release = staticmethod(release)
    void = staticmethod(void)
    refund = staticmethod(refund)


PRACTICE: TillService = _PracticeService()
