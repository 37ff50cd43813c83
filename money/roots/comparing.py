"""What left the house, compared with the books as they stand: part of `flask money chain`.

Who rewrites all seals and roots has made a chain that fits itself. It does not fit what others hold.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa

from foundation.clock import BERLIN, now
from foundation.config import settings
from foundation.database import session
from money.ledger.published import PublishedRoot, read_roots
from money.roots import queries, stamping
from money.roots.models import RootCopy
from money.roots.states import CopyKind

STAMP_AGE = timedelta(days=7)  # how long after a day's end its stamp may come: outages end, forgers come late
MISSING_AGE = timedelta(days=2)

Found = tuple[date, str]


def compare_published(held: Iterable[PublishedRoot]) -> list[Found]:
    """Compare the roots of now with what is kept outside, what the caller holds, and what was stamped."""
    present = {root.day: root for root in queries.list_roots()}
    kept = read_kept()
    found = list(_compare_lines(present, kept, "was außerhalb aufgehoben ist"))
    found += _compare_lines(present, held, "was Ihnen vorliegt")
    found += _compare_stamps(present)
    session.rollback()
    return found


def read_kept() -> list[PublishedRoot]:
    """Read the roots that ROOTS_FILE holds, outside of the database."""
    path = Path(settings().roots_file) if settings().roots_file else None
    return read_roots(path.read_text(encoding="ascii")) if path and path.exists() else []


def _compare_lines(present: dict[date, PublishedRoot], lines: Iterable[PublishedRoot], what: str) -> Iterator[Found]:
    for line in lines:
        if line.day not in present:
            yield line.day, f"die Wurzel fehlt; {what}, hat eine"
        elif present[line.day] != line:
            yield line.day, f"die Wurzel ist eine andere als die, {what}"


def _compare_stamps(present: dict[date, PublishedRoot]) -> Iterator[Found]:
    if not settings().timestamp_certificates:
        return
    stamps = session.execute(sa.select(RootCopy.day, RootCopy.token).filter_by(kind=CopyKind.STAMP)).all()
    for day, token in stamps:
        end = datetime.combine(day + timedelta(days=1), time(), BERLIN)
        try:
            at = stamping.read_stamp(token or b"", str(present.get(day)).encode())
        except stamping.StampRefused as refusal:
            yield day, f"der Zeitstempel passt nicht: {refusal}"
            continue
        if at > end + STAMP_AGE:
            yield day, f"der Zeitstempel ist erst vom {at:%d.%m.%Y}"
    if stamps and settings().timestamp_url:
        begin = min(day for day, _token in stamps)
        stamped = {day for day, _token in stamps}
        for day in sorted(present.keys() - stamped):
            if day > begin and datetime.combine(day, time(), BERLIN) < now() - MISSING_AGE:
                yield day, "der Zeitstempel fehlt"
