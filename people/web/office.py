"""The office: what operators look at to see whether everything runs, and who may do what."""

import sqlalchemy as sa
from flask import render_template

from foundation.clock import now
from foundation.database import session
from foundation.models import AuditRecord, OutgoingMail
from foundation.wiring import audience
from people.permissions import ROLES
from people.web.guards import requires

pages = audience("office", __name__, guard=requires("office.see"), url_prefix="/office")
JOBS = sa.text("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1 ORDER BY 1")
OLDEST = sa.text(
    "SELECT min(scheduled_at) FROM procrastinate_jobs WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()"
)


@pages.get("")
def overview() -> str:
    """Jobs, mails on their way, the latest deeds."""
    due = sa.select(sa.func.count()).where(OutgoingMail.sent_at.is_(None), OutgoingMail.send_at <= now())
    deeds = sa.select(AuditRecord).order_by(AuditRecord.recorded_at.desc()).limit(30)
    return render_template(
        "people/office/overview.html",
        jobs={str(row[0]): int(row[1]) for row in session.execute(JOBS)},
        oldest=session.scalar(OLDEST),
        mails=int(session.scalar(due) or 0),
        deeds=list(session.scalars(deeds)),
    )


@pages.get("/rechte")
def permissions() -> str:
    """The one table of roles and permissions."""
    names = sorted(frozenset().union(*ROLES.values()))
    return render_template("people/office/permissions.html", roles=ROLES, names=names)
