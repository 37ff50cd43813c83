"""Counting: sealed documents become daily sums, each exactly once, in the order of their seals."""

import sqlalchemy as sa

from foundation.database import session, transact
from foundation.jobs import job
from money.ledger.models import NOBODY, StreamHead
from vouchers.statistics.models import UNKNOWN, VoucherDayMark
from vouchers.statistics.states import CountedKind

PORTION = 5000
# A void takes its redemption out of the counts; a later refund takes value only (the day's tickets stay tickets).
COUNT = sa.text(
    """
    WITH news AS (
      SELECT aggregate_id, journal_id, seal_no FROM seal
       WHERE stream = :stream AND seal_no > :after ORDER BY seal_no LIMIT :portion
    ), lines AS (
      SELECT e.booked_on, e.programme_id, coalesce(v.issue_ags, :unknown) AS issue_ags, e.journal_id, e.kind, e.cents,
             CASE WHEN e.credit_account = 'KR' THEN e.credit_party WHEN e.debit_account = 'KR' THEN e.debit_party
                  ELSE CAST(:nobody AS uuid) END AS outlet_id
        FROM news n JOIN entry e ON e.aggregate_id = n.aggregate_id AND e.journal_id = n.journal_id
        JOIN voucher v ON v.id = e.aggregate_id
       WHERE e.kind IN ('voucher.issue', 'voucher.load', 'voucher.withdraw', 'voucher.charge_back',
                        'voucher.reinstate', 'voucher.redeem', 'voucher.capture', 'voucher.void', 'voucher.refund')
    ), sums AS (
      SELECT booked_on, programme_id, issue_ags, outlet_id,
             CASE WHEN kind IN ('voucher.issue', 'voucher.load') THEN :issued
                  WHEN kind IN ('voucher.withdraw', 'voucher.charge_back', 'voucher.reinstate') THEN :withdrawn
                  ELSE :redeemed END AS verb,
             sum(CASE WHEN kind IN ('voucher.void', 'voucher.refund', 'voucher.reinstate') THEN -cents ELSE cents END)
               AS cents,
             count(DISTINCT journal_id)
               FILTER (WHERE kind NOT IN ('voucher.void', 'voucher.refund', 'voucher.reinstate'))
               - count(DISTINCT journal_id) FILTER (WHERE kind IN ('voucher.void', 'voucher.reinstate')) AS number
        FROM lines GROUP BY 1, 2, 3, 4, 5
    ), written AS (
      INSERT INTO voucher_day AS d (booked_on, programme_id, issue_ags, outlet_id, verb, cents, number)
      SELECT booked_on, programme_id, issue_ags, outlet_id, verb, cents, number FROM sums
      ON CONFLICT (booked_on, programme_id, issue_ags, outlet_id, verb)
      DO UPDATE SET cents = d.cents + excluded.cents, number = d.number + excluded.number
    )
    SELECT max(seal_no) FROM news
    """
)


def count_stream(stream: int) -> bool:
    """Count the next portion of one stream; whether there was any. The mark's row is the lock."""
    mark = session.scalar(sa.select(VoucherDayMark).where(VoucherDayMark.stream == stream).with_for_update())
    if mark is None:
        mark = VoucherDayMark(stream=stream, seal_no=0)
        session.add(mark)
        session.flush()
    values = {
        "stream": stream,
        "after": mark.seal_no,
        "portion": PORTION,
        "unknown": UNKNOWN,
        "nobody": str(NOBODY),
        **{kind.value: kind.value for kind in CountedKind},
    }
    reached = session.scalar(COUNT, values)
    if reached is None:
        return False
    mark.seal_no = int(reached)
    return True


def count_all() -> None:
    """Count everything that is sealed by now. Commits stream by stream."""
    streams = list(session.scalars(sa.select(StreamHead.stream).order_by(StreamHead.stream)))
    session.rollback()
    for stream in streams:
        while transact(count_stream, stream):
            pass


@job("vouchers.count_days", every="* * * * *", transaction=False)
def count_regularly() -> None:
    """Count once a minute what was sealed since the last time."""
    count_all()
