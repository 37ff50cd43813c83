"""The bank as a source: the closing balances of its statements against TB and OB, and what may explain a difference.

At the end of a day an account stands where its last statement ended, with those lines of the next one that were booked
until then (a late one of a closed month counts where the books have it: on the first open day). A typed credit that its
line confirms at a later day is in the books before it is at the bank; one that was typed with a later day, after it.
"""

from datetime import date
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from foundation.database import lock, session
from foundation.languages import _, show_date
from money.amount import euro
from money.bank import confirming
from money.bank.models import BankAccount, BankReceipt
from money.bank.postings import BankPosting
from money.day_end import sources
from money.day_end.sources import BalanceSource, Clue, DayBalance, Days
from money.day_end.states import Cause, SourceKind
from money.ledger import explaining
from money.ledger.models import Entry

PURPOSES = {"TB": "trust", "OB": "operating"}
BY_LINE = (BankPosting.RECEIVED, BankPosting.DEBITED, BankPosting.CROSSED_OUT)  # all else has no line of its own
MAX_CLUES = 20

# What is asked of: the days of one issuer. The proof asks of all figures that were recorded.
DAYS = """
SELECT CAST(:ledger AS uuid) AS ledger_id, CAST(:account AS text) AS account, d::date AS day
  FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') d
"""
# What was booked by day: sums of days, and what waits for its seal.
SUMS = """
SELECT ledger_id, m.account, booked_on, sum(m.cents)::bigint AS cents
  FROM (SELECT ledger_id, booked_on, debit_account, credit_account, cents FROM daily_rollup WHERE ledger_id = :ledger
         UNION ALL
        SELECT e.ledger_id, e.booked_on, e.debit_account, e.credit_account, e.cents FROM entry e
          JOIN outbox q ON q.aggregate_id = e.aggregate_id AND q.journal_id = e.journal_id
         WHERE e.ledger_id = :ledger) e
 CROSS JOIN LATERAL (VALUES (e.debit_account, e.cents), (e.credit_account, -e.cents)) AS m (account, cents)
 WHERE m.account = :account
 GROUP BY 1, 2, 3
"""
BALANCES = """
WITH wanted AS MATERIALIZED ({wanted}),
sums AS MATERIALIZED ({sums}),
accounts AS (
  SELECT id, organisation_id AS ledger_id, CASE purpose WHEN 'trust' THEN 'TB' ELSE 'OB' END AS account, feed,
         (opened_at AT TIME ZONE 'Europe/Berlin')::date AS opened_on,
         (closed_at AT TIME ZONE 'Europe/Berlin')::date AS closed_on
    FROM bank_account
),
statements AS MATERIALIZED (
  SELECT s.id, s.account_id, s.closing_on, s.closing_cents FROM bank_statement s
    JOIN bank_account a ON a.id = s.account_id
   WHERE s.kind IN ('camt.053', 'mt940') AND s.closing_on IS NOT NULL AND (s.moves OR a.feed = 'intraday')
),
early AS MATERIALIZED (
  SELECT s.account_id, s.closing_on, coalesce(e.booked_on, l.booked_on) AS booked_on,
         sum(CASE l.direction WHEN 'credit' THEN l.cents ELSE -l.cents END)::bigint AS cents
    FROM statements s
    JOIN bank_line l ON l.statement_id = s.id
    LEFT JOIN entry e
      ON l.moves AND e.aggregate_id = coalesce(l.receipt_id, l.id) AND e.journal_id = e.aggregate_id AND e.line_no = 1
   WHERE l.position > 0 AND l.booked_on < s.closing_on GROUP BY 1, 2, 3
),
stated AS (
  SELECT w.ledger_id, w.account, w.day, coalesce(sum(s.closing_cents + coalesce(l.cents, 0)), 0)::bigint AS cents,
         coalesce(bool_and(a.closed_on <= w.day OR (s.id IS NOT NULL AND n.is_reached)), false) AS is_stated,
         bool_and(s.id IS NOT NULL) AS may_wait
    FROM wanted w
    JOIN accounts a ON a.ledger_id = w.ledger_id AND a.account = w.account
    LEFT JOIN LATERAL (SELECT id, closing_cents FROM statements s WHERE s.account_id = a.id AND s.closing_on <= w.day
                        ORDER BY s.closing_on DESC, s.id DESC LIMIT 1) s ON true
    CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM statements n
                         WHERE n.account_id = a.id AND n.closing_on >= w.day) AS is_reached) n
    LEFT JOIN LATERAL (SELECT sum(e.cents) AS cents FROM early e
                        WHERE e.account_id = a.id AND e.closing_on > w.day AND e.booked_on <= w.day) l ON true
   WHERE s.id IS NOT NULL OR a.opened_on <= w.day OR n.is_reached
   GROUP BY 1, 2, 3
)
SELECT w.ledger_id, w.account, w.day,
       (SELECT coalesce(sum(m.cents), 0) FROM sums m
         WHERE m.ledger_id = w.ledger_id AND m.account = w.account AND m.booked_on <= w.day)::bigint AS ours,
       coalesce(s.cents, 0) AS theirs, coalesce(s.is_stated, false) AS is_stated,
       coalesce(s.may_wait, false) AS may_wait,
       (SELECT coalesce(sum(CASE WHEN r.booked_on <= w.day THEN r.cents ELSE -r.cents END), 0) FROM bank_receipt r
          JOIN accounts a ON a.id = r.account_id AND a.ledger_id = w.ledger_id AND a.account = w.account
          LEFT JOIN bank_line l ON l.receipt_id = r.id
          LEFT JOIN bank_placement p ON p.receipt_id = r.id AND p.place = 'crossed_out'
         WHERE r.source = 'person'
           AND CASE WHEN r.booked_on <= w.day
                    THEN l.booked_on > w.day OR (p.recorded_at AT TIME ZONE 'Europe/Berlin')::date > w.day
                    ELSE l.booked_on <= w.day
               END)::bigint AS later
  FROM wanted w
  LEFT JOIN stated s ON s.ledger_id = w.ledger_id AND s.account = w.account AND s.day = w.day
"""
BY_DAY = sa.text(BALANCES.format(wanted=DAYS, sums=SUMS))


def compare(account: str, ledger_id: UUID, first: date, last: date) -> Days:
    """Compare an account of an issuer with its bank, by day. An issuer without the account at a bank, and with nothing
    in the books of it, is not asked about it; nor of its own money, where that account is not recorded."""
    recorded = session.scalar(
        sa.select(sa.func.count())
        .select_from(BankAccount)
        .where(BankAccount.organisation_id == ledger_id, BankAccount.purpose == PURPOSES[account])
    )
    if not recorded and account != "TB":
        return {}
    values = {"ledger": ledger_id, "account": account, "first": first, "last": last}
    rows = session.execute(BY_DAY, values).all()
    return {
        row.day: DayBalance(row.ours, row.theirs, row.later, row.is_stated, row.may_wait)
        for row in rows
        if recorded or row.ours
    }


def hold(ledger_id: UUID) -> None:
    """Wait for statements and typed credits of an issuer that are under way: they lock their account first."""
    query = sa.select(BankAccount.id).where(BankAccount.organisation_id == ledger_id)
    lock(BankAccount, session.scalars(query).all())


def list_clues(account: str, ledger_id: UUID, day: date) -> list[Clue]:
    """List what may explain a difference at the end of a day: typed credits, and entries without a line of the bank."""
    typed = (
        confirming.select_unconfirmed()
        .join(BankAccount, BankAccount.id == BankReceipt.account_id)
        .where(BankAccount.organisation_id == ledger_id, BankAccount.purpose == PURPOSES[account])
        .where(BankReceipt.booked_on <= day)
    )
    clues = [_typed(receipt) for receipt in session.scalars(typed.limit(MAX_CLUES))]
    return clues + [_by_hand(entry, account) for entry in session.scalars(_select_by_hand(account, ledger_id, day))]


def _typed(receipt: BankReceipt) -> Clue:
    sentence = _(
        "%(day)s: %(amount)s von %(name)s, von Hand erfasst und in keinem Auszug",
        day=show_date(receipt.booked_on),
        amount=euro(receipt.cents),
        name=receipt.payer_name or _("unbekannt"),
    )
    return Clue(Cause.TYPED, receipt.cents, receipt.booked_on, sentence, f"#u-{receipt.id}")


def _select_by_hand(account: str, ledger_id: UUID, day: date) -> sa.Select[Entry]:
    entry = aliased(Entry, name="entry")
    return (
        sa.select(entry)
        .where(entry.ledger_id == ledger_id, entry.booked_on <= day, entry.kind.not_in(BY_LINE))
        .where(sa.or_(entry.debit_account == account, entry.credit_account == account))
        .order_by(entry.booked_on.desc(), entry.journal_id)
        .limit(MAX_CLUES)
    )


def _by_hand(entry: Entry, account: str) -> Clue:
    cents = entry.cents * ((entry.debit_account == account) - (entry.credit_account == account))
    return Clue(Cause.BY_HAND, cents, entry.booked_on, explaining.explain(entry))


def plug() -> None:
    """Register the bank as a source of both accounts."""
    for account in PURPOSES:
        asked = partial(compare, account), partial(list_clues, account)
        sources.add(BalanceSource(SourceKind.BANK, account, *asked, hold=hold))
