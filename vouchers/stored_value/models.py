"""Programmes, acceptance, vouchers with their lots, and what happened to them.

The functions in `vouchers/stored_value/sql/` alone write `voucher`, `lot`, `voucher_operation` and `operation_part`.
They carry no foreign keys to rows that many transactions share: the proof checks those references instead.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Cents, Id, Model
from money import amount
from people.models import Organisation
from vouchers.stored_value import states


def one_of(column: str, words: Any) -> sa.CheckConstraint:
    """A check that the column holds one of the words."""
    return sa.CheckConstraint(sa.column(column).in_(sorted(words)), name=f"{column}_known")


class Programme(Model):
    """What is sold: the regional voucher, a city's voucher. The limits are those of its network charter (§ 2 ZAG).

    `supervision` is the position of the supervisory authority: nothing is sold while it is `unknown`. `launched_at`:
    when it passed the launch gate; before that no paid value exists. `velocity_limit`: more operations of one voucher
    in ten minutes are no shopping and are refused.
    """

    __tablename__ = "programme"

    id: Mapped[Id]
    issuer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    area: Mapped[str]
    min_cents: Mapped[Cents]
    max_cents: Mapped[Cents]
    max_outlets: Mapped[int]
    month_cents: Mapped[Cents]
    payer_cents: Mapped[Cents]
    on_sale: Mapped[bool] = mapped_column(default=False)
    supervision: Mapped[str] = mapped_column(default=states.Supervision.UNKNOWN)
    design: Mapped[str] = mapped_column(default="feld")
    wording: Mapped[str] = mapped_column(default="")
    velocity_limit: Mapped[int] = mapped_column(default=60)
    launched_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    issuer: Mapped[Organisation] = relationship(lazy="selectin")
    towns: Mapped[list["ProgrammeTown"]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    __table_args__ = (
        one_of("area", states.ProgrammeArea),
        one_of("supervision", states.Supervision),
        sa.CheckConstraint("min_cents > 0 AND max_cents >= min_cents", name="limits_in_order"),
        sa.CheckConstraint("max_outlets > 1", name="more_than_one_shop"),
        sa.CheckConstraint("month_cents >= max_cents AND payer_cents >= max_cents", name="room_for_one"),
        sa.CheckConstraint(
            "NOT on_sale OR (supervision = 'ok' AND launched_at IS NOT NULL)", name="sold_once_launched"
        ),
        sa.CheckConstraint("velocity_limit > 0", name="velocity_limit_positive"),
    )

    @property
    def covers_region(self) -> bool:
        """Whether shops of every town may take it."""
        return self.area == states.ProgrammeArea.REGION


class ProgrammeTown(Model):
    """A town in which a programme of area `towns` is accepted."""

    __tablename__ = "programme_town"

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"), primary_key=True)
    ags: Mapped[str] = mapped_column(sa.ForeignKey("municipality.ags"), primary_key=True)


class Acceptance(Model):
    """The agreement by which a shop accepts a programme, from when until when. A change ends one and begins the next.

    `commission_basis_points`: hundredths of a per cent of what is redeemed. `vat_rates`: at which rates the shop
    supplies, such as `7,19`; empty when not asked. `terms_version`, `terms_hash`: the text that was agreed to.
    `ended_by`: who ended it, `change` when another version follows. `notice_at`: when its end was declared.
    """

    __tablename__ = "acceptance"

    id: Mapped[Id]
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"))
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    commission_basis_points: Mapped[int] = mapped_column(default=0)
    vat_rates: Mapped[str] = mapped_column(default="")
    terms_version: Mapped[str] = mapped_column(default="")
    terms_hash: Mapped[bytes | None]
    valid_from: Mapped[datetime] = mapped_column(default=now)
    valid_until: Mapped[datetime | None]
    begun_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    ended_by: Mapped[str | None]
    ended_reason: Mapped[str] = mapped_column(default="")
    ender_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    notice_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="times_in_order"),
        sa.CheckConstraint("commission_basis_points BETWEEN 0 AND 10000", name="commission_within"),
        sa.CheckConstraint("vat_rates ~ '^((0|7|19)(,(7|19))*)?$'", name="vat_rates_known"),
        sa.CheckConstraint("(valid_until IS NULL) = (ended_by IS NULL)", name="end_has_an_ender"),
        one_of("ended_by", states.AgreementEnder),
        sa.Index("ix_acceptance_place", "programme_id", "outlet_id"),
        sa.Index(
            "uq_acceptance_open",
            "programme_id",
            "outlet_id",
            unique=True,
            postgresql_where=sa.text("valid_until IS NULL"),
        ),
    )

    @property
    def commission_percent(self) -> str:
        """The commission as a form field holds it: "2,50"."""
        return amount.plain(self.commission_basis_points)

    @property
    def rates(self) -> list[str]:
        """The rates in per cent at which the shop supplies; none where nobody asked."""
        return self.vat_rates.split(",") if self.vat_rates else []


class Reciprocity(Model):
    """From when until when a programme's vouchers are taken in the shops of another programme, its host.

    The host's issuer owes the shop, and is owed the same by the voucher's issuer (account CL).
    """

    __tablename__ = "reciprocity"

    id: Mapped[Id]
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"))
    host_programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"))
    valid_from: Mapped[datetime] = mapped_column(default=now)
    valid_until: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint("programme_id <> host_programme_id", name="two_programmes"),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="times_in_order"),
        sa.Index(
            "uq_reciprocity_open",
            "programme_id",
            "host_programme_id",
            unique=True,
            postgresql_where=sa.text("valid_until IS NULL"),
        ),
    )


class Voucher(Model):
    """One voucher. Hashes only: token, typed code and PIN exist in plain once, when they are handed over.

    `replaced_by`: the voucher that it was merged into; what comes back later goes there.
    """

    __tablename__ = "voucher"

    id: Mapped[Id]
    programme_id: Mapped[UUID] = mapped_column(index=True)
    ledger_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    pin_hash: Mapped[bytes]
    last4: Mapped[str] = mapped_column(sa.CHAR(4))
    state: Mapped[str]
    version: Mapped[int]
    issue_ags: Mapped[str | None] = mapped_column(sa.CHAR(8))
    wrong_pins: Mapped[int] = mapped_column(sa.SmallInteger)
    locked_at: Mapped[datetime | None]
    issued_at: Mapped[datetime]
    replaced_by: Mapped[UUID | None]

    __table_args__ = (
        one_of("state", states.VoucherState),
        sa.CheckConstraint(
            "octet_length(token_hash) = 32 AND octet_length(code_hash) = 32 AND octet_length(pin_hash) = 32",
            name="hashes_whole",
        ),
        sa.CheckConstraint("(state = 'replaced') = (replaced_by IS NOT NULL)", name="replaced_by_another"),
    )


class Lot(Model):
    """A part of a voucher's value with its own origin and end. `balance` holds what is `held` too.

    `legal_end` is the last day (until 24:00 in Berlin). Paid value: 31 December of the third year after that of the
    issue, §§ 195, 199 BGB. `origin_id`: the sale, campaign or employer's order that it comes from. Lots are spent by
    `spend_rank`, then by their end. `postcode_areas`: the first two digits of the postcodes of shops where it may be
    spent (employer's money, § 8 (1) EStG with BMF of 15 March 2022); none means wherever the programme is accepted.
    """

    __tablename__ = "lot"

    voucher_id: Mapped[UUID] = mapped_column(sa.ForeignKey("voucher.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    origin_id: Mapped[UUID | None]
    issued_cents: Mapped[Cents]
    balance: Mapped[Cents]
    held: Mapped[Cents]
    issued_on: Mapped[date]
    legal_end: Mapped[date]
    spend_rank: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    postcode_areas: Mapped[list[str] | None] = mapped_column(sa.ARRAY(sa.Text))

    __table_args__ = (
        sa.Index("ix_lot_origin", "origin_id", postgresql_where=sa.text("origin_id IS NOT NULL")),
        one_of("kind", states.LotKind),
        sa.CheckConstraint("issued_cents > 0 AND balance >= 0 AND balance <= issued_cents", name="balance_within"),
        sa.CheckConstraint("held >= 0 AND held <= balance", name="held_within"),
        sa.CheckConstraint(
            "kind <> 'paid' OR legal_end >= make_date(extract(year FROM issued_on)::int + 3, 12, 31)",
            name="paid_lasts_three_years",
        ),
        sa.CheckConstraint("kind <> 'bonus' OR origin_id IS NOT NULL", name="bonus_has_origin"),
    )


class VoucherOperation(Model):
    """What happened to a voucher, or was refused: document, idempotency record and link of the chain. Append-only.

    `ref_id`: the operation that is given back, captured or released, or the voucher merged with. `answer` is what was
    told, and is told again. `host_ledger_id`: the other issuer in whose shop it happened.
    """

    __tablename__ = "voucher_operation"

    voucher_id: Mapped[UUID] = mapped_column(sa.ForeignKey("voucher.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    kind: Mapped[str]
    outcome: Mapped[str]
    cents: Mapped[Cents]
    lapsed_cents: Mapped[Cents]
    actor_id: Mapped[UUID]
    key: Mapped[str]
    fingerprint: Mapped[bytes | None]
    ref_id: Mapped[UUID | None]
    version: Mapped[int | None]
    balance_after: Mapped[int | None] = mapped_column(sa.BigInteger)
    held_after: Mapped[int | None] = mapped_column(sa.BigInteger)
    outlet_id: Mapped[UUID | None]
    till_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None]
    receipt_no: Mapped[str | None]
    basket_cents: Mapped[int | None] = mapped_column(sa.BigInteger)
    client_time: Mapped[datetime | None]
    reason: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    recorded_at: Mapped[datetime]
    booked_on: Mapped[date]
    host_ledger_id: Mapped[UUID | None]

    __table_args__ = (
        one_of("kind", states.OperationKind),
        sa.CheckConstraint("cents >= 0 AND lapsed_cents >= 0 AND lapsed_cents <= cents", name="cents_within"),
        sa.CheckConstraint(
            "(outcome = 'done') = (version IS NOT NULL AND balance_after IS NOT NULL AND held_after IS NOT NULL)",
            name="done_has_version",
        ),
        sa.UniqueConstraint("actor_id", "key", name="uq_voucher_operation_key"),
        sa.Index(
            "uq_voucher_operation_chain",
            "voucher_id",
            "version",
            unique=True,
            postgresql_where=sa.text("outcome = 'done'"),
        ),
        sa.Index("ix_voucher_operation_ref", "voucher_id", "ref_id", postgresql_where=sa.text("ref_id IS NOT NULL")),
        sa.Index(
            "ix_voucher_operation_outlet",
            "outlet_id",
            "booked_on",
            "recorded_at",
            postgresql_where=sa.text("outlet_id IS NOT NULL"),
        ),
        sa.Index("ix_voucher_operation_lapsed", "id", postgresql_where=sa.text("lapsed_cents > 0")),
        sa.Index("ix_voucher_operation_expiry", "expires_at", postgresql_where=sa.text("expires_at IS NOT NULL")),
    )


class OperationPart(Model):
    """Which lot an operation took how much of. A refund follows it back. `lapsed`: went to the campaign instead."""

    __tablename__ = "operation_part"

    voucher_id: Mapped[UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(sa.SmallInteger)
    cents: Mapped[Cents]
    lapsed: Mapped[bool]

    __table_args__ = (sa.CheckConstraint("cents > 0", name="cents_positive"),)


class MissedRedemption(Model):
    """A redemption or a hold that belongs to no voucher: nothing was found. The measure of guessing."""

    __tablename__ = "missed_redemption"

    id: Mapped[Id]
    actor_id: Mapped[UUID]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]

    __table_args__ = (sa.Index("ix_missed_redemption_actor", "actor_id", "recorded_at"),)


class TillKey(Model):
    """An idempotency key of a till, and what was decided under it: an operation, or a miss. Append-only. Decision 0326.

    One key is one act in a whole shop, whichever of its tills asks. `till_id`: the one that asked first.
    """

    __tablename__ = "till_key"

    outlet_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    operation_id: Mapped[UUID] = mapped_column(unique=True)
    till_id: Mapped[UUID]
    recorded_at: Mapped[datetime]
