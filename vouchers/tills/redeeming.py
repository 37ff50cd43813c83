"""Redeeming: value leaves a voucher at a shop's till. Called by the till page and the till's API.

Each act is one SQL function, one round trip, one transaction of its own: authentication of the till, acceptance at this
second, idempotency, decision, booking. A key that was refused once is refused for good.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError

from foundation import errors
from foundation.clock import now
from foundation.database import autocommit_engine, call, uuid7
from foundation.languages import _
from foundation.security import keyed_hash
from vouchers.stored_value import credentials
from vouchers.stored_value.codes import CredentialHash

LOCK_NOT_AVAILABLE = "55P03"
MOST_CENTS = 1_000_000
MOST_HOLD_SECONDS = 1800

REDEEM = (
    "SELECT outcome, replay, answer FROM voucher_redeem(%(till)s, %(secret)s, %(by_code)s, %(operation)s, %(key)s,"
    " %(cents)s, %(fingerprint)s, %(staff)s, %(receipt_no)s, %(basket)s, %(client_time)s, %(at)s)"
)
LOOK = "SELECT outcome, answer FROM voucher_look(%(till)s, %(secret)s, %(by_code)s, %(id)s, %(at)s)"
VOID = (
    "SELECT outcome, replay, answer FROM voucher_void(%(till)s, %(redemption)s, %(operation)s, %(key)s,"
    " %(fingerprint)s, %(staff)s, %(reason)s, %(at)s)"
)
REFUND = (
    "SELECT outcome, replay, answer FROM voucher_till_refund(%(till)s, %(redemption)s, %(operation)s, %(key)s,"
    " %(cents)s, %(fingerprint)s, %(staff)s, %(reason)s, %(at)s)"
)
HOLD = (
    "SELECT outcome, replay, answer FROM voucher_till_hold(%(till)s, %(secret)s, %(by_code)s, %(operation)s, %(key)s,"
    " %(cents)s, %(fingerprint)s, %(receipt_no)s, %(expires)s, %(at)s)"
)
SETTLE = (
    "SELECT outcome, replay, answer"
    " FROM voucher_till_settle(%(verb)s, %(till)s, %(hold)s, %(operation)s, %(key)s, %(at)s)"
)
BY_KEY = sa.text(
    "SELECT t.refusal, o.kind, coalesce(o.outcome, m.reason) AS outcome, o.answer,"
    " (SELECT coalesce(sum(r.cents), 0) FROM voucher_operation r WHERE r.voucher_id = o.voucher_id AND r.ref_id = o.id"
    "   AND r.outcome = 'done' AND r.kind IN ('void', 'refund')) AS returned"
    " FROM voucher_till(:till, 'look', :at) t LEFT JOIN voucher_operation o ON o.actor_id = t.id AND o.key = :key"
    " LEFT JOIN missed_redemption m ON m.actor_id = t.id AND m.key = :key"
)


class InProgress(errors.Refused):
    """The same voucher is being changed this moment; asking again with the same key is right."""


@dataclass(frozen=True)
class Answer:
    """What was decided and told; `replay` says that it was decided earlier, under the same key."""

    replay: bool
    body: dict[str, Any]


def till_hash(bearer: str) -> bytes:
    """How the database knows a till's bearer token."""
    return keyed_hash("till", bearer)


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
    """Take `cents` (> 0) off what was presented (token, address of the QR, typed code) and owe them to the till's shop.

    Refuses: unknown or revoked tills (`NotSignedIn`); unknown and blocked vouchers in one sentence (`NotFound`); shops
    outside the network (`NotAllowed`); too little left (`NotEnough`, says how much is); a key that was used for
    something else (`Invalid`); guessing (`TooMany`). The same key with the same request gives the first answer again.
    """
    secret = _secret(bearer, presented, key)
    body = f"{cents}|{receipt_no or ''}|{'' if basket_cents is None else basket_cents}".encode()
    outcome, replay, answer = _ask(
        REDEEM,
        till=till_hash(bearer),
        secret=secret.hash,
        by_code=secret.by_code,
        operation=uuid7(),
        key=key,
        cents=cents,
        fingerprint=hashlib.sha256(secret.hash + body).digest(),
        staff=staff_id,
        receipt_no=receipt_no,
        basket=basket_cents,
        client_time=client_time,
        at=now(),
    )
    if outcome != "done":
        refuse(outcome, answer)
    return Answer(replay, answer)


def look(bearer: str, presented: str) -> dict[str, Any]:
    """Programme, last four symbols and what is left, before an amount is typed. Refuses as `redeem` does."""
    secret = credentials.read(presented)
    found = _ask(LOOK, till=till_hash(bearer), secret=secret.hash, by_code=secret.by_code, id=uuid7(), at=now())
    outcome, answer = found
    if outcome != "done":
        refuse(outcome, answer)
    body: dict[str, Any] = answer
    return body


def void(bearer: str, redemption_id: UUID, *, key: str, reason: str, staff_id: UUID | None = None) -> Answer:
    """Take back a whole redemption of this shop on the same business day; the value returns to its lots.

    Refuses other shops' redemptions (`NotFound`), another day and a second time (`Refused`).
    """
    outcome, replay, answer = _ask(
        VOID,
        till=till_hash(bearer),
        redemption=redemption_id,
        operation=uuid7(),
        key=key,
        fingerprint=hashlib.sha256(b"void" + redemption_id.bytes + reason.encode()).digest(),
        staff=staff_id,
        reason=reason,
        at=now(),
    )
    if outcome != "done":
        refuse_return(outcome, answer)
    return Answer(replay, answer)


def refund(
    bearer: str, redemption_id: UUID, *, cents: int, key: str, reason: str, staff_id: UUID | None = None
) -> Answer:
    """Give back `cents` of a redemption of this shop, later: goods came back. Refuses more than was redeemed."""
    body = b"refund" + redemption_id.bytes + f"{cents}|{reason}".encode()
    outcome, replay, answer = _ask(
        REFUND,
        till=till_hash(bearer),
        redemption=redemption_id,
        operation=uuid7(),
        key=key,
        cents=cents,
        fingerprint=hashlib.sha256(body).digest(),
        staff=staff_id,
        reason=reason,
        at=now(),
    )
    if outcome != "done":
        refuse_return(outcome, answer)
    return Answer(replay, answer)


def hold(
    bearer: str, presented: str, *, cents: int, key: str, lasts_seconds: int, receipt_no: str | None = None
) -> Answer:
    """Set `cents` aside for the till's shop, for at most half an hour. Refuses as `redeem` does."""
    secret = _secret(bearer, presented, key)
    outcome, replay, answer = _ask(
        HOLD,
        till=till_hash(bearer),
        secret=secret.hash,
        by_code=secret.by_code,
        operation=uuid7(),
        key=key,
        cents=cents,
        fingerprint=hashlib.sha256(b"hold" + secret.hash + f"{cents}|{receipt_no or ''}".encode()).digest(),
        receipt_no=receipt_no,
        expires=now() + timedelta(seconds=max(1, min(lasts_seconds, MOST_HOLD_SECONDS))),
        at=now(),
    )
    if outcome != "done":
        refuse(outcome, answer)
    return Answer(replay, answer)


def capture(bearer: str, hold_id: UUID, *, key: str) -> Answer:
    """Owe a held amount to the shop. Refuses other shops' holds (`NotFound`), ended and expired ones (`Refused`)."""
    return _settle("capture", bearer, hold_id, key)


def release(bearer: str, hold_id: UUID, *, key: str) -> Answer:
    """Give a held amount back to its lots. Refuses as `capture` does, but for expired ones."""
    return _settle("release", bearer, hold_id, key)


def _settle(verb: str, bearer: str, hold_id: UUID, key: str) -> Answer:
    outcome, replay, answer = _ask(
        SETTLE, verb=verb, till=till_hash(bearer), hold=hold_id, operation=uuid7(), key=key, at=now()
    )
    sentences = {
        "already_ended": _("Diese Reservierung ist schon beendet."),
        "expired": _("Diese Reservierung ist abgelaufen."),
    }
    if outcome == "no_hold":
        raise errors.NotFound(_("Diese Reservierung gibt es hier nicht."), "hold_unknown")
    if outcome in sentences:
        raise errors.Refused(sentences[outcome], f"hold_{outcome}")
    if outcome != "done":
        refuse(outcome, answer)
    return Answer(replay, answer)


def by_key(bearer: str, key: str) -> dict[str, Any]:
    """What became of a key of this till: found with its outcome, or `NotFound`."""
    row = call(BY_KEY, till=till_hash(bearer), key=key, at=now())[0]
    if row.refusal:
        refuse(row.refusal, None)
    if row.outcome is None:
        raise errors.NotFound(_("Unter diesem Schlüssel ist nichts geschehen."), "not_found", state="not_found")
    found: dict[str, Any] = {"state": "found", "kind": row.kind or "redeem", "outcome": public_code(row.outcome)}
    if row.outcome == "done":
        name = "redemption" if row.kind == "redeem" else "result"
        found |= {name: row.answer, "returned": int(row.returned)}
    return found


def public_code(outcome: str) -> str:
    """The word that leaves the house: unknown and blocked are the same to whoever asks."""
    return {"unknown": "not_redeemable", "blocked": "not_redeemable", "outlet_suspended": "outside_network"}.get(
        outcome, outcome
    )


def refuse(outcome: str, answer: dict[str, Any] | None) -> NoReturn:
    """The refusal that belongs to an outcome of the redeeming functions."""
    details = answer or {}
    if outcome == "insufficient":
        raise errors.NotEnough(_("Das Guthaben reicht nicht."), "insufficient", **details)
    if outcome == "outside_network":
        raise errors.NotAllowed(
            _("Dieser Gutschein gilt nicht in diesem Geschäft."),
            "outside_network",
            reason_code="not_accepted_here",
            **details,
        )
    if outcome == "outlet_suspended":
        sentence = _("Dieses Geschäft kann zurzeit keine Gutscheine einlösen.")
        raise errors.NotAllowed(sentence, "outside_network", reason_code="outlet_suspended")
    if outcome == "key_reused":
        raise errors.Invalid(_("Dieser Schlüssel gehört zu einer anderen Anfrage."), "key_reused")
    if outcome == "too_many":
        raise errors.TooMany(_("Das waren zu viele falsche Codes. Bitte warten Sie zehn Minuten."), "too_many")
    if outcome == "velocity_voucher":
        sentence = _("Dieser Gutschein wurde in kurzer Zeit zu oft benutzt. Bitte warten Sie zehn Minuten.")
        raise errors.TooMany(sentence, "velocity_voucher")
    if outcome == "till_paused":
        sentence = _("Diese Kasse ist angehalten. Bitte rufen Sie uns an.")
        raise errors.NotAllowed(sentence, "till_paused")
    if outcome == "scope_missing":
        raise errors.NotAllowed(_("Dieser Zugang darf das nicht."), "scope_missing")
    if outcome == "till_unknown":
        raise errors.NotSignedIn(_("Diese Kasse ist nicht (mehr) angemeldet."), "till_unknown")
    raise errors.NotFound(_("Dieser Gutschein ist nicht einlösbar."), "not_redeemable")


def refuse_return(outcome: str, answer: dict[str, Any] | None) -> NoReturn:
    """The refusal that belongs to an outcome of void and refund."""
    sentences = {
        "already_returned": _("Diese Einlösung ist schon storniert oder erstattet."),
        "another_day": _("Stornieren geht nur am selben Tag. Danach ist eine Erstattung möglich."),
        "more_than_redeemed": _("Mehr als eingelöst wurde, lässt sich nicht erstatten."),
        "not_at_the_till": _("Diese Zahlung wurde nicht an der Kasse gemacht."),
        "wrong_amount": _("Dieser Betrag geht nicht."),
        "not_returnable": _("Auf diesen Gutschein lässt sich nichts zurückgeben. Bitte rufen Sie uns an."),
    }
    if outcome in sentences:
        raise errors.Refused(sentences[outcome], outcome, **(answer or {}))
    if outcome == "unknown":
        raise errors.NotFound(_("Diese Einlösung gibt es hier nicht."), "redemption_unknown")
    refuse(outcome, answer)


def _secret(bearer: str, presented: str, key: str) -> CredentialHash:
    """What was presented. What expired meanwhile is still good to hear the first answer to its key once more."""
    try:
        return credentials.read(presented)
    except credentials.Expired as late:
        earlier = call(BY_KEY, till=till_hash(bearer), key=key, at=now())[0]
        if late.secret is None or earlier.outcome is None:
            raise
        return late.secret


def _ask(statement: str, **values: object) -> Any:
    """The one row of the answer. In the driver's own notation: compiling costs a tenth of the whole call."""
    try:
        return _once(statement, values)
    except IntegrityError:
        return _once(statement, values)  # the same key went to two vouchers at once: now its first use is found
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            unknown = _("Ob es geklappt hat, ist noch nicht sicher. Bitte fragen Sie gleich noch einmal.")
            raise errors.Busy(unknown, "unknown") from error  # the same key finds out
        sentence = _("Dieser Gutschein wird gerade bearbeitet. Bitte versuchen Sie es gleich noch einmal.")
        raise InProgress(sentence, "in_progress") from error


def _once(statement: str, values: dict[str, object]) -> Any:
    with autocommit_engine().connect() as connection:
        return connection.exec_driver_sql(statement, values).one()
