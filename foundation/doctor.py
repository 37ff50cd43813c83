"""Whether a database is sound: of this migration, structure, functions and rights. Decision 0109.

It only reads, as the application's login, so that production can ask at any time.
"""

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import current_app

from foundation import rights, schema, structure
from foundation.config import settings
from foundation.database import current_migration, session


def examine() -> list[str]:
    """List what is not sound, a sentence each; nothing when all is as it was delivered."""
    connection, app = session.connection(), settings().database_role
    faults = _find_old_migration()
    for name in schema.SCHEMAS:
        changed = sorted(schema.find_changed_bodies(connection, name))
        faults += [f"function {name}.{each} is not what its file says" for each in changed]
    faults += structure.find_changes(connection)
    return faults + rights.find_different_rights(connection, app) + rights.find_login_faults(connection, app)


def _find_old_migration() -> list[str]:
    config = Config()
    config.set_main_option("script_location", f"{current_app.root_path}/migrations")
    newest, here = ScriptDirectory.from_config(config).get_current_head(), current_migration()
    return [] if newest == here else [f"migration {here}, this version needs {newest}: flask db upgrade"]
