"""Giving back at a till: void on the same business day, refund later; the value returns to its lots. Decision 0318."""

import hashlib
from uuid import UUID

from foundation.clock import now
from foundation.database import uuid7
from vouchers.tills import books, errors
from vouchers.tills.calls import TillAnswer, act

VOID = (
    "SELECT outcome, replay, answer, operation_id"
    " FROM {schema}.voucher_void(p_till => %(till)s, p_redemption => %(redemption)s,"
    " p_operation => %(operation)s, p_key => %(key)s, p_fingerprint => %(fingerprint)s, p_staff => %(staff)s,"
    " p_reason => %(reason)s, p_at => %(at)s)"
)
REFUND = (
    "SELECT outcome, replay, answer, operation_id"
    " FROM {schema}.voucher_till_refund(p_till => %(till)s,"
    " p_redemption => %(redemption)s, p_operation => %(operation)s, p_key => %(key)s, p_cents => %(cents)s,"
    " p_fingerprint => %(fingerprint)s,"
    " p_staff => %(staff)s, p_reason => %(reason)s, p_at => %(at)s)"
)


def void(bearer: str, redemption_id: UUID, *, key: str, reason: str, staff_id: UUID | None = None) -> TillAnswer:
    """Take back a whole redemption of this shop on the same business day; the value returns to its lots.

    Refuses other shops' redemptions (`NotFound`), another day and a second time (`Refused`).
    """
    return act(
        VOID,
        errors.RETURN_REFUSALS,
        till=books.current().hash_bearer(bearer),
        redemption=redemption_id,
        operation=uuid7(),
        key=key,
        fingerprint=hashlib.sha256(b"void" + redemption_id.bytes + reason.encode()).digest(),
        staff=staff_id,
        reason=reason,
        at=now(),
    )


def refund(
    bearer: str, redemption_id: UUID, *, cents: int, key: str, reason: str, staff_id: UUID | None = None
) -> TillAnswer:
    """Give back `cents` of a redemption of this shop, later: goods came back. Refuses more than was redeemed."""
    body = b"refund" + redemption_id.bytes + f"{cents}|{reason}".encode()
    return act(
        REFUND,
        errors.RETURN_REFUSALS,
        till=books.current().hash_bearer(bearer),
        redemption=redemption_id,
        operation=uuid7(),
        key=key,
        cents=cents,
        fingerprint=hashlib.sha256(body).digest(),
        staff=staff_id,
        reason=reason,
        at=now(),
    )
