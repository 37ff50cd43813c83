"""Roots leave the house: to a file outside of the database, to trustees by mail, to a time-stamping authority.

Page and feed show them as soon as they are there. What left cannot be taken back; `comparing` holds the books to it.
"""

import os
from datetime import date
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from foundation import mail
from foundation.clock import now
from foundation.config import settings
from foundation.database import session, transact, uuid7
from foundation.jobs import job
from foundation.languages import _, show_date
from foundation.mail import Attachment
from money.ledger.published import PublishedRoot, read_roots
from money.roots import closing, queries, stamping
from money.roots.models import RootCopy
from money.roots.states import CopyKind

MAX_DAYS = 30  # days that are sent late, after an outage

log = structlog.get_logger("roots")


@job("money.publish_roots", every="*/10 * * * *", transaction=False)
def publish_roots() -> None:
    """Compute the balances of finished days, and give their roots to everybody who has not got them."""
    while transact(closing.close_balances):
        pass
    roots = list(reversed(queries.list_roots(MAX_DAYS)))
    session.rollback()
    keep_outside(roots)
    for address in list_trustees():
        for root in roots:
            transact(mail_root, root, address)
    stamp_roots(roots)


def list_trustees() -> list[str]:
    """List the addresses that get each day's root."""
    return [address.strip() for address in settings().trustees.split(",") if address.strip()]


def keep_outside(roots: list[PublishedRoot]) -> None:
    """Append to ROOTS_FILE what it does not hold yet. A day that stands there is never written again."""
    if not settings().roots_file:
        return
    path = Path(settings().roots_file)
    kept = {root.day for root in read_roots(path.read_text(encoding="ascii"))} if path.exists() else set()
    lines = "".join(f"{root}\n" for root in roots if root.day not in kept)
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="ascii") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())


def mail_root(root: PublishedRoot, address: str) -> None:
    """Mail a day's root to a trustee, once."""
    if _note(root.day, CopyKind.MAIL, address):
        file = Attachment(f"{root.day.isoformat()}.txt", "text/plain", f"{root}\n".encode())
        subject = _("Siegel der Bücher vom %(day)s", day=show_date(root.day))
        mail.send(to=address, template="money/root", subject=subject, attachments=[file], root=root)


def stamp_roots(roots: list[PublishedRoot]) -> None:
    """Have the days stamped that are not yet. The network is asked between transactions, never inside one."""
    url = settings().timestamp_url
    if not url:
        return
    stamped = set(session.scalars(sa.select(RootCopy.day).filter_by(kind=CopyKind.STAMP, receiver=url)))
    session.rollback()
    for root in roots:
        if root.day in stamped:
            continue
        try:
            token = stamping.request_stamp(url, str(root).encode())
        except stamping.StampRefused as refusal:
            log.error("root_not_stamped", day=root.day.isoformat(), reason=str(refusal))
            return  # the next run tries again
        transact(_note, root.day, CopyKind.STAMP, url, token)


def _note(day: date, kind: CopyKind, receiver: str, token: bytes | None = None) -> bool:
    values = {"id": uuid7(), "day": day, "kind": kind, "receiver": receiver, "token": token, "recorded_at": now()}
    written = insert(RootCopy).values(values).on_conflict_do_nothing().returning(RootCopy.id)
    return session.execute(written).scalar() is not None
