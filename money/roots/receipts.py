"""A holder's receipt: that a value is in the books of a day, in a form that `verify_books.py` checks without us."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from money.ledger.models import DayRoot
from money.ledger.published import PublishedRoot
from money.roots import closing, tree
from money.roots.models import BalanceBranch, BalanceLeaf, BalanceRoot


@dataclass(frozen=True)
class BalanceReceipt:
    """What was owed to one party at the end of a day, in cents, and the way from it to the published root."""

    published: PublishedRoot
    cents: int
    leaves: list[dict[str, Any]]

    def write(self) -> dict[str, Any]:
        """Write it as JSON has it."""
        return {"published": str(self.published), "cents": self.cents, "leaves": self.leaves}


def find_newest_day() -> date | None:
    """Find the newest day whose balances are published."""
    return session.scalar(sa.select(sa.func.max(BalanceLeaf.day)).join(BalanceRoot, BalanceRoot.day == BalanceLeaf.day))


def make_receipt(party: UUID) -> BalanceReceipt | None:
    """Make the receipt of a voucher, or any party; nothing when no balance of it was left at the end of the day."""
    day = find_newest_day()
    if day is None:
        return None
    own = session.scalars(sa.select(BalanceLeaf).filter_by(day=day, party=party).order_by(BalanceLeaf.account)).all()
    if not own:
        return None
    root, balances = session.execute(
        sa.select(DayRoot.root, BalanceRoot.root)
        .join(BalanceRoot, BalanceRoot.day == DayRoot.day)
        .where(DayRoot.day == day)
    ).one()
    branches = list(session.scalars(sa.select(BalanceBranch.node).filter_by(day=day).order_by(BalanceBranch.position)))
    published = PublishedRoot(day, bytes(root), bytes(balances))
    return BalanceReceipt(published, -sum(leaf.cents for leaf in own), [_prove(leaf, branches) for leaf in own])


def _prove(leaf: BalanceLeaf, branches: list[bytes]) -> dict[str, Any]:
    branch, place = divmod(leaf.position, tree.BRANCH_LEAVES)
    first = branch * tree.BRANCH_LEAVES
    hashes = list(closing.read_leaves(leaf.day, first, first + tree.BRANCH_LEAVES))
    return {
        "text": closing.write_leaf(leaf.ledger_id, leaf.account, leaf.party, leaf.cents),
        "salt": closing.make_salt(leaf.day, leaf.ledger_id, leaf.account, leaf.party).hex(),
        "path": tree.find_path(hashes, place) + tree.find_path(branches, branch),
    }
