"""What somebody tries who has taken over the application's login: the books stay as they are. Decision 0109."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.config import settings
from foundation.database import session
from foundation.roles import APP, LOGIN, OWNER
from money.ledger import proof
from tests.builders import vouchers as build

SHADOW = "(LIKE public.entry INCLUDING ALL)"
FORGE = """CREATE FUNCTION pg_temp.forge() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN UPDATE public.entry SET cents = cents * 2; RETURN NEW; END $$"""
NEW = "gen_random_uuid()"
POST = f"SELECT ledger_post({NEW}, {NEW}, 1, {NEW}, 'x', 'TB', NULL, 'OB', NULL, 5::bigint)"


@contextmanager
def taken_over(role: str = APP) -> Iterator[psycopg.Connection]:
    """A connection that may what the application's login may, in that role."""
    with psycopg.connect(settings().database_url, autocommit=True) as link:
        link.execute(f"SET SESSION AUTHORIZATION {LOGIN}")
        link.execute(f"SET ROLE {role}")
        yield link


def refusal(statement: str, **values: object) -> str:
    """Why the database refuses it to the application's login; empty when it does not."""
    with taken_over() as link:
        try:
            link.execute(statement, values)
        except psycopg.Error as error:
            return error.diag.constraint_name or str(error)
    return ""


@pytest.fixture
def books(own_database: Flask) -> Flask:
    """A database with something in its books."""
    build.scene(50_00)
    return own_database


REFUSED = (
    # tables of one's own before those of the books
    f"CREATE TEMP TABLE entry {SHADOW}",
    "SET search_path = pg_temp, public; CREATE TEMP TABLE voucher (id uuid)",
    "CREATE TABLE public.entry_of_mine (id int)",
    "CREATE SCHEMA mine",
    "CREATE SCHEMA AUTHORIZATION CURRENT_USER",
    "CREATE VIEW public.voucher_of_mine AS SELECT 1",
    "SELECT * INTO TEMP mine FROM entry",
    # functions, operators, casts, types that the books' functions might meet
    FORGE,
    "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
    "CREATE FUNCTION practice.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
    "CREATE OPERATOR public.= (FUNCTION = int4eq, LEFTARG = bigint, RIGHTARG = bigint)",
    "CREATE CAST (bigint AS text) WITH INOUT AS IMPLICIT",
    "CREATE TYPE public.coin AS (cents int)",
    "CREATE DOMAIN public.cent AS bigint",
    "CREATE EXTENSION hstore",
    "CREATE LANGUAGE plpython3u",
    "CREATE AGGREGATE public.sum(bigint) (SFUNC = int8pl, STYPE = bigint)",
    # rights for oneself
    f"SET ROLE {OWNER}",
    f"SET ROLE {APP}_practice",
    "SET ROLE postgres",
    f"GRANT INSERT ON entry TO {LOGIN}; INSERT INTO entry SELECT * FROM entry",
    f"GRANT {OWNER} TO {LOGIN}",
    f"ALTER ROLE {LOGIN} SUPERUSER",
    "CREATE ROLE mine LOGIN",
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT ALL ON TABLES TO {APP}",
    f"ALTER TABLE entry OWNER TO {APP}",
    f"REASSIGN OWNED BY {OWNER} TO {APP}",
    "ALTER DATABASE postgres SET search_path = mine",
    # the guards away
    "ALTER TABLE entry DISABLE TRIGGER ALL",
    "DROP TRIGGER refuse_change ON entry",
    "SET session_replication_role = replica",
    "ALTER TABLE entry ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY hide ON entry USING (false)",
    "CREATE RULE hide AS ON INSERT TO audit_record DO INSTEAD NOTHING",
    "CREATE TRIGGER mine BEFORE INSERT ON audit_record FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION refuse_change()",
    "ALTER FUNCTION ledger_post_paper SET search_path = pg_temp",
    "ALTER FUNCTION refuse_change() SECURITY DEFINER",
    # the rows themselves
    "INSERT INTO entry SELECT * FROM entry",
    "UPDATE entry SET cents = cents + 1",
    "DELETE FROM entry",
    "TRUNCATE entry",
    "MERGE INTO entry e USING entry f ON e.journal_id = f.journal_id WHEN MATCHED THEN DELETE",
    "COPY entry FROM PROGRAM 'true'",
    "COPY entry TO PROGRAM 'cat'",
    "UPDATE lot SET remaining_cents = 1000000",
    "UPDATE voucher SET state = 'active'",
    "UPDATE balance_rollup SET debit_cents = 0",
    "UPDATE stream_head SET last_seal = 0",
    "DELETE FROM seal",
    "DELETE FROM outbox",
    "UPDATE account SET name = 'x'",
    "SELECT setval('procrastinate_jobs_id_seq', 1)",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_read_file('/etc/passwd')",
    "LOCK TABLE entry IN ACCESS EXCLUSIVE MODE",
    # single steps of a posting
    POST,
    "SELECT ledger_queue(gen_random_uuid(), gen_random_uuid(), 'x')",
    "SELECT voucher_debit_lots(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "SELECT voucher_move_lots(NULL, NULL, NULL, NULL, NULL)",
)


@pytest.mark.parametrize("role", [APP, LOGIN])
def test_every_way_to_the_books_is_refused(books: Flask, role: str) -> None:
    before = session.execute(sa.text("SELECT count(*), sum(cents) FROM entry")).one()
    session.rollback()
    went_through = []
    for statement in REFUSED:
        with taken_over(role) as link:
            try:
                link.execute(statement)
                went_through.append(statement)
            except psycopg.Error:
                pass
    assert went_through == []
    assert session.execute(sa.text("SELECT count(*), sum(cents) FROM entry")).one() == before
    assert [finding for finding in proof.prove() if finding.code != "L-10"] == []


def test_a_temporary_table_is_no_entry_even_where_it_may_be_made(books: Flask) -> None:
    """The attack that once went through, with the right to make such tables given back: the functions do not see it."""
    with psycopg.connect(settings().database_url, autocommit=True) as owner:
        owner.execute(f'GRANT TEMPORARY ON DATABASE "{owner.info.dbname}" TO {APP}')
    with taken_over() as link:
        link.execute(f"CREATE TEMP TABLE entry {SHADOW}")
        link.execute(FORGE)
        link.execute("CREATE TRIGGER forge BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION pg_temp.forge()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            link.execute(POST)
        assert link.execute("SELECT count(*) FROM pg_temp.entry").fetchone() == (0,)
