"""The rights in the database as one present text: `foundation/rights.txt`. Decision 0109.

Whoever may do anything to a table, a function, a schema or the database stands there, a line each, as the catalog says
it. A database whose catalog says otherwise is not sound: `flask doctor` names the lines.
"""

from pathlib import Path

import sqlalchemy as sa

TEXT = Path(__file__).with_suffix(".txt")
OWNER, EVERYBODY = "owner", "everybody"

# Grants of everything outside PostgreSQL's own schemas and outside extensions. An owner's own rights go without saying.
GRANTS = """
WITH thing AS (
  SELECT 'database' AS object_type, 'this' AS name, datdba AS owner, coalesce(datacl, acldefault('d', datdba)) AS acl
    FROM pg_database WHERE datname = current_database()
  UNION ALL
  SELECT 'schema', nspname, nspowner, coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace
   WHERE NOT starts_with(nspname, 'pg_') AND nspname <> 'information_schema'
  UNION ALL
  SELECT CASE relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' ELSE 'table' END, oid::regclass::text, relowner,
         coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, relowner))
    FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND oid >= 16384 AND NOT relisshared
     AND NOT starts_with(relnamespace::regnamespace::text, 'pg_')
  UNION ALL
  SELECT 'column', format('%s.%s', attrelid::regclass, attname), c.relowner, attacl
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE attacl IS NOT NULL AND attrelid >= 16384
  UNION ALL
  SELECT 'function', format('%s.%s', p.pronamespace::regnamespace, p.proname), proowner,
         coalesce(proacl, acldefault('f', proowner))
    FROM pg_proc p
   WHERE p.oid >= 16384
     AND NOT EXISTS (
           SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
  UNION ALL
  SELECT 'default', CASE defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                    ELSE defaclobjtype::text END || CASE defaclnamespace WHEN 0 THEN '' ELSE ' in a schema' END,
         defaclrole, defaclacl
    FROM pg_default_acl
)
SELECT t.object_type, t.name, pg_get_userbyid(t.owner) AS owner,
       CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee) END AS grantee,
       string_agg(DISTINCT a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ', '
                  ORDER BY a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END) AS rights
  FROM thing t LEFT JOIN LATERAL aclexplode(t.acl) a ON a.grantee <> t.owner
 WHERE t.object_type <> 'column' OR a.grantee IS NOT NULL
 GROUP BY 1, 2, 3, 4
"""
# What runs with another's rights, and what would silently change the meaning of a statement.
DEFINERS = """
SELECT format('%s.%s', pronamespace::regnamespace, proname) AS name, pg_get_userbyid(proowner) AS owner,
       coalesce(array_to_string(proconfig, '; '), 'no settings') AS settings
  FROM pg_proc WHERE prosecdef AND oid >= 16384
"""
HIDDEN = """
SELECT 'policy' AS object_type, format('%s on %s', polname, polrelid::regclass) AS name FROM pg_policy
UNION ALL SELECT 'row security', oid::regclass::text FROM pg_class WHERE relrowsecurity OR relforcerowsecurity
UNION ALL SELECT 'rule', format('%s on %s', rulename, ev_class::regclass) FROM pg_rewrite
           WHERE rulename <> '_RETURN' AND oid >= 16384
UNION ALL SELECT 'event trigger', evtname FROM pg_event_trigger
UNION ALL SELECT 'language', lanname FROM pg_language WHERE lanname NOT IN ('internal', 'c', 'sql', 'plpgsql')
UNION ALL SELECT 'cast', format('%s to %s', castsource::regtype, casttarget::regtype) FROM pg_cast WHERE oid >= 16384
UNION ALL SELECT 'operator', o.oid::regoperator::text FROM pg_operator o WHERE o.oid >= 16384
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')
UNION ALL SELECT 'extension', extname FROM pg_extension
UNION ALL SELECT 'trigger', format('%s on %s calls %s', tgname, tgrelid::regclass, tgfoid::regproc)
                 || CASE tgenabled WHEN 'O' THEN '' ELSE ', not as usual: ' || tgenabled::text END
            FROM pg_trigger WHERE tgrelid >= 16384 AND (NOT tgisinternal OR tgenabled <> 'O')
UNION ALL SELECT 'setting', setting || ' for ' || CASE setrole WHEN 0 THEN 'everybody' ELSE setrole::regrole::text END
            FROM pg_db_role_setting, unnest(setconfig) setting
           WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
             AND setting ~ '^(default_transaction|role|row_security|search_path|session_replication|synchronous_commit)'
"""
# Privileges that a login has by itself. It needs none: becoming the application's role is enough.
LOGIN = """
SELECT CASE WHEN rolsuper THEN 'is a superuser' END, CASE WHEN rolcreaterole THEN 'may make roles' END,
       CASE WHEN rolcreatedb THEN 'may make databases' END, CASE WHEN rolreplication THEN 'may replicate' END,
       CASE WHEN rolbypassrls THEN 'passes row security' END,
       CASE WHEN EXISTS (SELECT FROM pg_shdepend s WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid
                          AND s.deptype = 'o') THEN 'owns something' END,
       CASE WHEN EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid AND m.admin_option)
            THEN 'may hand its roles on' END
  FROM pg_roles r WHERE rolname = :role
"""
MEMBERSHIPS = "SELECT pg_get_userbyid(roleid) FROM pg_auth_members WHERE member = CAST(:role AS regrole)"


def read_rights(connection: sa.Connection, app: str) -> list[str]:
    """Read every right in this database as sorted lines. Roles go by what they are, whatever they are called here."""
    names = {app: "app", f"{app}_practice": "practice", EVERYBODY: EVERYBODY, None: "nobody else"}
    grants = connection.execute(sa.text(GRANTS)).all()
    # The database's owner alone: a table that somebody else owns is theirs, whatever its grants say.
    names |= {row.owner: OWNER for row in grants if row.object_type == "database" and row.owner not in names}

    def name_role(role: str | None) -> str:
        return names.get(role, str(role))

    lines = [
        f"{row.object_type} {row.name} of {name_role(row.owner)}: {name_role(row.grantee)} {row.rights or ''}".rstrip()
        for row in grants
    ]
    lines += [
        f"definer {row.name} as {name_role(row.owner)}: {row.settings}" for row in connection.execute(sa.text(DEFINERS))
    ]
    return sorted(lines + [f"{row.object_type} {row.name}" for row in connection.execute(sa.text(HIDDEN))])


def find_different_rights(connection: sa.Connection, app: str) -> list[str]:
    """Name what is more in this database than in the text, and what is less, a line each; nothing when it is sound."""
    return compare(read_rights(connection, app), TEXT)


def compare(lines: list[str], text: Path) -> list[str]:
    """Name the lines that a present text does not have, and those that only it has."""
    real, written = set(lines), set(text.read_text(encoding="utf-8").splitlines())
    return [f"too much: {line}" for line in sorted(real - written)] + [
        f"missing: {line}" for line in sorted(written - real)
    ]


def find_login_faults(connection: sa.Connection, app: str) -> list[str]:
    """List what this connection's login may do besides becoming the application's role, and what that role may."""
    login = connection.scalar(sa.text("SELECT session_user"))
    found = []
    for role in (login, app):
        row = connection.execute(sa.text(LOGIN), {"role": role}).one()
        found += [f"{role} {fault}" for fault in row if fault]
        allowed = {app} if role == login else set()
        more = set(connection.scalars(sa.text(MEMBERSHIPS), {"role": role})) - allowed
        found += [f"{role} is a member of {other}" for other in sorted(more)]
    return found
