"""What a rule of the watch means is said in the reader's language, by the page: the rows held German sentences."""

import sqlalchemy as sa
from alembic import op

revision = "0010_watch_notes"
down_revision = "0009_practice"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("watch_rule", "note")


def downgrade() -> None:
    op.add_column("watch_rule", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.alter_column("watch_rule", "note", server_default=None)
