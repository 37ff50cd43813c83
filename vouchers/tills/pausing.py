"""A till stands still for some minutes: it takes nothing, gives back, and says why and until when. Decision 0309."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import BERLIN, now
from foundation.database import session
from foundation.languages import _, lazy
from vouchers.tills.models import Till
from vouchers.tills.states import PauseReason

PAUSE = timedelta(minutes=15)
REASONS: dict[str, object] = {
    PauseReason.MISSES: lazy("Es kamen viele Codes, die es nicht gibt."),
    PauseReason.VOIDS: lazy("Fast alles, was eingelöst wurde, wurde gleich wieder storniert."),
    PauseReason.REPEATS: lazy("Ein Gutschein wurde sehr oft nacheinander eingelöst."),
}


def pause(till_id: UUID, reason: PauseReason) -> None:
    """Stop a till for a quarter of an hour from now."""
    values = {"paused_until": now() + PAUSE, "pause_reason": reason}
    session.execute(sa.update(Till).where(Till.id == till_id).values(values))


def resume(till_id: UUID) -> None:
    """Let a till go on at once."""
    session.execute(sa.update(Till).where(Till.id == till_id).values(paused_until=None, pause_reason=None))


def describe(until: datetime | None, reason: str | None) -> str | None:
    """Say why a till stands still and until when, in the reader's language; nothing when it does not."""
    if until is None or until <= now():
        return None
    why = REASONS.get(reason or "")
    until_text = until.astimezone(BERLIN).strftime("%H:%M")
    sentence = _("Diese Kasse ist bis %(time)s Uhr angehalten. Zurückgeben geht weiter.", time=until_text)
    return " ".join(filter(None, (sentence, str(why) if why else "")))


def describe_refusal(answer: dict[str, Any]) -> str | None:
    """Say the same of what the database answered to a till that may not take now."""
    until = answer.get("paused_until")
    return describe(datetime.fromisoformat(until), answer.get("reason_code")) if until else None
