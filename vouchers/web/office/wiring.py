"""How the office's pages about the safety of value plug in: what can be proposed, looked at and decided there."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import navigation
from vouchers.adjustments import goodwill, manual_issue
from vouchers.approvals import models as approval_models
from vouchers.lapsing import models as lapse_models
from vouchers.lapsing import running, undoing
from vouchers.support import models as support_models
from vouchers.watch import jobs as watching
from vouchers.watch import models as watch_models
from vouchers.web.office import approvals, issue, lapse, looks, support, watch
from vouchers.web.office import goodwill as goodwill_pages


def plug(app: Flask) -> None:
    """Register tables, jobs, kinds of proposals, pages."""
    assert all((approval_models, lapse_models, support_models, watch_models, watching))
    for room in (goodwill, manual_issue, running, undoing):
        room.plug()
    for page in (approvals, goodwill_pages, issue, lapse, looks, support, watch):
        app.register_blueprint(page.pages)
    navigation.add(
        "office",
        "office_support.find",
        lazy("Gutscheine finden"),
        order=22,
        permission="vouchers.support",
        group=lazy("Tägliche Arbeit"),
        note=lazy("Anfragen von Kundinnen und Kunden klären."),
        symbol="search",
    )
    navigation.add(
        "office",
        "office_approvals.worklist",
        lazy("Freigaben"),
        order=20,
        permission="vouchers.approve",
        group=lazy("Tägliche Arbeit"),
        note=lazy("Was eine zweite Person entscheidet."),
        symbol="badge-check",
    )
    navigation.add(
        "office",
        "office_issue.form",
        lazy("Gutschein ausgeben"),
        order=40,
        permission="vouchers.propose",
        group=lazy("Gutscheine"),
        note=lazy("Gegen Geld, das schon angekommen ist."),
        symbol="gift",
    )
    navigation.add(
        "office",
        "office_lapse.runs",
        lazy("Verfall"),
        order=46,
        permission="vouchers.propose",
        group=lazy("Gutscheine"),
        note=lazy("Guthaben, dessen Frist vorbei ist."),
        symbol="hourglass",
    )
    navigation.add(
        "office",
        "office_watch.worklist",
        lazy("Auffälligkeiten"),
        order=21,
        permission="watch.see",
        group=lazy("Tägliche Arbeit"),
        note=lazy("Was ein Mensch ansehen soll."),
        symbol="triangle-alert",
    )
    navigation.add(
        "account",
        "office_looks.looks",
        lazy("Einsichten"),
        order=55,
        permission="audit.see",
        note=lazy("Wer im Betrieb welchen Gutschein angesehen hat."),
        symbol="eye",
    )
