"""Write `foundation/rights.txt` and `foundation/structure.txt`: a database fresh from the migrations. Decision 0109.

`python -m scripts.rights`, after a migration; the difference is what a reviewer looks at.
"""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from foundation import rights, roles, structure
from foundation.database import driver_url
from foundation.postgres import Server

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Make a database, read its rights and structure, write them down, and remove it."""
    server = Server(ROOT / "instance" / "test-postgres", fsync=False)
    server.start()
    name = f"rights_{secrets.token_hex(4)}"
    server.create_database(name)
    owner, login = server.urls(name)
    secret = {"SECRET_KEY": secrets.token_hex(20), "CODE_PEPPER": secrets.token_hex(20), "DEMO": "1"}
    environment = os.environ | secret | {"MIGRATION_DATABASE_URL": owner, "DATABASE_URL": login, "FLASK_APP": "wsgi"}
    try:
        subprocess.run([sys.executable, "-m", "flask", "db", "upgrade"], cwd=ROOT, env=environment, check=True)
        with sa.create_engine(driver_url(owner), poolclass=sa.NullPool).connect() as connection:
            texts = {
                rights.TEXT: rights.read_rights(connection, roles.APP),
                structure.TEXT: structure.read_structure(connection),
            }
    finally:
        server.drop_database(name)
    for path, lines in texts.items():
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
