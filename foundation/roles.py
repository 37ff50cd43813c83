"""The roles of a PostgreSQL server and the rights to a database, as a superuser makes them. Decision 0109.

`python -m foundation.roles DATABASE | psql` makes them for production; the embedded server of demo and tests runs the
same statements. What the roles may do inside the database is the migrations' affair: `foundation/rights.txt`.
"""

import sys

from psycopg import sql

OWNER, LOGIN, APP = "marktplatz_owner", "marktplatz", "marktplatz_app"
PRACTICE = f"{APP}_practice"
IN_UTF8 = "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
_CREATE = """DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal}) THEN CREATE ROLE {name} {rights}; END IF;
END $$"""


def list_role_statements() -> list[sql.Composed]:
    """List what makes the roles of a server; running it again changes nothing.

    The owner logs in for migrations; the application logs in as one that may only become the application's role.
    """
    roles = {OWNER: "LOGIN CREATEROLE", LOGIN: "LOGIN", APP: "NOLOGIN", PRACTICE: "NOLOGIN"}
    made = [
        sql.SQL(_CREATE).format(literal=sql.Literal(name), name=sql.Identifier(name), rights=sql.SQL(rights))
        for name, rights in roles.items()
    ]
    grant = sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP), sql.Identifier(LOGIN))
    hand_on = [
        sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(sql.Identifier(name), sql.Identifier(OWNER))
        for name in (APP, PRACTICE)
    ]
    return [*made, grant, *hand_on]


def list_database_statements(name: str, *, options: str = "TEMPLATE template0") -> list[sql.Composed]:
    """List what makes a database of the owner into which only the application's login gets.

    Nobody may make temporary tables there: they would hide ours from functions that look for them.
    """
    create = sql.SQL("CREATE DATABASE {} OWNER {} {}").format(
        sql.Identifier(name),
        sql.Identifier(OWNER),
        sql.SQL(options),
    )
    return [create, *list_closing_statements(name)]


def list_closing_statements(name: str) -> list[sql.Composed]:
    """List what closes a database to everybody but the application's login."""
    database = sql.Identifier(name)
    return [
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(LOGIN)),
    ]


def main(arguments: list[str]) -> None:
    """Print the statements for a new database: `python -m foundation.roles marktplatz`."""
    if len(arguments) != 1:
        sys.exit("usage: python -m foundation.roles DATABASE | psql --set ON_ERROR_STOP=1 postgres")
    for statement in [*list_role_statements(), *list_database_statements(arguments[0], options=IN_UTF8)]:
        print(f"{statement.as_string(None)};")


if __name__ == "__main__":
    main(sys.argv[1:])
