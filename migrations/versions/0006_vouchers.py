"""The rooms upon stored value: approvals, lapse, watch, support, sales, wallet, practice, partners, cards, moving."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from foundation.schema import create_functions, drop_functions

revision = "0006_vouchers"
down_revision = "0005_stored_value"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)

DECOYS = 64  # as many rows as the look-up by code and PIN spreads its misses over
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
TABLES = (
    "proposal",
    "lapse_run",
    "lapse_item",
    "watch_rule",
    "watch_case",
    "payout_hold",
    "support_lookup",
    "voucher_order",
    "voucher_terms",
    "voucher_picture",
    "voucher_sale",
    "sale_event",
    "wallet_item",
    "voucher_contact",
    "wallet_reminder",
    "lapse_letter",
    "pin_decoy",
    "practice_token",
    "practice_till",
    "webhook_endpoint",
    "webhook_message",
    "webhook_delivery",
    "webhook_attempt",
    "webhook_cursor",
    "counter",
    "card_batch",
    "stock_card",
    "card_movement",
    "card_sale",
    "counter_payment",
    "move_in",
    "moved_code",
    "voucher_day",
    "voucher_day_mark",
)


def upgrade() -> None:
    _approvals()
    _lapsing()
    _watch()
    _support()
    _sales()
    _wallet()
    _practice()
    _partners()
    _cards()
    _moving()
    _statistics()
    create_functions(op.get_bind(), "vouchers/approvals")
    op.execute(
        "CREATE TRIGGER proposal_refuse_change BEFORE INSERT OR UPDATE ON proposal"
        " FOR EACH ROW EXECUTE FUNCTION proposal_refuse_change()"
    )


def downgrade() -> None:
    drop_functions(op.get_bind(), "vouchers/approvals")
    for table in reversed(TABLES):
        op.drop_table(table)


def _approvals() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id")),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("proposed_at", Time, nullable=False),
        sa.Column("decided_by", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("decided_at", Time),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("done_at", Time),
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
    op.create_index("ix_proposal_programme", "proposal", ["programme_id", "kind"])
    op.create_index("ix_proposal_worklist", "proposal", ["issuer_id", "state", "proposed_at"])


def _lapsing() -> None:
    op.create_table(
        "lapse_run",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("finished_at", Time),
        sa.CheckConstraint("kind IN ('bonus', 'employer', 'goodwill', 'paid')", name="kind_known"),
    )
    op.create_index("ix_lapse_run_programme_id", "lapse_run", ["programme_id"])
    op.create_table(
        "lapse_item",
        sa.Column("run_id", sa.Uuid(), sa.ForeignKey("lapse_run.id"), primary_key=True),
        sa.Column("voucher_id", sa.Uuid(), primary_key=True),
        sa.Column("lot_id", sa.Uuid(), primary_key=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("legal_end", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lapsed_cents", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", Time),
        sa.CheckConstraint("outcome IN ('lapsed', 'open', 'skipped')", name="outcome_known"),
        sa.CheckConstraint("cents > 0 AND lapsed_cents BETWEEN 0 AND cents", name="cents_within"),
        sa.CheckConstraint("(outcome = 'lapsed') = (lapsed_cents > 0)", name="lapsed_when_some"),
    )
    op.create_index("ix_lapse_item_open", "lapse_item", ["run_id"], postgresql_where=sa.text("outcome = 'open'"))
    op.create_index("ix_lapse_item_voucher", "lapse_item", ["voucher_id"])


def _watch() -> None:
    watch_rule = op.create_table(
        "watch_rule",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("valid_from", sa.Date(), primary_key=True),
        sa.Column("window_minutes", sa.Integer(), nullable=False),
        sa.Column("max_number", sa.Integer()),
        sa.Column("max_cents", sa.BigInteger()),
        sa.Column("share", sa.SmallInteger()),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("effect IN ('case', 'hold', 'pause')", name="effect_known"),
        sa.CheckConstraint("window_minutes > 0", name="window_positive"),
    )
    op.create_table(
        "watch_case",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id")),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id")),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", Time, nullable=False),
        sa.Column("seen_at", Time, nullable=False),
        sa.Column("decided_by", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("decided_at", Time),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('confirmed', 'harmless', 'open')", name="state_known"),
        sa.CheckConstraint("subject_kind IN ('buyer', 'outlet', 'till', 'voucher')", name="subject_known"),
        sa.CheckConstraint(
            "(state = 'open') = (decided_by IS NULL) AND (state = 'open') = (decided_at IS NULL)",
            name="decided_by_somebody",
        ),
        sa.CheckConstraint("state = 'open' OR length(note) >= 3", name="decided_with_note"),
    )
    op.create_index("ix_watch_case_subject", "watch_case", ["rule", "subject", "decided_at"])
    op.create_index("ix_watch_case_worklist", "watch_case", ["state", "opened_at"])
    op.create_index(
        "uq_watch_case_open", "watch_case", ["rule", "subject"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "payout_hold",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("watch_case.id")),
        sa.Column("placed_at", Time, nullable=False),
        sa.Column("ends_at", Time),
        sa.Column("released_by", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("released_at", Time),
        sa.Column("note", sa.Text(), nullable=False),
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
    names = ("key", "window_minutes", "max_number", "max_cents", "share", "effect", "note")
    rows = [dict(zip(names, row, strict=True)) | {"valid_from": date(2002, 1, 1)} for row in WATCHED]
    op.bulk_insert(watch_rule, rows)


def _support() -> None:
    op.create_table(
        "support_lookup",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid()),
        sa.Column("issuer_id", sa.Uuid()),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("looked_at", Time, nullable=False),
        sa.CheckConstraint("outcome IN ('foreign', 'listed', 'nothing', 'seen')", name="outcome_known"),
        sa.CheckConstraint("length(purpose) >= 3", name="purpose_given"),
    )
    op.create_index("ix_support_lookup_person", "support_lookup", ["person_id", "looked_at"])
    op.create_index("ix_support_lookup_time", "support_lookup", ["looked_at"])


def _sales() -> None:
    op.create_table(
        "voucher_order",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.Text(), nullable=False, unique=True),
        sa.Column("buyer_email", sa.Text(), nullable=False),
        sa.Column("buyer_name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Uuid()),
        sa.Column("form_key", sa.Text(), unique=True),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("ordered_at", Time),
        sa.Column("paid_at", Time),
        sa.CheckConstraint("state IN ('draft', 'ordered', 'paid', 'returned')", name="state_known"),
    )
    op.create_index("ix_voucher_order_person", "voucher_order", ["person_id"])
    op.create_table(
        "voucher_terms",
        sa.Column("hash", sa.LargeBinary(), primary_key=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
    )
    op.create_table(
        "voucher_picture",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.CheckConstraint("octet_length(data) <= 400000", name="data_small"),
    )
    op.create_table(
        "voucher_sale",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("order_id", sa.Uuid(), sa.ForeignKey("voucher_order.id"), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False, unique=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("buyer_email", sa.Text(), nullable=False),
        sa.Column("buyer_name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("gift", sa.Boolean(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("recipient_email", sa.Text()),
        sa.Column("recipient_name", sa.Text()),
        sa.Column("recipient_language", sa.Text(), nullable=False),
        sa.Column("street", sa.Text()),
        sa.Column("town_line", sa.Text()),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("design", sa.Text(), nullable=False),
        sa.Column("picture_id", sa.Uuid(), sa.ForeignKey("voucher_picture.id")),
        sa.Column("deliver_at", Time),
        sa.Column("postcode", sa.CHAR(5)),
        sa.Column("form_key", sa.Text()),
        sa.Column("terms_hash", sa.LargeBinary()),
        sa.Column("payment_id", sa.Uuid()),
        sa.Column("voucher_id", sa.Uuid(), unique=True),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("ordered_at", Time),
        sa.Column("paid_at", Time),
        sa.Column("instructed_at", Time),
        sa.Column("delivered_at", Time),
        sa.Column("withdrawal_id", sa.Uuid()),
        sa.Column("withdrawn_at", Time),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'ordered', 'paid', 'delivered', 'withdrawn')", name="state_known"),
        sa.CheckConstraint("delivery IN ('letter', 'mail', 'print')", name="delivery_known"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint(
            "CASE WHEN NOT gift THEN delivery = 'mail' WHEN delivery = 'mail' THEN recipient_email IS NOT NULL"
            " WHEN delivery = 'letter' THEN street IS NOT NULL AND town_line IS NOT NULL ELSE true END",
            name="gift_has_recipient",
        ),
        sa.CheckConstraint(
            "(state IN ('paid', 'delivered', 'withdrawn')) = (voucher_id IS NOT NULL)", name="voucher_when_paid"
        ),
        sa.CheckConstraint(
            "refunded_cents BETWEEN 0 AND cents AND (state = 'withdrawn' OR refunded_cents = 0)", name="refund_within"
        ),
    )
    op.create_index("ix_voucher_sale_buyer", "voucher_sale", [sa.text("lower(buyer_email)")])
    op.create_index(
        "ix_voucher_sale_letters",
        "voucher_sale",
        ["deliver_at"],
        postgresql_where=sa.text("delivery = 'letter' AND state = 'paid'"),
    )
    op.create_index("ix_voucher_sale_order", "voucher_sale", ["order_id"])
    op.create_index(
        "ix_voucher_sale_withdrawing",
        "voucher_sale",
        ["withdrawal_id"],
        postgresql_where=sa.text("withdrawal_id IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.create_index("uq_voucher_sale_form_key", "voucher_sale", ["form_key"], unique=True)
    op.create_table(
        "sale_event",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", JSONB(), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
    )
    op.create_index("ix_sale_event_sale", "sale_event", ["sale_id", "recorded_at"])


def _wallet() -> None:
    op.create_table(
        "wallet_item",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False, unique=True),
        sa.Column("token", sa.LargeBinary()),
        sa.Column("totp", sa.LargeBinary()),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("remind", sa.Boolean(), nullable=False),
        sa.Column("wrong_codes", sa.SmallInteger(), nullable=False),
        sa.Column("wrong_since", Time),
        sa.Column("added_at", Time, nullable=False),
        sa.Column("removed_at", Time),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (token IS NOT NULL) AND (removed_at IS NULL) = (totp IS NOT NULL)",
            name="secrets_while_held",
        ),
    )
    op.create_index("ix_wallet_item_person_id", "wallet_item", ["person_id"])
    op.create_index(
        "uq_wallet_item_voucher",
        "wallet_item",
        ["voucher_id"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "voucher_contact",
        sa.Column("voucher_id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("since", Time, nullable=False),
    )
    op.create_index("ix_voucher_contact_email", "voucher_contact", [sa.text("lower(email)")])
    op.create_table(
        "wallet_reminder",
        sa.Column("item_id", sa.Uuid(), sa.ForeignKey("wallet_item.id"), primary_key=True),
        sa.Column("lot_id", sa.Uuid(), primary_key=True),
        sa.Column("days", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("sent_at", Time, nullable=False),
    )
    op.create_table(
        "lapse_letter",
        sa.Column("operation_id", sa.Uuid(), primary_key=True),
        sa.Column("told_at", Time, nullable=False),
    )
    op.create_table(
        "pin_decoy",
        sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("wrong_pins", sa.SmallInteger(), nullable=False),
    )
    op.execute(f"INSERT INTO pin_decoy (id, wrong_pins) SELECT n, 0 FROM generate_series(0, {DECOYS - 1}) n")


def _practice() -> None:
    op.create_table(
        "practice_token",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("expires_at", Time),
        sa.Column("revoked_at", Time),
        sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),
    )
    op.create_index("ix_practice_token_outlet_id", "practice_token", ["outlet_id"])
    op.create_table(
        "practice_till",
        sa.Column("till_id", sa.Uuid(), sa.ForeignKey("till.id"), primary_key=True),
        sa.Column("staff_id", sa.Uuid()),
        sa.Column("since", Time, nullable=False),
    )


def _partners() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary()),
        sa.Column("old_until", Time),
        sa.Column("events", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", Time),
        sa.Column("disabled_at", Time),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("removed_at", Time),
        sa.CheckConstraint("cardinality(events) > 0", name="events_some"),
        sa.CheckConstraint("(old_secret IS NULL) = (old_until IS NULL)", name="old_secret_ends"),
        sa.CheckConstraint("NOT active OR (disabled_at IS NULL AND removed_at IS NULL)", name="active_or_ended"),
    )
    op.create_index("ix_webhook_endpoint_outlet_id", "webhook_endpoint", ["outlet_id"])
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Uuid()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.UniqueConstraint("outlet_id", "operation_id"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("message_id", sa.Uuid(), sa.ForeignKey("webhook_message.id"), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), sa.ForeignKey("webhook_endpoint.id"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("next_at", Time, nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("delivered_at", Time),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'given_up')", name="state_known"),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_has_time"),
        sa.UniqueConstraint("message_id", "endpoint_id"),
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["endpoint_id", "next_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_webhook_delivery_log", "webhook_delivery", ["endpoint_id", "created_at"])
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("delivery_id", sa.Uuid(), sa.ForeignKey("webhook_delivery.id"), nullable=False),
        sa.Column("began_at", Time, nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.SmallInteger()),
        sa.Column("error", sa.Text()),
        sa.CheckConstraint("status IS NOT NULL OR error IS NOT NULL", name="says_something"),
    )
    op.create_index("ix_webhook_attempt_delivery_id", "webhook_attempt", ["delivery_id"])
    op.create_table(
        "webhook_cursor",
        sa.Column("stream", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("seal_no", sa.BigInteger(), nullable=False),
    )
    op.execute("INSERT INTO webhook_cursor (stream, seal_no) SELECT stream, last_seal FROM stream_head")


def _cards() -> None:
    op.create_table(
        "counter",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("issuer_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ags", sa.CHAR(8), sa.ForeignKey("municipality.ags"), nullable=False),
        sa.Column("credit_line_cents", sa.BigInteger(), nullable=False),
        sa.Column("open_cents", sa.BigInteger(), nullable=False),
        sa.Column("receipts", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.CheckConstraint("credit_line_cents >= 0 AND open_cents >= 0 AND receipts >= 0", name="not_negative"),
        sa.CheckConstraint("code ~ '^[A-Z0-9]{2,8}$'", name="code_plain"),
    )
    op.create_index("ix_counter_issuer_id", "counter", ["issuer_id"])
    op.create_index("ix_counter_organisation_id", "counter", ["organisation_id"])
    op.create_table(
        "card_batch",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_serial", sa.BigInteger(), nullable=False),
        sa.Column("face_cents", sa.BigInteger()),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("made_at", Time, nullable=False),
        sa.CheckConstraint("count BETWEEN 1 AND 5000", name="count_within"),
        sa.CheckConstraint("face_cents IS NULL OR face_cents > 0", name="face_positive"),
    )
    op.create_index("ix_card_batch_programme_id", "card_batch", ["programme_id"])
    op.create_table(
        "stock_card",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("batch_id", sa.Uuid(), sa.ForeignKey("card_batch.id"), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False, unique=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("pin_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.CHAR(4), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counter_id", sa.Uuid(), sa.ForeignKey("counter.id")),
        sa.Column("voucher_id", sa.Uuid(), unique=True),
        sa.CheckConstraint(
            "state IN ('activated', 'destroyed', 'lost', 'received', 'sent', 'stock')", name="state_known"
        ),
        sa.CheckConstraint("state <> 'activated' OR voucher_id IS NOT NULL", name="activated_has_voucher"),
        sa.CheckConstraint("voucher_id IS NULL OR state IN ('activated', 'destroyed')", name="stock_has_none"),
        sa.CheckConstraint("state NOT IN ('sent', 'received') OR counter_id IS NOT NULL", name="sent_somewhere"),
        sa.CheckConstraint(
            "octet_length(token_hash) = 32 AND octet_length(code_hash) = 32 AND octet_length(pin_hash) = 32",
            name="hashes_whole",
        ),
    )
    op.create_index("ix_stock_card_batch_id", "stock_card", ["batch_id"])
    op.create_index("ix_stock_card_counter", "stock_card", ["counter_id", "state"])
    op.create_table(
        "card_movement",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_serial", sa.BigInteger(), nullable=False),
        sa.Column("last_serial", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.Uuid(), sa.ForeignKey("counter.id")),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.CheckConstraint(
            "kind IN ('destroyed', 'found', 'lost', 'made', 'received', 'returned', 'sent')", name="kind_known"
        ),
        sa.CheckConstraint("count > 0", name="count_positive"),
    )
    op.create_index("ix_card_movement_counter_id", "card_movement", ["counter_id"])
    op.create_table(
        "card_sale",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("counter_id", sa.Uuid(), sa.ForeignKey("counter.id"), nullable=False),
        sa.Column("card_id", sa.Uuid(), sa.ForeignKey("stock_card.id"), nullable=False, unique=True),
        sa.Column("voucher_id", sa.Uuid(), nullable=False, unique=True),
        sa.Column("clerk_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_by", sa.Text(), nullable=False),
        sa.Column("receipt_no", sa.Text(), nullable=False, unique=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sold_at", Time, nullable=False),
        sa.Column("undone_at", Time),
        sa.Column("undone_by", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("undo_reason", sa.Text()),
        sa.CheckConstraint("paid_by IN ('card', 'cash')", name="paid_by_known"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL) AND (undone_at IS NULL) = (undo_reason IS NULL)",
            name="undone_whole",
        ),
        sa.UniqueConstraint("counter_id", "key"),
    )
    op.create_index("ix_card_sale_time", "card_sale", ["counter_id", "sold_at"])
    op.create_table(
        "counter_payment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("counter_id", sa.Uuid(), sa.ForeignKey("counter.id"), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.UniqueConstraint("counter_id", "key"),
    )


def _moving() -> None:
    op.create_table(
        "move_in",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("moved_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("began_at", Time, nullable=False),
        sa.Column("ended_at", Time),
        sa.CheckConstraint("octet_length(digest) = 32", name="digest_whole"),
        sa.CheckConstraint("moved_by <> approved_by", name="two_people"),
        sa.CheckConstraint("line_count > 0 AND done_count BETWEEN 0 AND line_count", name="counts_within"),
    )
    op.create_table(
        "moved_code",
        sa.Column("hash", sa.LargeBinary(), primary_key=True),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),
    )


def _statistics() -> None:
    op.create_table(
        "voucher_day",
        sa.Column("booked_on", sa.Date(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), primary_key=True),
        sa.Column("issue_ags", sa.CHAR(8), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), primary_key=True),
        sa.Column("verb", sa.Text(), primary_key=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
    )
    op.create_table(
        "voucher_day_mark",
        sa.Column("stream", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("seal_no", sa.BigInteger(), nullable=False),
    )
