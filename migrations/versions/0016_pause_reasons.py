"""A till is paused for what honest tills do not do, never for being busy, and says why. Decision 0309."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from foundation.config import settings
from foundation.schema import replace_stored_value

revision = "0016_pause_reasons"
down_revision = "0015_papers"
branch_labels = None
depends_on = None

# (key, first day, minutes, number, cents, percent, effect)
RULES = (
    ("velocity_till", date(2002, 1, 2), 10, 120, 600_000, None, "case"),
    ("till_misses", date(2002, 1, 1), 10, 15, None, 100, "pause"),
    ("till_voids", date(2002, 1, 1), 60, 10, None, 80, "pause"),
    ("till_repeats", date(2002, 1, 1), 10, 12, None, None, "pause"),
)
WATCH_RULE = sa.table(
    "watch_rule",
    sa.column("key"),
    sa.column("valid_from", sa.Date()),
    *(sa.column(name) for name in ("window_minutes", "max_number", "max_cents", "share", "effect")),
)
# The same view with one column more: a till that practises is never paused.
VIEW = """
CREATE OR REPLACE VIEW practice.till AS
  SELECT id, outlet_id, name, NULL::timestamptz AS revoked_at, NULL::timestamptz AS paused_until,
         NULL::text AS pause_reason
    FROM public.practice_token
  UNION ALL
  SELECT t.id, t.outlet_id, t.name, t.revoked_at, NULL, NULL
    FROM public.till t
    JOIN public.practice_till s ON s.till_id = t.id
"""


def upgrade() -> None:
    op.add_column("till", sa.Column("pause_reason", sa.Text()))
    names = [column.name for column in WATCH_RULE.columns]
    op.bulk_insert(WATCH_RULE, [dict(zip(names, rule, strict=True)) for rule in RULES])
    role = settings().database_role
    op.execute(f'SET LOCAL ROLE "{role}_practice"')
    op.execute(VIEW)
    op.execute("RESET ROLE")
    replace_stored_value(op.get_bind(), "till_refuse", role=role)


def downgrade() -> None:
    for key, first, *_rest in RULES:
        op.execute(WATCH_RULE.delete().where(WATCH_RULE.c.key == key, WATCH_RULE.c.valid_from == first))
    # The view keeps its column, which is empty: a view cannot lose one.
    op.drop_column("till", "pause_reason")
