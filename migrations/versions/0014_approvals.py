"""What needs two people, lapse runs, and what is watched."""

from datetime import date
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from foundation.config import settings

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)

RULES = (Path(__file__).resolve().parents[1] / "sql" / "0014_approvals.sql").read_text(encoding="utf-8")


def _proposals() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", Time, nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", Time),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("done_at", Time),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
        sa.UniqueConstraint("key", name="uq_proposal_key"),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name="fk_proposal_programme_id"),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name="fk_proposal_proposed_by"),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name="fk_proposal_decided_by"),
        sa.CheckConstraint("state IN ('approved', 'declined', 'done', 'proposed')", name="state_known"),
        sa.CheckConstraint("cents >= 0", name="cents_not_negative"),
        sa.CheckConstraint("length(reason) BETWEEN 3 AND 500", name="reason_given"),
        sa.CheckConstraint("decided_by <> proposed_by", name="by_two"),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (state = 'proposed') = (decided_at IS NULL)",
            name="decided_by_somebody",
        ),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_at_a_time"),
        sa.CheckConstraint("state <> 'declined' OR length(decision) >= 3", name="declined_with_reason"),
    )
    op.create_index("ix_proposal_worklist", "proposal", ["state", "proposed_at"])
    op.create_index("ix_proposal_programme", "proposal", ["programme_id", "kind"])


def _lapse_runs() -> None:
    op.create_table(
        "lapse_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("finished_at", Time),
        sa.PrimaryKeyConstraint("id", name="pk_lapse_run"),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name="fk_lapse_run_programme_id"),
        sa.CheckConstraint("kind IN ('bonus', 'employer', 'goodwill', 'paid')", name="kind_known"),
    )
    op.create_index("ix_lapse_run_programme_id", "lapse_run", ["programme_id"])
    op.create_table(
        "lapse_item",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("legal_end", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lapsed_cents", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", Time),
        sa.PrimaryKeyConstraint("run_id", "voucher_id", "lot_id", name="pk_lapse_item"),
        sa.ForeignKeyConstraint(["run_id"], ["lapse_run.id"], name="fk_lapse_item_run_id"),
        sa.CheckConstraint("outcome IN ('lapsed', 'open', 'skipped')", name="outcome_known"),
        sa.CheckConstraint("cents > 0 AND lapsed_cents BETWEEN 0 AND cents", name="cents_within"),
        sa.CheckConstraint("(outcome = 'lapsed') = (lapsed_cents > 0)", name="lapsed_when_some"),
    )
    op.create_index("ix_lapse_item_voucher", "lapse_item", ["voucher_id"])
    op.create_index("ix_lapse_item_open", "lapse_item", ["run_id"], postgresql_where=sa.text("outcome = 'open'"))


# (key, minutes, number, cents, percent, effect, note): more than the number or the sum is too much.
WATCHED = (
    ("velocity_voucher", 10, None, None, None, "case", "wie oft, steht beim Programm"),
    ("velocity_till", 10, 120, 600_000, None, "pause", "mehr schafft niemand an einer Kasse"),
    ("velocity_shop", 60, 300, 1_500_000, None, "hold", "alle Kassen eines Geschäfts zusammen"),
    ("velocity_buyer", 1440, 10, 100_000, None, "case", "Käufe einer Adresse an einem Tag"),
    ("velocity_recipient", 1440, 10, 100_000, None, "case", "Gutscheine an eine Adresse an einem Tag"),
    ("structuring", 43_200, 2, None, 90, "case", "Käufe von mindestens so viel Prozent des Höchstbetrags"),
    ("self_dealing", 30, 1, None, 90, "hold", "so viel Prozent so bald nach dem Kauf eingelöst"),
    ("own_staff", 43_200, 0, None, 90, "hold", "so viel Prozent im eigenen Geschäft eingelöst"),
    ("new_shop", 20_160, None, None, None, "hold", "14 Tage nach der ersten Annahme"),
)


def _watch() -> None:
    rules = op.create_table(
        "watch_rule",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("window_minutes", sa.Integer(), nullable=False),
        sa.Column("most_number", sa.Integer()),
        sa.Column("most_cents", sa.BigInteger()),
        sa.Column("share", sa.SmallInteger()),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "valid_from", name="pk_watch_rule"),
        sa.CheckConstraint("effect IN ('case', 'hold', 'pause')", name="effect_known"),
        sa.CheckConstraint("window_minutes > 0", name="window_positive"),
    )
    names = ("key", "window_minutes", "most_number", "most_cents", "share", "effect", "note")
    rows = [dict(zip(names, row, strict=True)) | {"valid_from": date(2002, 1, 1)} for row in WATCHED]
    op.bulk_insert(rules, rows)
    op.create_table(
        "watch_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("outlet_id", sa.Uuid()),
        sa.Column("programme_id", sa.Uuid()),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", Time, nullable=False),
        sa.Column("seen_at", Time, nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", Time),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_case"),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlet.id"], name="fk_watch_case_outlet_id"),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name="fk_watch_case_programme_id"),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name="fk_watch_case_decided_by"),
        sa.CheckConstraint("state IN ('confirmed', 'harmless', 'open')", name="state_known"),
        sa.CheckConstraint("subject_kind IN ('buyer', 'outlet', 'till', 'voucher')", name="subject_known"),
        sa.CheckConstraint(
            "(state = 'open') = (decided_by IS NULL) AND (state = 'open') = (decided_at IS NULL)",
            name="decided_by_somebody",
        ),
        sa.CheckConstraint("state = 'open' OR length(note) >= 3", name="decided_with_note"),
    )
    op.create_index(
        "uq_watch_case_open", "watch_case", ["rule", "subject"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("ix_watch_case_subject", "watch_case", ["rule", "subject", "decided_at"])
    op.create_index("ix_watch_case_worklist", "watch_case", ["state", "opened_at"])
    _holds()


def _holds() -> None:
    op.create_table(
        "payout_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("case_id", sa.Uuid()),
        sa.Column("placed_at", Time, nullable=False),
        sa.Column("ends_at", Time),
        sa.Column("released_by", sa.Uuid()),
        sa.Column("released_at", Time),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payout_hold"),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlet.id"], name="fk_payout_hold_outlet_id"),
        sa.ForeignKeyConstraint(["case_id"], ["watch_case.id"], name="fk_payout_hold_case_id"),
        sa.ForeignKeyConstraint(["released_by"], ["person.id"], name="fk_payout_hold_released_by"),
        sa.CheckConstraint("(released_by IS NULL) = (released_at IS NULL)", name="released_by_somebody"),
        sa.CheckConstraint("released_at IS NULL OR length(note) >= 3", name="released_with_note"),
    )
    op.create_index(
        "uq_payout_hold_open",
        "payout_hold",
        ["outlet_id", "reason_code"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )


def _looks() -> None:
    op.create_table(
        "voucher_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid()),
        sa.Column("issuer_id", sa.Uuid()),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("looked_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_voucher_look"),
        sa.CheckConstraint("outcome IN ('foreign', 'listed', 'nothing', 'seen')", name="outcome_known"),
        sa.CheckConstraint("length(purpose) >= 3", name="purpose_given"),
    )
    op.create_index("ix_voucher_look_time", "voucher_look", ["looked_at"])
    op.create_index("ix_voucher_look_person", "voucher_look", ["person_id", "looked_at"])


def _rules() -> None:
    run = op.get_bind().exec_driver_sql
    run(RULES.replace("{role}", settings().database_role).replace("%", "%%"))


def upgrade() -> None:
    _proposals()
    _lapse_runs()
    _watch()
    _looks()
    _rules()


def downgrade() -> None:
    op.drop_table("voucher_look")
    op.drop_table("payout_hold")
    op.drop_table("watch_case")
    op.drop_table("watch_rule")
    op.drop_table("lapse_item")
    op.drop_table("lapse_run")
    op.drop_table("proposal")
    op.execute("DROP FUNCTION proposal_kept()")
