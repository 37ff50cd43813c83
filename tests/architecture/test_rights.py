"""Who may do what in the database is one present text; whoever may more, or runs unsafely as another, is found."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import doctor, rights
from foundation.config import settings
from foundation.database import driver_url, session
from foundation.roles import APP, LOGIN, OWNER, PRACTICE


@pytest.fixture
def catalog(context: Flask) -> Iterator[sa.Connection]:
    """A connection of the tests' superuser; whatever is planted goes away again."""
    engine = sa.create_engine(driver_url(settings().database_url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def test_the_rights_are_those_of_the_text(own_database: Flask, catalog: sa.Connection) -> None:
    """Write the text anew with `python -m scripts.rights` and look at the difference."""
    assert rights.find_different_rights(catalog, APP) == []


def test_functions_that_run_as_another_look_for_tables_in_our_schema_alone() -> None:
    lines = rights.TEXT.read_text(encoding="utf-8").splitlines()
    definers = [line.split() for line in lines if line.startswith("definer ")]
    assert len(definers) > 40
    for line in definers:
        schema = line[1].partition(".")[0]
        assert line[4:] == ["search_path=pg_catalog,", f"{schema},", "pg_temp"], line


def test_nothing_is_open_to_everybody_and_postings_are_no_single_steps() -> None:
    lines = rights.TEXT.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if ": everybody" in line] == ["schema public of pg_database_owner: everybody USAGE"]
    for step in ("ledger_post", "ledger_queue"):
        assert f"function public.{step} of owner: nobody else" in lines
    assert not [
        line for line in lines if any(word in line for word in ("TRUNCATE", "TRIGGER", "REFERENCES", "MAINTAIN"))
    ]


PLANTED = (
    f"GRANT INSERT ON entry TO {APP}",
    f"GRANT UPDATE (cents) ON entry TO {APP}",
    f"GRANT SELECT ON entry TO {LOGIN}",
    f"GRANT EXECUTE ON FUNCTION ledger_post TO {APP}",
    "GRANT EXECUTE ON FUNCTION voucher_issue TO PUBLIC",
    f"GRANT CREATE ON SCHEMA public TO {APP}",
    "GRANT CREATE ON SCHEMA practice TO PUBLIC",
    f"GRANT USAGE ON SCHEMA practice TO {LOGIN}",
    f"ALTER TABLE lot OWNER TO {APP}",
    "CREATE ROLE somebody; ALTER TABLE entry OWNER TO somebody",
    "CREATE ROLE somebody; GRANT CREATE ON SCHEMA public TO somebody; ALTER FUNCTION ledger_post OWNER TO somebody",
    "ALTER TABLE entry DISABLE TRIGGER refuse_change",
    "ALTER TABLE voucher DISABLE TRIGGER ALL",
    "DROP TRIGGER refuse_truncate ON seal",
    "CREATE TRIGGER more BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    f"ALTER ROLE {LOGIN} SET synchronous_commit = off",
    f"ALTER ROLE {LOGIN} SET search_path = pg_temp, public",
    "ALTER FUNCTION ledger_post_paper SET search_path = public",
    "ALTER FUNCTION seal_stream RESET search_path",
    "ALTER FUNCTION business_day SECURITY DEFINER",
    "ALTER FUNCTION voucher_hold SECURITY INVOKER",
    "CREATE FUNCTION give() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    "CREATE TABLE shadow (id int)",
    f"ALTER DEFAULT PRIVILEGES GRANT TRUNCATE ON TABLES TO {APP}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA practice GRANT SELECT ON TABLES TO PUBLIC",
    "ALTER TABLE entry ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY hide ON entry USING (false)",
    "CREATE RULE hide AS ON INSERT TO entry DO INSTEAD NOTHING",
    "CREATE FUNCTION f(text) RETURNS bool LANGUAGE sql AS 'SELECT true';"
    " CREATE OPERATOR public.@#@ (FUNCTION = f, RIGHTARG = text)",
    "CREATE TYPE coin AS (cents int); CREATE CAST (coin AS text) WITH INOUT AS IMPLICIT",
    "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
    " CREATE EVENT TRIGGER every ON ddl_command_end EXECUTE FUNCTION e()",
)


@pytest.mark.parametrize("statement", PLANTED)
def test_a_planted_right_is_found(catalog: sa.Connection, statement: str) -> None:
    catalog.exec_driver_sql(statement)
    assert rights.find_different_rights(catalog, APP)


def test_a_login_that_may_more_than_become_the_applications_role_is_named(catalog: sa.Connection) -> None:
    catalog.exec_driver_sql(f"SET LOCAL SESSION AUTHORIZATION {LOGIN}")
    assert rights.find_login_faults(catalog, APP) == []
    catalog.exec_driver_sql("RESET SESSION AUTHORIZATION")
    catalog.exec_driver_sql(f"ALTER ROLE {LOGIN} CREATEROLE BYPASSRLS")
    catalog.exec_driver_sql(f"GRANT pg_write_all_data TO {APP}")
    catalog.exec_driver_sql(f"GRANT {APP}_practice TO {LOGIN}")
    catalog.exec_driver_sql(f"SET LOCAL SESSION AUTHORIZATION {LOGIN}")
    assert rights.find_login_faults(catalog, APP) == [
        f"{LOGIN} may make roles",
        f"{LOGIN} passes row security",
        f"{LOGIN} is a member of {APP}_practice",
        f"{APP} is a member of pg_write_all_data",
    ]


def test_the_doctor_calls_a_superusers_login_unsound(app: Flask, own_database: Flask) -> None:
    """The suite's own login is one, and that is the only thing that is wrong with its database."""
    faults = doctor.examine()
    assert faults
    assert {fault.split(" ", 1)[0] for fault in faults} == {str(session.scalar(sa.text("SELECT session_user")))}
    said = app.test_cli_runner().invoke(args=["doctor"])
    assert said.exit_code == 1
    assert "is a superuser" in said.output


def test_the_doctor_sees_an_old_migration_and_a_changed_function(own_database: Flask) -> None:
    engine = sa.create_engine(driver_url(settings().database_url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0010_watch_notes'")
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION business_day() RETURNS date LANGUAGE sql STABLE AS 'SELECT current_date'"
        )
    faults = doctor.examine()
    assert any(fault.startswith("migration 0010_watch_notes, this version needs ") for fault in faults)
    assert "function public.business_day is not what its file says" in faults


def test_the_owner_may_hand_on_each_role_that_migrations_grant_whoever_made_it(catalog: sa.Connection) -> None:
    """A second database of a server was refused: its owner had not made the role of practice."""
    admin = sa.text("SELECT pg_has_role(:owner, :role, 'MEMBER WITH ADMIN OPTION')")
    assert [role for role in (APP, PRACTICE) if not catalog.scalar(admin, {"owner": OWNER, "role": role})] == []
