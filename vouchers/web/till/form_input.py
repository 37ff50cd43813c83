"""What a form of the till sent, read in the same way everywhere."""

from datetime import datetime, timedelta

import structlog
from flask import g, request

from foundation.clock import BERLIN, now
from vouchers.stored_value import codes
from vouchers.web.till import errors

MAX_RECEIPT_CHARACTERS, MAX_REASON_CHARACTERS, MIN_KEY_CHARACTERS, MAX_KEY_CHARACTERS = 60, 200, 8, 64
TOLERATED = timedelta(minutes=5)
NOTED = timedelta(minutes=1)

log = structlog.get_logger("till")


def read_presented() -> str:
    """Read the token or code, or something that is surely none."""
    text = request.form.get("presented", "").strip()[: codes.MAX_PRESENTED_CHARACTERS + 1]
    return text if text.isprintable() else "?"


def read_key() -> str:
    """Read the key of the form. Refuses (`Invalid`) forms without one: then nothing could find a repetition."""
    given = request.form.get("key", "")[:MAX_KEY_CHARACTERS]
    if len(given) < MIN_KEY_CHARACTERS or not given.isascii() or not given.isprintable():
        raise errors.form_key_missing()
    return given


def read_receipt_no(field: str = "receipt_no") -> str | None:
    """Read the number of the shop's own receipt. Refuses (`Invalid`) what is too long or cannot be printed."""
    text = " ".join(request.values.get(field, "").split())
    if len(text) > MAX_RECEIPT_CHARACTERS or not text.isprintable():
        raise errors.receipt_no_too_long(field)
    return text or None


def read_reason() -> str:
    """Why something is taken back. Refuses (`Invalid`) nothing at all, too much, and what cannot be printed."""
    text = " ".join(request.form.get("reason", "").split())
    if not text or len(text) > MAX_REASON_CHARACTERS or not text.isprintable():
        raise errors.reason_missing()
    return text


def read_client_time() -> datetime | None:
    """What the device's clock said. Noted, never decides; a clock that is wrong by more than a minute is logged."""
    try:
        said = datetime.fromisoformat(request.form.get("client_time", "")[:40])
    except ValueError:
        return None
    said = said if said.tzinfo else said.replace(tzinfo=BERLIN)
    if not 2000 <= said.year <= 2200:
        return None
    off = said - now()
    if abs(off) > NOTED:
        tell = log.warning if abs(off) > TOLERATED else log.info
        tell("till_clock_off", till=str(g.till_session.till.id), seconds=round(off.total_seconds()))
    return said
