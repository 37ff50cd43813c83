"""Practising: the acts of `redeeming` with vouchers that are worth nothing. Same arguments, same answers, no postings.

Each act is one transaction: place, voucher under its lock, an earlier use of the key, decision, record. A key that was
refused once is refused for good. The bearer is a sandbox key, or the token of a till that is switched to practising.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from foundation import errors
from foundation.clock import now, today
from foundation.database import transact
from foundation.languages import _
from vouchers.practice import acts, lots, making
from vouchers.practice.records import Act, Decided, place_of, presented_voucher, returned, with_key
from vouchers.tills import redeeming
from vouchers.tills.redeeming import Answer

LONGEST_HOLD = 1800


def redeem(
    bearer: str,
    presented: str,
    *,
    cents: int,
    key: str,
    staff_id: UUID | None = None,
    receipt_no: str | None = None,
    basket_cents: int | None = None,
    client_time: datetime | None = None,
) -> Answer:
    """As `redeeming.redeem`. What is no training voucher is refused in one sentence (`NotFound`)."""
    print_ = _print("redeem", _hash(presented), cents, receipt_no, basket_cents)
    return _run(acts.take, bearer, presented, Act("redeem", key, print_, cents, staff_id, receipt_no))


def look(bearer: str, presented: str) -> dict[str, Any]:
    """As `redeeming.look`."""
    place, voucher = place_of(bearer), presented_voucher(presented)
    reason = acts.refusal(place, voucher, 0)
    if reason or voucher is None:
        refuse(reason or "unknown", None)
    return {
        "programme": _("Übungsgutschein"),
        "voucher_last4": voucher.last4,
        "remaining": lots.available(voucher.lots, today()),
        "buckets": lots.told(voucher.lots, []),
    }


def hold(
    bearer: str, presented: str, *, cents: int, key: str, lasts_seconds: int, receipt_no: str | None = None
) -> Answer:
    """As `redeeming.hold`: sets value aside for at most 30 minutes."""
    print_ = _print("hold", _hash(presented), cents, receipt_no, None)
    ends = now() + timedelta(seconds=min(lasts_seconds, LONGEST_HOLD))
    return _run(acts.take, bearer, presented, Act("hold", key, print_, cents, receipt_no=receipt_no, expires_at=ends))


def capture(bearer: str, hold_id: UUID, *, key: str) -> Answer:
    """As `redeeming.capture`: the shop gets what was held for it."""
    return _run(acts.settle, bearer, "", Act("capture", key, _print("capture", hold_id), ref_id=hold_id))


def release(bearer: str, hold_id: UUID, *, key: str) -> Answer:
    """As `redeeming.release`: what was held is free again."""
    return _run(acts.settle, bearer, "", Act("release", key, _print("release", hold_id), ref_id=hold_id))


def void(bearer: str, redemption_id: UUID, *, key: str, reason: str, staff_id: UUID | None = None) -> Answer:
    """As `redeeming.void`: in full, on the same business day."""
    print_ = _print("void", redemption_id, reason)
    return _run(acts.give_back, bearer, "", Act("void", key, print_, 0, staff_id, None, reason, redemption_id))


def refund(
    bearer: str, redemption_id: UUID, *, cents: int, key: str, reason: str, staff_id: UUID | None = None
) -> Answer:
    """As `redeeming.refund`: a part, later, to the lots it came from."""
    print_ = _print("refund", redemption_id, cents, reason)
    return _run(acts.give_back, bearer, "", Act("refund", key, print_, cents, staff_id, None, reason, redemption_id))


def by_key(bearer: str, key: str) -> dict[str, Any]:
    """As `redeeming.by_key`."""
    found = with_key(place_of(bearer), key)
    if found is None:
        raise errors.NotFound(_("Unter diesem Schlüssel ist nichts geschehen."), "not_found", state="not_found")
    told: dict[str, Any] = {"state": "found", "kind": found.kind, "outcome": redeeming.public_code(found.outcome)}
    if found.outcome == "done":
        told |= {"redemption" if found.kind == "redeem" else "result": found.answer, "returned": returned(found)}
    return told


def refuse(outcome: str, answer: dict[str, Any] | None) -> NoReturn:
    """As `redeeming.refuse`, but whatever is no training voucher is told so: it may well be a real one."""
    sentences = {
        "no_hold": _("Diese Reservierung gibt es hier nicht."),
        "already_ended": _("Diese Reservierung ist schon beendet."),
        "expired": _("Diese Reservierung ist abgelaufen."),
    }
    if outcome == "unknown":
        sentence = _(
            "Das ist kein Übungsgutschein. Im Übungsmodus gelten nur Übungsgutscheine; es wurde nichts gebucht."
        )
        raise errors.NotFound(sentence, "not_redeemable", reason_code="training_only")
    if outcome == "no_hold":
        raise errors.NotFound(sentences[outcome], "hold_unknown")
    if outcome in sentences:
        raise errors.Refused(sentences[outcome], f"hold_{outcome}")
    redeeming.refuse(outcome, answer)


def _run(act: Callable[[str, str, Act], Decided], bearer: str, presented: str, wish: Act) -> Answer:
    if wish.kind in ("redeem", "hold") and wish.cents < 1:
        raise ValueError("cents must be positive")
    try:
        outcome, replay, answer = transact(act, bearer, presented, wish)
    except IntegrityError:
        outcome, replay, answer = transact(act, bearer, presented, wish)  # the same key came twice: now it is found
    if outcome == "done" and answer is not None:
        return Answer(replay, answer)
    if wish.kind in ("void", "refund"):
        redeeming.refuse_return("unknown" if outcome == "unknown" else outcome, answer)
    refuse(outcome, answer)


def _print(kind: str, *values: object) -> bytes:
    return hashlib.sha256("|".join([kind, *(str(value) for value in values)]).encode()).digest()


def _hash(presented: str) -> str:
    secret = making.read(presented)
    return secret.hash.hex() if secret else presented
