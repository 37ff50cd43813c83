"""What came from another system, and how its codes are known. Decision 0317."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Cents, Id, Model


class MoveIn(Model):
    """One list of vouchers that came from another system. `digest` is that of the file: the same one comes in once.

    `line_count` and `cents` are the whole list's; `done_count` of them are vouchers by now.
    """

    __tablename__ = "move_in"

    id: Mapped[Id]
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"))
    source: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True)
    reference: Mapped[str]
    line_count: Mapped[int]
    cents: Mapped[Cents]
    done_count: Mapped[int] = mapped_column(default=0)
    moved_by: Mapped[str]
    approved_by: Mapped[str]
    began_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint("octet_length(digest) = 32", name="digest_whole"),
        sa.CheckConstraint("moved_by <> approved_by", name="two_people"),
        sa.CheckConstraint("line_count > 0 AND done_count BETWEEN 0 AND line_count", name="counts_within"),
    )


class MovedSum(Model):
    """What an issuer's books held when it moved in, besides its vouchers' documents: a line of one document a day."""

    __tablename__ = "moved_sum"

    journal_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(sa.SmallInteger(), primary_key=True, autoincrement=False)
    ledger_id: Mapped[UUID]
    booked_on: Mapped[date]
    debit_account: Mapped[str]
    debit_party: Mapped[UUID | None]
    credit_account: Mapped[str]
    credit_party: Mapped[UUID | None]
    cents: Mapped[Cents]
    programme_id: Mapped[UUID | None]

    __table_args__ = (sa.CheckConstraint("cents > 0", name="cents_positive"),)


class MovedCode(Model):
    """A code of which the other system only gave the SHA-256: found by the keyed hash of that digest."""

    __tablename__ = "moved_code"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    voucher_id: Mapped[UUID]

    __table_args__ = (sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),)
