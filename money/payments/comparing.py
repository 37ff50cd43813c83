"""The provider's statement beside our books, every hour: what is new is fetched, looked at, booked or made a case.

The figures are kept in a report whenever one has changed, and people get a mail once for each difference. No network
within a transaction. Decision 0212.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from foundation import mail
from foundation.clock import now
from foundation.database import session, transact
from foundation.jobs import job
from foundation.languages import lazy
from money.amount import euro
from money.payments import cases, errors, fetching, line_booking, reconciling, reports
from money.payments.reconciling import Reconciliation
from money.payments.statement_models import ProviderLine, ProviderReport
from money.payments.states import CaseKind
from money.stripe import gateway, statement
from money.stripe.gateway import CallResult
from people.models import MemberRole, Membership, Person

log = structlog.get_logger("payments")

MESSAGE_GRACE = timedelta(hours=1)  # what we booked just before may have its line a little later
CHARGES, REFUNDS, DISPUTES = ("ch_", "py_"), ("re_", "pyr_"), ("du_", "dp_")
EURO = "eur"
TEMPLATE = "money/provider_differs"


@dataclass(frozen=True)
class Unexplained:
    """A line, with all that belongs to it, that the books do not stand for: cents of difference, and what it says."""

    line_ref: str
    cents: int
    detail: str


@job("money.compare_statement", every="20 * * * *", transaction=False)
def compare_hourly() -> None:
    """Fetch what is new of the statement, and compare."""
    if gateway.is_ready():
        compare()


@job("money.reconcile_nightly", every="40 2 * * *", transaction=False)
def reconcile_nightly() -> None:
    """Compare the last three days, and look at every open dispute."""
    if gateway.is_ready():
        reconcile(now() - reconciling.NIGHTLY_SPAN, now() + reconciling.CLOCK_SKEW)
        reconciling.look_at_open_disputes()


def reconcile(since: datetime, until: datetime) -> Reconciliation:
    """Compare all that the provider lists of a span of time: objects both ways, payouts, lines of its statement.

    Refuses an empty span or one longer than a year, and (`Busy`) a provider that is silent. Again changes nothing.
    """
    done = reconciling.reconcile(since, until)
    done.lines = fetching.fetch_span(since, until)
    compare(done)
    payouts = statement.list_payouts(since, until)
    if isinstance(payouts, CallResult):
        raise errors.provider_silent()
    done.payouts = len(payouts)
    for ref, cents in transact(_list_unlisted, [(each.ref, each.line_ref, each.cents) for each in payouts]):
        if transact(cases.open_case, CaseKind.MISSING_LINE, ref, cents, "payout"):
            done.cases.append(ref)
    return done


def compare(done: Reconciliation | None = None) -> Reconciliation:
    """Fetch what is new, look at what the books do not explain, book by rule, keep cases, and report."""
    done = done or Reconciliation()
    stated = _fetch_all()
    for line_ref in transact(_list_to_look_at):
        _look_at(line_ref, done)
    for found in transact(list_unexplained):
        transact(_book_by_rule, found.line_ref)
    done.cases += transact(_keep_cases)
    transact(_report, stated)
    return done


def _fetch_all() -> int | None:
    """Fetch what is new, and give the provider's balance if nothing moved meanwhile."""
    before = statement.read_balance()
    fetching.fetch()
    after = statement.read_balance()
    return after if isinstance(after, int) and before == after else None


def list_unexplained() -> list[Unexplained]:
    """List the lines that the books do not stand for and that are not under way, the oldest first."""
    query = sa.text(
        "SELECT m.line_ref, m.theirs_cents - m.ours_cents, l.kind, l.description FROM provider_match() m"
        " JOIN provider_line l ON l.provider_ref = m.line_ref"
        " WHERE m.is_settled AND m.theirs_cents <> m.ours_cents ORDER BY l.created_at, l.provider_ref"
    )
    rows = session.execute(query).all()
    return [Unexplained(ref, cents, f"{kind}: {text}".rstrip(": ")) for ref, cents, kind, text in rows]


def _list_to_look_at() -> list[str]:
    """List the first lines of what is not explained, or not decided here though the provider has moved money."""
    query = sa.text(
        "SELECT line_ref FROM provider_match() WHERE line_ref IS NOT NULL"
        " AND (theirs_cents <> ours_cents OR NOT is_settled) ORDER BY recorded_at, line_ref"
    )
    return list(session.scalars(query))


def _look_at(line_ref: str, done: Reconciliation) -> None:
    """Look at what a line was for, and apply that as a message about it would be."""
    for source, intent in transact(_list_sources, line_ref):
        if source.startswith(CHARGES) and intent:
            reconciling.look_at("payment_intent", intent, done)
        elif source.startswith(REFUNDS):
            reconciling.look_at("refund", source, done)
        elif source.startswith(DISPUTES):
            reconciling.look_at("dispute", source, done)


def _list_sources(line_ref: str) -> list[tuple[str, str | None]]:
    query = sa.select(ProviderLine.source_ref, ProviderLine.intent_ref).where(
        ProviderLine.provider_ref == line_ref, ProviderLine.source_ref.is_not(None)
    )
    return [(str(source), intent) for source, intent in session.execute(query)]


def _book_by_rule(line_ref: str) -> None:
    line = session.scalars(sa.select(ProviderLine).where(ProviderLine.provider_ref == line_ref)).one()
    decision = line_booking.find_by_rule(line)
    if decision:
        line_booking.book(line, decision)


def _keep_cases() -> list[str]:
    """Open a case for each line that nothing explains and for each thing of ours without a line; close the others."""
    unbooked = {each.line_ref: (each.cents, each.detail) for each in list_unexplained()} | _list_foreign()
    missing = {ref: (cents, "") for ref, cents in _list_missing()}
    return [*cases.keep(CaseKind.UNBOOKED_LINE, unbooked), *cases.keep(CaseKind.MISSING_LINE, missing)]


def _list_foreign() -> dict[str, tuple[int, str]]:
    """Lines in another currency than ours: the account has none."""
    query = sa.select(ProviderLine).where(ProviderLine.currency != EURO)
    return {line.provider_ref: (line.net_cents, f"{line.currency}: {line.kind}") for line in session.scalars(query)}


def _list_missing() -> list[tuple[str, int]]:
    complete = fetching.find_complete_until()
    if complete is None:
        return []
    query = sa.text(
        "SELECT ref, ours_cents FROM provider_match() WHERE line_ref IS NULL AND ours_cents <> 0"
        " AND settled_at < :until"
    )
    rows = session.execute(query, {"until": complete - MESSAGE_GRACE}).all()
    return [(ref, cents) for ref, cents in rows]


def _list_unlisted(payouts: list[tuple[str, str | None, int]]) -> list[tuple[str, int]]:
    """List payouts without their line: by the line's id, which a payout that was just made may not have yet."""
    refs = [line_ref for _ref, line_ref, _cents in payouts if line_ref]
    known = set(session.scalars(sa.select(ProviderLine.provider_ref).where(ProviderLine.provider_ref.in_(refs))))
    return [(ref, cents) for ref, line_ref, cents in payouts if line_ref and line_ref not in known]


def _report(stated_cents: int | None) -> None:
    """Keep the figures if one has changed, and tell people of a difference that they do not know."""
    last, report = reports.find_last(), reports.measure(stated_cents)
    if last is not None and reports.is_same(last, report):
        return
    session.add(report)
    session.flush()
    if report.difference_cents and (last is None or last.difference_cents != report.difference_cents):
        log.error("provider_differs", cents=report.difference_cents)
        _tell(report)


def _tell(report: ProviderReport) -> None:
    for person in _list_operators():
        mail.send(
            to=person.email,
            template=TEMPLATE,
            subject=lazy("Zahlungsdienst und Bücher: %(amount)s Unterschied", amount=euro(report.difference_cents)),
            language=person.language,
            report=report,
        )


def _list_operators() -> list[Person]:
    mine = sa.select(Membership.person_id).where(Membership.role == MemberRole.OPERATOR)
    return list(session.scalars(sa.select(Person).where(Person.id.in_(mine), Person.active).order_by(Person.id)))
