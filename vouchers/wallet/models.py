"""What lies in a wallet, where a holder can be reached, which reminders and notices were sent. Decision 0312."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Id, Model


class WalletItem(Model):
    """A voucher in a person's wallet.

    `token` and `totp` are encrypted: the voucher's token, which exists in plain nowhere else, and the secret of the
    rotating code (RFC 6238). Both are emptied when the voucher leaves the wallet. `handle` names the item in its codes;
    `wrong_codes` counts codes that never were right, since `wrong_since`.
    """

    __tablename__ = "wallet_item"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    voucher_id: Mapped[UUID]
    handle: Mapped[str] = mapped_column(unique=True)
    token: Mapped[bytes | None]
    totp: Mapped[bytes | None]
    label: Mapped[str] = mapped_column(default="")
    hidden: Mapped[bool] = mapped_column(default=False)
    remind: Mapped[bool] = mapped_column(default=False)
    wrong_codes: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    wrong_since: Mapped[datetime | None]
    added_at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint(
            "(removed_at IS NULL) = (token IS NOT NULL) AND (removed_at IS NULL) = (totp IS NOT NULL)",
            name="secrets_while_held",
        ),
        sa.Index("uq_wallet_item_voucher", "voucher_id", unique=True, postgresql_where=sa.text("removed_at IS NULL")),
    )


class VoucherContact(Model):
    """The mail address that a voucher was last handed to, where that is not the one of its sale: it was passed on."""

    __tablename__ = "voucher_contact"

    voucher_id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    language: Mapped[str]
    since: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (sa.Index("ix_voucher_contact_email", sa.text("lower(email)")),)


class WalletReminder(Model):
    """A reminder that was sent: each lot's end at most once for each distance in days."""

    __tablename__ = "wallet_reminder"

    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("wallet_item.id"), primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    sent_at: Mapped[datetime] = mapped_column(default=now)


class LapseLetter(Model):
    """A return of which a part had lapsed, and that its holder was notified. Also when nobody knows where to write."""

    __tablename__ = "lapse_letter"

    operation_id: Mapped[UUID] = mapped_column(primary_key=True)
    told_at: Mapped[datetime] = mapped_column(default=now)


class PinDecoy(Model):
    """Written when a code is unknown or locked, as a voucher's row is when its PIN is wrong: both take as long."""

    __tablename__ = "pin_decoy"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    wrong_pins: Mapped[int] = mapped_column(sa.SmallInteger)
