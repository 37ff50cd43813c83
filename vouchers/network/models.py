"""What bounds a programme and who stands for it: charters, records of the launch gate, claims of sales, settlements.

All but the claims are append-only: the newest row is the one in force, the older ones are what was in force before.

Decision 0307.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Cents, Id, Model
from vouchers.network.states import GateItem, TermsKind
from vouchers.stored_value import states
from vouchers.stored_value.models import one_of


class Charter(Model):
    """One version of a programme's network charter (§ 2 (1) Nr. 10 ZAG): proposed by one person, approved by another.

    The newest version is in force from `valid_from` on; the programme's columns are a copy that the database compares.
    `month_cents`: most value sold in a calendar month. `payer_cents`: most that one payer buys in 30 days.
    """

    __tablename__ = "charter"

    id: Mapped[Id]
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"))
    version: Mapped[int]
    area: Mapped[str]
    towns: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text))
    max_outlets: Mapped[int]
    max_cents: Mapped[Cents]
    month_cents: Mapped[Cents]
    payer_cents: Mapped[Cents]
    reason: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    approved_by: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    valid_from: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        one_of("area", states.ProgrammeArea),
        sa.CheckConstraint("proposed_by <> approved_by", name="by_two"),
        sa.CheckConstraint("max_outlets > 1", name="more_than_one_shop"),
        sa.CheckConstraint("max_cents > 0 AND month_cents >= max_cents AND payer_cents >= max_cents", name="in_order"),
        sa.CheckConstraint("(area = 'towns') = (cardinality(towns) > 0)", name="towns_named"),
        sa.UniqueConstraint("programme_id", "version"),
    )

    @property
    def covers_region(self) -> bool:
        """Whether shops of every town may take it."""
        return self.area == states.ProgrammeArea.REGION


class GateRecord(Model):
    """A step of the launch gate that somebody answers for: VAT signed off, the position of the supervisory authority.

    `value`: `multi` for VAT (a multi-purpose voucher, § 3 (15) UStG); `unknown`, `asked` or `ok` for the authority.
    """

    __tablename__ = "gate_record"

    id: Mapped[Id]
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"))
    item: Mapped[GateItem] = mapped_column(sa.Text())
    value: Mapped[str]
    reference: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        one_of("item", GateItem),
        sa.CheckConstraint("length(reference) BETWEEN 3 AND 500", name="reference_given"),
        sa.Index("ix_gate_record_latest", "programme_id", "item", "recorded_at"),
    )


class ProgrammeTerms(Model):
    """A text that somebody agrees to: the buyers' terms, the shops' terms. `hash` is SHA-256 of the text."""

    __tablename__ = "programme_terms"

    id: Mapped[Id]
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"))
    kind: Mapped[TermsKind] = mapped_column(sa.Text())
    version: Mapped[str]
    text: Mapped[str]
    hash: Mapped[bytes]
    recorded_by: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        one_of("kind", TermsKind),
        sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),
        sa.UniqueConstraint("programme_id", "kind", "version"),
    )


class TrustAccount(Model):
    """That two people of an issuer stand for its trust account, the bank account on which voucher money lies apart."""

    __tablename__ = "trust_account"

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_account.id"), index=True)
    reason: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    approved_by: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    valid_from: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (sa.CheckConstraint("proposed_by <> approved_by", name="by_two"),)


class SaleClaim(Model):
    """Value that is being sold or was sold: what counts against the charter's limits of a month and of a payer.

    `lapses_at`: an order that nobody pays counts until then; none once it is paid. `payer_hash` is a keyed hash.
    """

    __tablename__ = "sale_claim"

    ref_id: Mapped[UUID] = mapped_column(primary_key=True)
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"), primary_key=True)
    month: Mapped[date]
    cents: Mapped[Cents]
    payer_hash: Mapped[bytes | None]
    claimed_at: Mapped[datetime] = mapped_column(default=now)
    lapses_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.Index("ix_sale_claim_month", "programme_id", "month"),
        sa.Index("ix_sale_claim_payer", "payer_hash", "claimed_at", postgresql_where=sa.text("payer_hash IS NOT NULL")),
    )


class IssuerSettlement(Model):
    """One issuer shall pay another what its vouchers owed there: one document, a journal in each of the two ledgers.

    The debtor's journal has this row's id, the creditor's `mirror_id`. `reference` is for the bank transfer, which is a
    `BankReturn`; both banks' lines carry it out.
    """

    __tablename__ = "issuer_settlement"

    id: Mapped[Id]
    mirror_id: Mapped[UUID] = mapped_column(unique=True)
    debtor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    creditor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    cents: Mapped[Cents]
    reference: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    approved_by: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    settled_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        sa.CheckConstraint("proposed_by <> approved_by", name="by_two"),
        sa.CheckConstraint("debtor_id <> creditor_id", name="two_issuers"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.UniqueConstraint("debtor_id", "reference"),
        sa.Index("ix_issuer_settlement_creditor", "creditor_id"),
    )
