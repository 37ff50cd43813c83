"""When the books were checked, as figures for Prometheus: by check, the last run and the last whole one."""

from collections.abc import Iterator

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from money.ledger import checks

CHECKS = ("proof", "chain", "cover")
FIGURES = {
    "books_checked_timestamp_seconds": "When the books were last checked, in seconds since 1970 (UTC).",
    "books_checked_ok": "1 when that check found nothing, else 0.",
    "books_checked_seals": "How many documents were sealed then.",
}


class CheckCollector(Collector):
    """Reads the runs when Prometheus asks, inside of the request."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Say which figures there are: registering asks before there is a database."""
        return [GaugeMetricFamily(name, text, labels=["check", "extent"]) for name, text in FIGURES.items()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give one line a check and extent; a check that never ran has none."""
        at, ok, seals = families = self.describe()
        for check in CHECKS:
            for extent in ("latest", "whole"):
                run = checks.find_latest(check, whole=extent == "whole")
                if run:
                    at.add_metric([check, extent], run.finished_at.timestamp())
                    ok.add_metric([check, extent], float(run.ok))
                    seals.add_metric([check, extent], run.seals)
        yield from families


REGISTRY.register(CheckCollector())
