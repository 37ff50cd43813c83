"""Practice: the acts of a till, over books that are worth nothing: the same service, another schema. Decision 0313.

The bearer is a practice key, or the token of a till that is switched to practice.
"""

from typing import Any
from uuid import UUID

from foundation.clock import now
from foundation.languages import _
from vouchers.practice import setup
from vouchers.practice.names import name_receipt
from vouchers.practice.setup import PRACTICE_BOOKS
from vouchers.tills import books, holds, redeeming, returns
from vouchers.tills.calls import TillAnswer, run
from vouchers.tills.redeeming import RedemptionOrder
from vouchers.tills.service import TillService

RELEASE_EXPIRED = "SELECT {schema}.voucher_release_expired(%(secret)s, %(at)s)"


def redeem(bearer: str, request: RedemptionOrder) -> TillAnswer:
    """Take an amount, as `redeeming.redeem`. What is no practice voucher is refused in one sentence (`NotFound`)."""
    with books.use(PRACTICE_BOOKS):
        _release_expired(request.presented)
        answer = redeeming.redeem(bearer, request)
    return TillAnswer(answer.replay, name_receipt(answer.body))


def look(bearer: str, presented: str) -> dict[str, Any]:
    """Give what is left, as `redeeming.look`."""
    with books.use(PRACTICE_BOOKS):
        _release_expired(presented)
        return redeeming.look(bearer, presented) | {"programme": _("Übungsgutschein")}


def find_by_key(bearer: str, key: str) -> dict[str, Any]:
    """Find what became of a key, as `redeeming.find_by_key`."""
    with books.use(PRACTICE_BOOKS):
        found = redeeming.find_by_key(bearer, key)
    return found | ({"redemption": name_receipt(found["redemption"])} if "redemption" in found else {})


def is_decided(bearer: str, key: str) -> bool | None:
    """Whether something stands under a key, as `redeeming.is_decided`."""
    with books.use(PRACTICE_BOOKS):
        return redeeming.is_decided(bearer, key)


def hold(
    bearer: str, presented: str, *, cents: int, key: str, expires_in_seconds: int, receipt_no: str | None = None
) -> TillAnswer:
    """Set an amount aside, as `holds.hold`."""
    with books.use(PRACTICE_BOOKS):
        _release_expired(presented)
        return holds.hold(
            bearer, presented, cents=cents, key=key, expires_in_seconds=expires_in_seconds, receipt_no=receipt_no
        )


def capture(bearer: str, hold_id: UUID, *, key: str, cents: int | None = None) -> TillAnswer:
    """Take what is held, or a part of it, as `holds.capture`."""
    with books.use(PRACTICE_BOOKS):
        return holds.capture(bearer, hold_id, key=key, cents=cents)


def release(bearer: str, hold_id: UUID, *, key: str) -> TillAnswer:
    """Let go what is held, as `holds.release`."""
    with books.use(PRACTICE_BOOKS):
        return holds.release(bearer, hold_id, key=key)


def void(bearer: str, redemption_id: UUID, *, key: str, reason: str, staff_id: UUID | None = None) -> TillAnswer:
    """Take a whole redemption back, as `returns.void`."""
    with books.use(PRACTICE_BOOKS):
        return returns.void(bearer, redemption_id, key=key, reason=reason, staff_id=staff_id)


def refund(
    bearer: str, redemption_id: UUID, *, cents: int, key: str, reason: str, staff_id: UUID | None = None
) -> TillAnswer:
    """Give a part of a redemption back, as `returns.refund`."""
    with books.use(PRACTICE_BOOKS):
        return returns.refund(bearer, redemption_id, cents=cents, key=key, reason=reason, staff_id=staff_id)


def _release_expired(presented: str) -> None:
    run(RELEASE_EXPIRED, secret=setup.read_credential(presented).hash, at=now())


class _PracticeService:
    look = staticmethod(look)
    redeem = staticmethod(redeem)
    find_by_key = staticmethod(find_by_key)
    is_decided = staticmethod(is_decided)
    hold = staticmethod(hold)
    capture = staticmethod(capture)
    release = staticmethod(release)
    void = staticmethod(void)
    refund = staticmethod(refund)


PRACTICE: TillService = _PracticeService()
