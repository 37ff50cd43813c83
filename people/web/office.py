"""The office: what operators look at to see whether everything runs, and who may do what."""

from flask import render_template

from foundation import audit, jobs, mail
from foundation.wiring import audience
from people.permissions import ROLES
from people.web.guards import requires

pages = audience("office", __name__, guard=requires("office.see"), url_prefix="/office")


@pages.get("")
def overview() -> str:
    """Show jobs, mails on their way and the latest deeds."""
    return render_template(
        "people/office/overview.html",
        jobs=jobs.count_by_status(),
        oldest=jobs.find_oldest_due(),
        mails=mail.count_due(),
        deeds=audit.list_latest(),
    )


@pages.get("/rechte")
def permissions() -> str:
    """Show the one table of roles and permissions."""
    names = sorted(frozenset().union(*ROLES.values()))
    return render_template("people/office/permissions.html", roles=ROLES, names=names)
