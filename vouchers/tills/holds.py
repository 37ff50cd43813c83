"""Holds of a till: value is set aside for its shop for at most half an hour, then captured or released."""

import hashlib
from datetime import timedelta
from uuid import UUID

from foundation.clock import now
from foundation.database import uuid7
from vouchers.tills import books, errors
from vouchers.tills.calls import TillAnswer, act
from vouchers.tills.redeeming import read_credential

MAX_HOLD_SECONDS = 1800

HOLD = (
    "SELECT outcome, replay, answer, operation_id"
    " FROM {schema}.voucher_till_hold(p_till => %(till)s, p_secret => %(secret)s,"
    " p_by_code => %(by_code)s, p_operation => %(operation)s, p_key => %(key)s, p_cents => %(cents)s,"
    " p_fingerprint => %(fingerprint)s, p_receipt_no => %(receipt_no)s, p_expires => %(expires)s, p_at => %(at)s)"
)
SETTLE = (
    "SELECT outcome, replay, answer, operation_id"
    " FROM {schema}.voucher_till_end_hold(p_verb => %(verb)s, p_till => %(till)s,"
    " p_hold => %(hold)s, p_operation => %(operation)s, p_key => %(key)s, p_cents => %(cents)s,"
    " p_at => %(at)s)"
)


def hold(
    bearer: str, presented: str, *, cents: int, key: str, expires_in_seconds: int, receipt_no: str | None = None
) -> TillAnswer:
    """Set `cents` aside for the till's shop, for at most half an hour. Refuses as `redeem` does."""
    credential = read_credential(bearer, presented, key)
    return act(
        HOLD,
        books.current().refusals,
        till=books.current().hash_bearer(bearer),
        secret=credential.hash,
        by_code=credential.by_code,
        operation=uuid7(),
        key=key,
        cents=cents,
        fingerprint=hashlib.sha256(b"hold" + credential.hash + f"{cents}|{receipt_no or ''}".encode()).digest(),
        receipt_no=receipt_no,
        expires=now() + timedelta(seconds=max(1, min(expires_in_seconds, MAX_HOLD_SECONDS))),
        at=now(),
    )


def capture(bearer: str, hold_id: UUID, *, key: str, cents: int | None = None) -> TillAnswer:
    """Owe a held amount to the shop, all of it or `cents`; the rest goes back to the voucher in the same moment.

    Refuses other shops' holds (`NotFound`), ended and expired ones and more than is held (`Refused`).
    """
    return _settle("capture", bearer, hold_id, key, cents)


def release(bearer: str, hold_id: UUID, *, key: str) -> TillAnswer:
    """Give a held amount back to its lots. Refuses as `capture` does, but for expired ones."""
    return _settle("release", bearer, hold_id, key, None)


def _settle(verb: str, bearer: str, hold_id: UUID, key: str, cents: int | None) -> TillAnswer:
    return act(
        SETTLE,
        {**books.current().refusals, **errors.HOLD_REFUSALS},
        verb=verb,
        till=books.current().hash_bearer(bearer),
        hold=hold_id,
        operation=uuid7(),
        key=key,
        cents=cents,
        at=now(),
    )
