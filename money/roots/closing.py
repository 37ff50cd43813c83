"""All balances at the end of a day as a tree, once the day's root is there. Decision 0113."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.security import keyed_hash
from money.ledger.models import DayRoot
from money.roots import tree
from money.roots.models import BalanceBranch, BalanceLeaf, BalanceRoot

# The sums of now, less what was sealed after the day's end: that is as it stood then, for ever.
CLOSING = """
SELECT ledger_id, account, party, sum(cents)::bigint AS cents
  FROM (SELECT ledger_id, account, party, debit_cents - credit_cents AS cents FROM balance_rollup
         UNION ALL
        SELECT m.ledger_id, m.account, coalesce(m.party, '00000000-0000-0000-0000-000000000000'::uuid), m.cents
          FROM seal s
          JOIN entry e ON e.aggregate_id = s.aggregate_id AND e.journal_id = s.journal_id
         CROSS JOIN LATERAL (VALUES (e.ledger_id, e.debit_account, e.debit_party, -e.cents),
                                    (e.ledger_id, e.credit_account, e.credit_party, e.cents)
               ) AS m (ledger_id, account, party, cents)
         WHERE s.sealed_at >= CAST(:end AS timestamp) AT TIME ZONE 'Europe/Berlin') b
 GROUP BY ledger_id, account, party
HAVING sum(cents) <> 0
"""
FILL = f"""
INSERT INTO balance_leaf (day, position, ledger_id, account, party, cents)
SELECT CAST(:day AS date), row_number() OVER (ORDER BY ledger_id, account COLLATE "C", party) - 1,
       ledger_id, account, party, cents
  FROM ({CLOSING}) closing
"""  # noqa: S608 a constant


def close_balances() -> date | None:
    """Write the tree of the oldest day that has a root and no tree yet; gives the day. Older leaves go."""
    day = session.scalar(sa.select(sa.func.min(DayRoot.day)).where(~sa.exists().where(BalanceRoot.day == DayRoot.day)))
    if day is None or not session.scalar(sa.text("SELECT pg_try_advisory_xact_lock(hashtext('balance_root'))")):
        return None
    for table in (BalanceLeaf, BalanceBranch):
        session.execute(sa.delete(table))
    session.execute(sa.text(FILL), {"day": day, "end": day + timedelta(days=1)})
    nodes, count = [], 0
    hashes = read_leaves(day)
    while leaves := list(islice(hashes, tree.BRANCH_LEAVES)):
        nodes.append(tree.find_root(leaves))
        count += len(leaves)
    if nodes:
        rows = [{"day": day, "position": position, "node": node} for position, node in enumerate(nodes)]
        session.execute(sa.insert(BalanceBranch), rows)
    session.add(BalanceRoot(day=day, root=tree.find_root(nodes), leaves=count))
    return day


def read_leaves(day: date, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Read the hashes of the leaves of a day in their order, from one place up to another."""
    leaves = sa.select(*BalanceLeaf.__table__.columns).where(BalanceLeaf.day == day, BalanceLeaf.position >= begin)
    if end is not None:
        leaves = leaves.where(BalanceLeaf.position < end)
    leaves = leaves.order_by(BalanceLeaf.position)
    for row in session.execute(leaves.execution_options(yield_per=5000)):
        text = write_leaf(row.ledger_id, row.account, row.party, row.cents)
        yield tree.hash_leaf(make_salt(day, row.ledger_id, row.account, row.party), text)


def write_leaf(ledger_id: UUID, account: str, party: UUID, cents: int) -> str:
    """Write what a leaf says as text, with bars between its parts."""
    return f"{ledger_id}|{account}|{party}|{cents}"


def make_salt(day: date, ledger_id: UUID, account: str, party: UUID) -> bytes:
    """Make the secret that blinds a leaf: nobody can guess a neighbour's balance from its hash."""
    return keyed_hash("balance_leaf", f"{day}|{ledger_id}|{account}|{party}")
