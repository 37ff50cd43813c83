"""Books and provider's balance beside each other: the figures now, the last that were kept, and since when they differ.

All in cents, over all books: sellers' money (MP) lies in the same account at the provider as ours (PSP).
"""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from prometheus_client.core import REGISTRY, GaugeMetricFamily
from prometheus_client.registry import Collector

from foundation.database import session, transact
from money.payments.statement_models import ProviderFeed, ProviderReport

FIGURES = ("stated_cents", "theirs_cents", "ours_cents", "under_way_cents", "difference_cents")
# Books up to the statement's lines: all that was booked, less what has no line yet.
MEASURE = sa.text(
    "SELECT coalesce(sum(theirs_cents), 0)::bigint,"
    " (SELECT coalesce(sum(debit_cents - credit_cents), 0) FROM balance_part WHERE account IN ('PSP', 'MP'))::bigint"
    "  - coalesce(sum(ours_cents) FILTER (WHERE line_ref IS NULL), 0)::bigint,"
    " coalesce(sum(theirs_cents - ours_cents) FILTER (WHERE line_ref IS NOT NULL AND NOT is_settled), 0)::bigint"
    " FROM provider_match()"
)


def measure(stated_cents: int | None) -> ProviderReport:
    """Measure now; the report is not stored. `stated_cents`: the balance that the provider says, if it is known."""
    theirs, ours, under_way = session.execute(MEASURE).one()
    known = theirs if stated_cents is None else stated_cents
    return ProviderReport(
        stated_cents=stated_cents,
        theirs_cents=theirs,
        ours_cents=ours,
        under_way_cents=under_way,
        difference_cents=known - under_way - ours,
    )


def is_same(first: ProviderReport, second: ProviderReport) -> bool:
    """Whether two reports say the same, but for when."""
    return all(getattr(first, name) == getattr(second, name) for name in FIGURES)


def find_last() -> ProviderReport | None:
    """Find the newest report that was kept."""
    return session.scalars(sa.select(ProviderReport).order_by(ProviderReport.id.desc()).limit(1)).first()


def find_differing_since() -> datetime | None:
    """Find since when books and balance differ; None when they do not."""
    recorded, differs = ProviderReport.recorded_at, ProviderReport.difference_cents != 0
    equal = sa.select(sa.func.max(recorded)).where(~differs).scalar_subquery()
    query = sa.select(sa.func.min(recorded)).where(differs, recorded > sa.func.coalesce(equal, sa.text("'-infinity'")))
    found: datetime | None = session.scalar(query)
    return found


class DifferenceCollector(Collector):
    """The figures for alarms: by how many cents books and provider differ, and until when its statement is here."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Name the figure without asking the database: it is registered before there is one."""
        return [_gauge(), _read_gauge()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read the last report and how far the statement is read; nothing before the first ones."""
        report = transact(find_last)
        if report is not None:
            gauge = _gauge()
            gauge.add_metric([], report.difference_cents)
            yield gauge
        complete = transact(_find_complete_until)
        if complete is not None:
            read = _read_gauge()
            read.add_metric([], complete.timestamp())
            yield read


def _gauge() -> GaugeMetricFamily:
    return GaugeMetricFamily("provider_difference_cents", "Provider's balance less our books, in cents")


def _find_complete_until() -> datetime | None:
    found: datetime | None = session.scalar(sa.select(sa.func.max(ProviderFeed.complete_until)))
    return found


def _read_gauge() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "provider_statement_complete_timestamp_seconds", "Until when the provider's statement is here, in Unix time"
    )


REGISTRY.register(DifferenceCollector())
