"""What the office's pages about vouchers add to the application: pages, menu, and what can be proposed there."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import MenuEntry, Package
from vouchers.adjustments import goodwill, manual_issue
from vouchers.approvals import kinds
from vouchers.lapsing import running, undoing
from vouchers.watch import jobs
from vouchers.web.office import approvals, issue, lapse, lookups, support, watch
from vouchers.web.office import goodwill as goodwill_pages

DAILY, VOUCHERS = lazy("Tägliche Arbeit"), lazy("Gutscheine")
MENU = (
    MenuEntry(
        "office",
        "office_approvals.worklist",
        lazy("Freigaben"),
        20,
        approvals.PERMISSION,
        DAILY,
        note=lazy("Was eine zweite Person entscheidet."),
        symbol="badge-check",
    ),
    MenuEntry(
        "office",
        "office_watch.worklist",
        lazy("Auffälligkeiten"),
        21,
        watch.PERMISSION,
        DAILY,
        note=lazy("Was ein Mensch ansehen soll."),
        symbol="triangle-alert",
    ),
    MenuEntry(
        "office",
        "office_support.find",
        lazy("Gutscheine finden"),
        22,
        support.PERMISSION,
        DAILY,
        note=lazy("Anfragen von Kundinnen und Kunden klären."),
        symbol="search",
    ),
    MenuEntry(
        "office",
        "office_issue.form",
        lazy("Gutschein ausgeben"),
        40,
        issue.PERMISSION,
        VOUCHERS,
        note=lazy("Gegen Geld, das schon angekommen ist."),
        symbol="gift",
    ),
    MenuEntry(
        "office",
        "office_lapse.runs",
        lazy("Verfall"),
        46,
        lapse.PERMISSION,
        VOUCHERS,
        note=lazy("Guthaben, dessen Frist vorbei ist."),
        symbol="hourglass",
    ),
    MenuEntry(
        "account",
        "office_lookups.lookups",
        lazy("Einsichten"),
        55,
        lookups.PERMISSION,
        note=lazy("Wer im Betrieb welchen Gutschein angesehen hat."),
        symbol="eye",
    ),
)
PACKAGE = Package(
    modules=(jobs,),
    pages=(
        approvals.pages,
        goodwill_pages.pages,
        issue.pages,
        lapse.pages,
        lookups.pages,
        support.pages,
        watch.pages,
    ),
    menu=MENU,
)
KINDS = (*goodwill.KINDS, *manual_issue.KINDS, *running.KINDS, *undoing.KINDS)


def plug(app: Flask) -> None:
    """Register pages, menu and jobs, and the kinds of proposals."""
    PACKAGE.plug(app)
    for kind in KINDS:
        kinds.register(kind)
