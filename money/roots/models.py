"""The tables of what leaves the house. Decision 0113."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Cents, Id, Model
from money.roots.states import CopyKind


class BalanceRoot(Model):
    """The root of the tree over all balances at the end of a day, and how many they are. Append-only."""

    __tablename__ = "balance_root"

    day: Mapped[date] = mapped_column(primary_key=True)
    root: Mapped[bytes]
    leaves: Mapped[int] = mapped_column(sa.BigInteger)
    computed_at: Mapped[datetime] = mapped_column(default=now)


class BalanceLeaf(Model):
    """A balance of the newest tree: what a receipt is made from. Older days go; their roots stay.

    `cents`: debit minus credit.
    """

    __tablename__ = "balance_leaf"

    day: Mapped[date] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    ledger_id: Mapped[UUID]
    account: Mapped[str]
    party: Mapped[UUID] = mapped_column(index=True)
    cents: Mapped[Cents]


class BalanceBranch(Model):
    """The root over 256 leaves of the newest tree, so that a receipt needs no other leaf than these."""

    __tablename__ = "balance_branch"

    day: Mapped[date] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    node: Mapped[bytes]


class RootCopy(Model):
    """That the root of a day was given to somebody outside: when, to whom, and the time stamp that came back.

    Append-only.
    """

    __tablename__ = "root_copy"

    id: Mapped[Id]
    day: Mapped[date]
    kind: Mapped[str]
    receiver: Mapped[str]
    token: Mapped[bytes | None]
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        sa.UniqueConstraint("day", "kind", "receiver"),
        sa.CheckConstraint(sa.column("kind").in_(sorted(CopyKind)), name="kind_known"),
    )
