"""How the office's pages about the safety of value plug in: what can be proposed, looked at and decided there."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import navigation
from vouchers import goodwill, handing_out
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
    for room in (goodwill, handing_out, running, undoing):
        room.plug()
    for page in (approvals, goodwill_pages, issue, lapse, looks, support, watch):
        app.register_blueprint(page.pages)
    navigation.add("office", "office_support.find", lazy("Gutscheine finden"), order=15, permission="vouchers.support")
    navigation.add("office", "office_approvals.worklist", lazy("Freigaben"), order=20, permission="vouchers.approve")
    navigation.add("office", "office_issue.form", lazy("Gutschein ausgeben"), order=22, permission="vouchers.propose")
    navigation.add("office", "office_lapse.runs", lazy("Verfall"), order=24, permission="vouchers.propose")
    navigation.add("office", "office_watch.worklist", lazy("Auffälligkeiten"), order=26, permission="watch.see")
    navigation.add("account", "office_looks.looks", lazy("Einsichten"), order=55, permission="audit.see")
