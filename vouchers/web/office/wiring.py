"""How the office's pages about the safety of value plug in: what can be proposed, looked at and decided there."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import navigation
from vouchers import goodwill, handing_out
from vouchers.approvals import models as approval_models
from vouchers.lapsing import models as lapse_models
from vouchers.lapsing import running, undoing
from vouchers.web.office import approvals, issue, lapse


def plug(app: Flask) -> None:
    """Register tables, kinds of proposals, pages."""
    assert approval_models
    assert lapse_models
    for room in (goodwill, handing_out, running, undoing):
        room.plug()
    for page in (approvals, issue, lapse):
        app.register_blueprint(page.pages)
    navigation.add("office", "office_approvals.worklist", lazy("Freigaben"), order=20, permission="vouchers.approve")
    navigation.add("office", "office_issue.form", lazy("Gutschein ausgeben"), order=22, permission="vouchers.propose")
    navigation.add("office", "office_lapse.runs", lazy("Verfall"), order=24, permission="vouchers.propose")
