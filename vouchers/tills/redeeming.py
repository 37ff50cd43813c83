"""Redeeming: value leaves a voucher at a shop's till. Called by the till page and the till's API. Decisions 0301, 0303.

Each act is one SQL function and one transaction of its own. A key that was refused once is refused for good.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from foundation.clock import now
from foundation.database import uuid7
from vouchers.stored_value import credentials
from vouchers.stored_value.codes import CredentialHash
from vouchers.stored_value.states import OperationKind, Outcome
from vouchers.tills import books, errors
from vouchers.tills.calls import TillAnswer, act, run

MAX_REDEMPTION_CENTS = 1_000_000

REDEEM = (
    "SELECT outcome, replay, answer, operation_id"
    " FROM {schema}.voucher_redeem(p_till => %(till)s, p_secret => %(secret)s,"
    " p_by_code => %(by_code)s, p_operation => %(operation)s, p_key => %(key)s, p_cents => %(cents)s,"
    " p_fingerprint => %(fingerprint)s, p_staff => %(staff)s, p_receipt_no => %(receipt_no)s, p_basket => %(basket)s,"
    " p_client_time => %(client_time)s, p_at => %(at)s)"
)
LOOK = (
    "SELECT outcome, answer FROM {schema}.voucher_lookup(p_till => %(till)s, p_secret => %(secret)s,"
    " p_by_code => %(by_code)s, p_id => %(id)s, p_at => %(at)s)"
)
BY_KEY = (
    "SELECT t.refusal, o.kind, coalesce(o.outcome, m.reason) AS outcome, o.answer,"
    " (SELECT coalesce(sum(r.cents), 0) FROM {schema}.voucher_operation r"
    "   WHERE r.voucher_id = o.voucher_id AND r.ref_id = o.id"
    "   AND r.outcome = 'done' AND r.kind IN ('void', 'refund')) AS returned"
    " FROM {schema}.till_authenticate(%(till)s, 'look', %(at)s) t"
    " LEFT JOIN {schema}.till_key k ON k.outlet_id = t.outlet_id AND k.key = %(key)s"
    " LEFT JOIN {schema}.voucher_operation o ON o.id = k.operation_id"
    " LEFT JOIN {schema}.missed_redemption m ON m.id = k.operation_id"
)


@dataclass(frozen=True)
class RedemptionOrder:
    """What a till asks for. `presented`: token, address of the QR, a wallet's code or a typed code; `cents` > 0.

    `basket_cents`: what the whole purchase cost, for statistics; `client_time`: the till's clock, noted and never used.
    """

    presented: str
    cents: int
    key: str
    staff_id: UUID | None = None
    receipt_no: str | None = None
    basket_cents: int | None = None
    client_time: datetime | None = None

    def fingerprint(self, credential: CredentialHash) -> bytes:
        """Give what a repeated key must agree with: the voucher, the amount, the receipt and the basket."""
        basket = "" if self.basket_cents is None else self.basket_cents
        return hashlib.sha256(credential.hash + f"{self.cents}|{self.receipt_no or ''}|{basket}".encode()).digest()


def redeem(bearer: str, request: RedemptionOrder) -> TillAnswer:
    """Take an amount off what was presented and owe it to the till's shop.

    Refuses: unknown or revoked tills (`NotSignedIn`); unknown and blocked vouchers in one sentence (`NotFound`); shops
    outside the network (`NotAllowed`); too little left (`NotEnough`, says how much is); a key that was used for
    something else (`Invalid`); guessing (`TooMany`). The same key with the same request gives the first answer again.
    """
    credential = read_credential(bearer, request.presented, request.key)
    return act(
        REDEEM,
        books.current().refusals,
        till=books.current().hash_bearer(bearer),
        secret=credential.hash,
        by_code=credential.by_code,
        operation=uuid7(),
        key=request.key,
        cents=request.cents,
        fingerprint=request.fingerprint(credential),
        staff=request.staff_id,
        receipt_no=request.receipt_no,
        basket=request.basket_cents,
        client_time=request.client_time,
        at=now(),
    )


def look(bearer: str, presented: str) -> dict[str, Any]:
    """Give programme, last four symbols and what is left, before an amount is typed. Refuses as `redeem` does."""
    credential = books.current().read(presented)
    outcome, answer = run(
        LOOK,
        till=books.current().hash_bearer(bearer),
        secret=credential.hash,
        by_code=credential.by_code,
        id=uuid7(),
        at=now(),
    )
    if outcome != Outcome.DONE:
        errors.refuse(outcome, answer, books.current().refusals)
    body: dict[str, Any] = answer
    return body


def find_by_key(bearer: str, key: str) -> dict[str, Any]:
    """Find what became of a key of this till's shop. Refuses (`NotFound`) keys that were never used."""
    row = run(BY_KEY, till=books.current().hash_bearer(bearer), key=key, at=now())
    if row.refusal:
        errors.refuse(row.refusal, None, books.current().refusals)
    if row.outcome is None:
        raise errors.key_without_result()
    kind = row.kind or OperationKind.REDEEM
    found: dict[str, Any] = {"state": "found", "kind": kind, "outcome": errors.public_code(row.outcome)}
    if row.outcome == Outcome.DONE:
        name = "redemption" if kind == OperationKind.REDEEM else "result"
        found |= {name: row.answer, "returned_cents": int(row.returned)}
    return found


def read_credential(bearer: str, presented: str, key: str) -> CredentialHash:
    """Read what was presented. What expired meanwhile is still good to hear the first answer to its key once more."""
    try:
        return books.current().read(presented)
    except credentials.Expired as late:
        if late.secret is None or not is_decided(bearer, key):
            late.decided = False
            raise
        return late.secret


def is_decided(bearer: str, key: str) -> bool | None:
    """Whether something stands under a key of this till's shop. Nothing for whoever is no till."""
    row = run(BY_KEY, till=books.current().hash_bearer(bearer), key=key, at=now())
    return None if row.refusal == Outcome.TILL_UNKNOWN else row.outcome is not None
