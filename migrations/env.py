"""Alembic's environment: runs as the login that owns the tables, never as the application's role."""

import sqlalchemy as sa
from alembic import context
from flask import current_app

from foundation.config import settings
from foundation.database import db, driver_url

target_metadata = db.metadata
NOT_OURS = ("procrastinate", "alembic_version")


def ours(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Leave the tables of the job queue to the queue's own schema."""
    table = getattr(getattr(thing, "table", thing), "name", name) or ""
    return not str(table).startswith(NOT_OURS)


def run() -> None:
    """Run the migrations in one transaction, with short waits for locks."""
    chosen = settings()
    url = driver_url(chosen.migration_database_url or chosen.database_url)
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"options": "-c lock_timeout=10000"})
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            include_object=ours,
            compare_type=True,
            compare_server_default=False,
        )
        with context.begin_transaction():
            context.run_migrations()


assert current_app
run()
