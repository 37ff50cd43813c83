"""The office's days: a calendar of each issuer's month, how every day stands, what differs and who looks after it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Redirect

from foundation import clock
from foundation.database import transact
from foundation.errors import DomainError, Invalid, NotFound
from foundation.forms import accept_fields
from foundation.languages import _, lazy
from foundation.security import limit
from foundation.wiring import audience
from money.day_end import deciding, queries
from money.day_end.models import DayDifference
from money.day_end.queries import OpenDifference, ShownDay
from money.day_end.states import Cause, DayState
from money.web.forms import DecisionForm, OwnerForm, ReasonForm, Trimmed
from people.models import Organisation
from people.web.guards import acting_person_id, find_organisations, requires

PERMISSION = "bank.handle"
ACCOUNT_WORDS = {"TB": lazy("Treuhandkonto"), "OB": lazy("Betriebskonto"), "PSP": lazy("Zahlungsdienst")}
CAUSE_WORDS = {
    Cause.NOT_STATED: lazy("Kein Kontoauszug"),
    Cause.TYPED: lazy("Von Hand erfasst, von der Bank nicht bestätigt"),
    Cause.BY_HAND: lazy("Gebucht ohne Umsatz der Bank"),
    Cause.UNKNOWN: lazy("Noch unbekannt"),
}

A_MONDAY = date(2024, 1, 1)  # for the names of weekdays

pages = audience("office_days", __name__, guard=requires(PERMISSION), url_prefix="/office/tage")
Answer = Redirect | tuple[str, int]


@dataclass(frozen=True)
class IssuerMonth:
    """An issuer's month as it is drawn: `blanks` are the weekdays before its first day."""

    issuer: Organisation
    blanks: int
    days: list[tuple[date, ShownDay | None]]
    last_closed: date | None
    differences: list[OpenDifference]
    ended: list[DayDifference]

    @property
    def closed(self) -> int:
        """How many of the days that are over and count are closed."""
        return sum(1 for _day, shown in self.days if shown and shown.state == DayState.CLOSED)

    @property
    def over(self) -> int:
        """How many days are over and count."""
        return sum(1 for _day, shown in self.days if shown)


@pages.get("")
def overview(errors: dict[str, str] | None = None) -> str:
    """Show a month of every issuer that the person handles: `monat` as 2026-11, this one without."""
    month = _read_month(request.args.get("monat", "")[:7])
    after = (month + timedelta(days=32)).replace(day=1)
    issuers = [_load(ledger_id, month, after) for ledger_id in queries.list_ledgers(find_organisations(PERMISSION))]
    return render_template(
        "money/days/overview.html",
        issuers=issuers,
        month=month,
        before=(month - timedelta(days=1)).replace(day=1),
        after=after if after <= clock.today() else None,
        week=[A_MONDAY + timedelta(days=place) for place in range(7)],
        me=acting_person_id(),
        account_words=ACCOUNT_WORDS,
        cause_words=CAUSE_WORDS,
        max_reason=deciding.MAX_REASON_CHARS,
        errors=errors or {},
        values=request.form,
    )


def _read_month(text: str) -> date:
    today = clock.today()
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return min(asked, today.replace(day=1)) if asked.year >= today.year - 10 else today.replace(day=1)


def _load(ledger_id: UUID, month: date, after: date) -> IssuerMonth:
    known = {shown.day: shown for shown in queries.list_days(ledger_id, month, after - timedelta(days=1))}
    days = [month + timedelta(days=place) for place in range((after - month).days)]
    return IssuerMonth(
        issuer=queries.load_issuer(ledger_id),
        blanks=month.weekday(),
        days=[(day, known.get(day)) for day in days],
        last_closed=queries.find_last_closed_day(ledger_id),
        differences=queries.list_open_differences(ledger_id),
        ended=list(queries.list_ended_differences(ledger_id)),
    )


@pages.post("/unterschied/<uuid:difference_id>/zustaendig")
@limit("60 per minute")
@accept_fields(OwnerForm)
def assign(difference_id: UUID) -> Answer:
    """Give a difference to another person."""
    return _decided(
        difference_id,
        OwnerForm(),
        "owner",
        lambda values: transact(deciding.assign, difference_id, values["owner"]),
        _("Übergeben. Die Person bekommt eine E-Mail."),
    )


@pages.post("/unterschied/<uuid:difference_id>/begruenden")
@limit("60 per minute")
@accept_fields(ReasonForm)
def propose(difference_id: UUID) -> Answer:
    """Say why a difference stays; another person agrees."""
    return _decided(
        difference_id,
        ReasonForm(),
        "reason",
        lambda values: transact(deciding.propose, difference_id, values["reason"], person_id=acting_person_id()),
        _("Vorgeschlagen. Nun stimmt eine andere Person zu."),
    )


@pages.post("/unterschied/<uuid:difference_id>/entscheiden")
@limit("60 per minute")
@accept_fields(DecisionForm)
def decide(difference_id: UUID) -> Answer:
    """Accept a colleague's reason, or decline it."""
    return _decided(
        difference_id,
        DecisionForm(),
        "decision",
        lambda values: transact(deciding.decide, difference_id, person_id=acting_person_id(), **values),
        _("Entschieden."),
    )


def _decided(
    difference_id: UUID, form: Trimmed, place: str, deed: Callable[[dict[str, Any]], object], done: str
) -> Answer:
    """Do it for one of the person's own issuers; what is refused stands at its field."""
    queries.load_difference(difference_id, find_organisations(PERMISSION))
    key = f"{place}-{difference_id}"
    try:
        deed(form.load(request.form.to_dict()))
    except ValidationError as error:
        said = next(iter(error.normalized_messages().values()))
        return overview({key: str(said[0])}), 422
    except NotFound:
        raise
    except DomainError as refusal:
        return overview({key: str(refusal.sentence)}), 422 if isinstance(refusal, Invalid) else 409
    flash(done, "ok")
    return redirect(url_for("office_days.overview", _anchor=f"d-{difference_id}"), 303)
