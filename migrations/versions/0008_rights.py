"""Who may do what: append-only tables, tables that only functions write, and the functions that are open.

Everything the role of the application may do is granted here and in the default privileges of 0001.
"""

from alembic import op

from foundation.config import settings
from foundation.schema import OURS

revision = "0008_rights"
down_revision = "0007_marketplace"
branch_labels = None
depends_on = None

# Nobody changes or deletes a row, not even the tables' owner: a trigger refuses it.
APPEND_ONLY = (
    "audit_record",
    # money
    "bank_placement",
    "bank_receipt",
    "check_run",
    "day_root",
    "entry",
    "ledger_document",
    "payment_event",
    "provider_call_event",
    "seal",
    # vouchers
    "charter",
    "gate_record",
    "issuer_settlement",
    "missed_redemption",
    "moved_code",
    "operation_part",
    "programme_terms",
    "sale_event",
    "trust_account",
    "support_lookup",
    "voucher_operation",
    "voucher_terms",
    "webhook_attempt",
    "webhook_message",
    # marketplace
    "hand_over",
    "order_event",
    "price_change",
    "withdrawal",
)
# The application reads; only SQL functions, which run as the owner, write. Decisions 0102 and 0301.
WRITTEN_BY_FUNCTIONS = (
    "account",
    "balance_rollup",
    "daily_rollup",
    "day_root",
    "entry",
    "outbox",
    "seal",
    "stream_head",
    "lot",
    "missed_redemption",
    "operation_part",
    "voucher",
    "voucher_operation",
)
# The columns that may change; what was proposed or listed stays as it was. Decision 0308.
CHANGING_COLUMNS = {
    "lapse_item": "outcome, reason, lapsed_cents, decided_at",
    "lapse_run": "finished_at",
    "proposal": "state, decided_by, decided_at, decision, done_at",
}
# Decided, never deleted.
NEVER_DELETED = ("payout_hold", "watch_case")
# The functions that the application calls. All others are called by these, or by triggers.
OPEN_FUNCTIONS = (
    "business_day",
    # ledger
    "close_days",
    "ledger_post",
    "ledger_post_paper",
    "ledger_queue",
    "ledger_stream",
    "seal_stream",
    # stored value
    "till_authenticate",
    "voucher_account",
    "voucher_available",
    "voucher_capture",
    "voucher_change_access",
    "voucher_find_by_pin",
    "voucher_hold",
    "voucher_is_credential_current",
    "voucher_issue",
    "voucher_lapse",
    "voucher_lookup",
    "voucher_merge",
    "voucher_redeem",
    "voucher_reduce",
    "voucher_refund",
    "voucher_release",
    "voucher_till_end_hold",
    "voucher_till_hold",
    "voucher_till_refund",
    "voucher_void",
    "voucher_withdraw",
    # network: also called by a trigger, which runs as whoever writes the row
    "programme_gate",
    # catalogue: called by a trigger too
    "search_vector",
    "search_spell_umlauts",
)


def upgrade() -> None:
    role = settings().database_role
    for table in APPEND_ONLY:
        _refuse(table, "refuse_change", "UPDATE OR DELETE")
        op.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM "{role}"')
    for table in WRITTEN_BY_FUNCTIONS:
        op.execute(f'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM "{role}"')
    for table, columns in CHANGING_COLUMNS.items():
        op.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM "{role}"')
        op.execute(f'GRANT UPDATE ({columns}) ON {table} TO "{role}"')
    for table in NEVER_DELETED:
        op.execute(f'REVOKE DELETE, TRUNCATE ON {table} FROM "{role}"')
    _refuse("proposal", "refuse_delete", "DELETE")
    for name in _list_functions():
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
    for name in OPEN_FUNCTIONS:
        op.execute(f'GRANT EXECUTE ON FUNCTION {name} TO "{role}"')


def downgrade() -> None:
    role = settings().database_role
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER refuse_change ON {table}")
        op.execute(f"DROP TRIGGER refuse_truncate ON {table}")
    op.execute("DROP TRIGGER refuse_delete ON proposal")
    op.execute("DROP TRIGGER refuse_truncate ON proposal")
    for name in _list_functions():
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO PUBLIC")
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"')


def _list_functions() -> list[str]:
    """List ours that are there by now: files of later migrations may add to the rooms."""
    return sorted({row.name for row in op.get_bind().execute(OURS, {"schema": "public"})})


def _refuse(table: str, name: str, events: str) -> None:
    """Refuse these events, and emptying the table, to everybody."""
    op.execute(f"CREATE TRIGGER {name} BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute(
        f"CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
