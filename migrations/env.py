"""Alembic's environment: runs as the login that owns the tables, never as the application's role."""

import sqlalchemy as sa
from alembic import context
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from flask import current_app

from foundation.config import settings
from foundation.database import db, driver_url

target_metadata = db.metadata
NOT_OURS = ("procrastinate", "alembic_version")


def ours(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Leave the tables of the job queue to the queue's own schema."""
    table = getattr(getattr(thing, "table", thing), "name", name) or ""
    return not str(table).startswith(NOT_OURS)


def refuse_unknown(connection: sa.Connection) -> None:
    """Refuse a database that other migrations made: nothing leads from them to these. Decision 0107."""
    known = {script.revision for script in context.script.walk_revisions()}
    unknown = sorted(set(MigrationContext.configure(connection).get_current_heads()) - known)
    connection.rollback()
    if unknown:
        raise CommandError(
            f"This database was made by migration {unknown[0]}, which this version does not have; nothing was changed. "
            "Begin with an empty database: make demo RESET=1 makes one for the demo."
        )


def run() -> None:
    """Run the migrations in one transaction, with short waits for locks."""
    chosen = settings()
    url = driver_url(chosen.migration_database_url or chosen.database_url)
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"options": "-c lock_timeout=10000"})
    with engine.connect() as connection:
        refuse_unknown(connection)
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
