"""The auditor's page: who looked at which voucher, and why. Read-only."""

from datetime import datetime

from flask import render_template, request, url_for

from foundation.errors import date_not_valid
from foundation.wiring import audience
from people.web.guards import list_memberships, requires
from vouchers.support import queries

PERMISSION = "audit.see"

pages = audience("office_lookups", __name__, guard=requires(PERMISSION), url_prefix="/pruefung/einsichten")


@pages.get("")
def lookups() -> str:
    """Show the lookups, the newest first. Auditors see all, an issuer's people those at its own vouchers."""
    own = list_memberships(PERMISSION)
    everything = any(m.role == "auditor" for m in own)
    try:
        before = datetime.fromisoformat(request.args["vor"][:40]) if request.args.get("vor") else None
    except ValueError as error:
        raise date_not_valid() from error
    if before and before.tzinfo is None:
        raise date_not_valid()
    found = queries.list_lookups(None if everything else {m.organisation_id for m in own}, before)
    more = len(found) == queries.MAX_ROWS_SHOWN
    older = url_for("office_lookups.lookups", vor=found[-1].lookup.looked_at.isoformat()) if more else None
    return render_template("vouchers/office/lookups/lookups.html", lookups=found, older=older, all=everything)
