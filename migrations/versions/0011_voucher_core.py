"""Rules of lots, tokens of tills, issuers who accept each other's vouchers, and the functions that follow them."""

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from foundation.config import settings

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).resolve().parent.parent / "sql"
BEFORE = ("0005_vouchers.sql",)
NOW = ("0011_lots.sql", "0011_redeeming.sql", "0011_issuing.sql")
OPEN_BEFORE = frozenset(
    [
        "voucher_issue",
        "voucher_mark",
        "voucher_redeem",
        "voucher_look",
        "voucher_hold",
        "voucher_void",
        "voucher_till_refund",
        "voucher_withdraw",
        "voucher_available",
        "voucher_lots",
    ]
)
OPEN_NOW = OPEN_BEFORE | frozenset(
    [
        "voucher_till",
        "voucher_accepted",
        "voucher_till_hold",
        "voucher_till_settle",
        "voucher_lapse",
        "voucher_reduce",
        "voucher_merge",
    ]
)
KINDS = (
    "'block', 'capture', 'hold', 'issue', 'lapse', 'load', 'redeem', 'refund', 'release', 'renew', "
    "'unblock', 'unlock', 'void', 'withdraw'"
)
MORE_KINDS = "'adjust', " + KINDS.replace("'redeem'", "'merge_in', 'merge_out', 'redeem'")
SCOPES = "'{hold,look,redeem,report,return}'"


def upgrade() -> None:
    _columns()
    _tokens()
    op.create_table(
        "reciprocity",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("host_programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True)),
        sa.CheckConstraint("programme_id <> host_programme_id", name="two_programmes"),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="times_in_order"),
    )
    op.create_index(
        "uq_reciprocity_open",
        "reciprocity",
        ["programme_id", "host_programme_id"],
        unique=True,
        postgresql_where=sa.text("valid_until IS NULL"),
    )
    op.drop_constraint(op.f("ck_voucher_operation_kind_known"), "voucher_operation", type_="check")
    op.create_check_constraint("kind_known", "voucher_operation", f"kind IN ({MORE_KINDS})")
    _replace(BEFORE, NOW, OPEN_NOW)
    op.execute(
        "CREATE TRIGGER acceptance_follows_place AFTER UPDATE OF ags ON outlet FOR EACH ROW"
        " WHEN (OLD.ags IS DISTINCT FROM NEW.ags) EXECUTE FUNCTION acceptance_follows_place()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER acceptance_follows_place ON outlet")
    _replace(NOW, BEFORE, OPEN_BEFORE)
    op.drop_constraint(op.f("ck_voucher_operation_kind_known"), "voucher_operation", type_="check")
    op.create_check_constraint("kind_known", "voucher_operation", f"kind IN ({KINDS})")
    op.drop_table("reciprocity")
    op.add_column("till", sa.Column("token_hash", sa.LargeBinary(), unique=True))
    op.execute("UPDATE till SET token_hash = k.hash FROM till_token k WHERE k.till_id = till.id")
    # A till whose every token is gone keeps a hash that no token has.
    op.execute("UPDATE till SET token_hash = sha256(till.id::text::bytea) WHERE token_hash IS NULL")
    op.alter_column("till", "token_hash", nullable=False)
    op.create_check_constraint("hash_whole", "till", "octet_length(token_hash) = 32")
    op.drop_table("till_token")
    op.drop_column("till", "paused_until")
    op.drop_column("programme", "most_moves")
    op.drop_column("voucher_operation", "host_ledger_id")
    op.drop_column("voucher", "replaced_by")
    op.drop_index("ix_lot_origin", "lot")
    op.drop_column("lot", "postcode_areas")
    op.drop_column("lot", "spend_rank")


def _columns() -> None:
    op.add_column("lot", sa.Column("spend_rank", sa.SmallInteger(), nullable=False, server_default="0"))
    op.alter_column("lot", "spend_rank", server_default=None)
    op.add_column("lot", sa.Column("postcode_areas", sa.ARRAY(sa.Text())))
    op.create_index("ix_lot_origin", "lot", ["origin_id"], postgresql_where=sa.text("origin_id IS NOT NULL"))
    op.add_column("voucher", sa.Column("replaced_by", sa.Uuid()))
    op.create_check_constraint("replaced_by_another", "voucher", "(state = 'replaced') = (replaced_by IS NOT NULL)")
    op.add_column("voucher_operation", sa.Column("host_ledger_id", sa.Uuid()))
    op.add_column("programme", sa.Column("most_moves", sa.Integer(), nullable=False, server_default="60"))
    op.alter_column("programme", "most_moves", server_default=None)
    op.create_check_constraint("most_moves_positive", "programme", "most_moves > 0")
    op.add_column("till", sa.Column("paused_until", sa.DateTime(timezone=True)))


def _tokens() -> None:
    op.create_table(
        "till_token",
        sa.Column("hash", sa.LargeBinary(), primary_key=True),
        sa.Column("till_id", sa.Uuid(), sa.ForeignKey("till.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),
        sa.CheckConstraint(f"cardinality(scopes) > 0 AND scopes <@ {SCOPES}::text[]", name="scopes_known"),
    )
    op.create_index("ix_till_token_till_id", "till_token", ["till_id"])
    op.execute(
        "INSERT INTO till_token (hash, till_id, name, scopes, created_at)"
        f" SELECT token_hash, id, name, {SCOPES}, enrolled_at FROM till"
    )
    op.drop_column("till", "token_hash")


def _replace(gone: tuple[str, ...], come: tuple[str, ...], opened: frozenset[str]) -> None:
    """The functions of `come` instead of those of `gone` that they replace, or that replaced them."""
    run = op.get_bind().exec_driver_sql
    now = _statements(NOW)
    for name in _statements(gone):
        if name in now:
            run(f"DROP FUNCTION {name}")
    for name, source in _statements(come).items():
        if name not in now:
            continue
        run(source.replace("%", "%%"))
        run(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        if name in opened:
            run(f'GRANT EXECUTE ON FUNCTION {name} TO "{settings().database_role}"')


def _statements(files: tuple[str, ...]) -> dict[str, str]:
    text = "\n".join((FOLDER / name).read_text("utf-8") for name in files)
    parts = re.split(r"^(?=CREATE FUNCTION )", text, flags=re.MULTILINE)[1:]
    return {part.split("(", 1)[0].removeprefix("CREATE FUNCTION "): part for part in parts}
