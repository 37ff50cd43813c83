"""A case for what we say was done at the provider, and it does not show. Decision 0210."""

from alembic import op

revision = "0023_missing_there"
down_revision = "0022_funds"
branch_labels = None
depends_on = None

KINDS = "kind IN ('foreign_payment', {new}'unknown_payment', 'unmatched_line')"


def upgrade() -> None:
    _check(KINDS.format(new="'missing_there', "))


def downgrade() -> None:
    op.execute("DELETE FROM provider_case WHERE kind = 'missing_there'")
    _check(KINDS.format(new=""))


def _check(text: str) -> None:
    op.drop_constraint("kind_known", "provider_case", type_="check")
    op.create_check_constraint("kind_known", "provider_case", text)
