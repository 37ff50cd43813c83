"""The operator's look at payments: how each stands, and what became of it. Read-only."""

from flask import render_template

from foundation.wiring import audience
from money.payments import methods, queries
from people.web.guards import requires

pages = audience("office_payments", __name__, guard=requires("payments.see"), url_prefix="/office/zahlungen")


@pages.get("")
def payments() -> str:
    """Show the newest payments with their parts. No address of a payer is shown."""
    return render_template("money/office/payments.html", payments=queries.list_recent(50), label_of=methods.label_of)
