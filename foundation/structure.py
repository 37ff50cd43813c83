"""The structure of the database as one present text: `foundation/structure.txt`. Decision 0109.

Every column with its type and default, every constraint, index, trigger, view and type stands there, a line each. A
check that somebody dropped lets wrong rows in without a word: `flask doctor` names it. What PostgreSQL 15 to 18 spell
differently is left out, or reduced to what they agree on.
"""

import hashlib
import re
from pathlib import Path

import sqlalchemy as sa

from foundation import rights

TEXT = Path(__file__).with_suffix(".txt")

# Names go with their schema where it is not `public`, as a session's search path has it. NOT NULL stands at its column:
# as a constraint only PostgreSQL 18 knows it.
PARTS = """
WITH relation AS (
  SELECT oid, relkind, relpersistence, reloptions, oid::regclass::text AS name FROM pg_class
   WHERE oid >= 16384 AND relnamespace::regnamespace::text IN ('public', 'practice')
)
SELECT 'column' AS part, format('%s.%s', r.name, a.attname) AS name,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                 CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || a.attcollation::regcollation::text END,
                 CASE WHEN a.attidentity <> '' THEN 'identity ' || a.attidentity::text END,
                 CASE WHEN a.attgenerated <> '' THEN 'generated as' WHEN d.oid IS NOT NULL THEN 'default' END,
                 pg_get_expr(d.adbin, d.adrelid)) AS definition
  FROM relation r
  JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
 WHERE r.relkind IN ('r', 'p', 'v', 'm', 'c')
UNION ALL
SELECT 'constraint', format('%s on %s', c.conname, r.name), pg_get_constraintdef(c.oid)
  FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid WHERE c.contype NOT IN ('n', 't')
UNION ALL
SELECT 'index', i.indexrelid::regclass::text,
       pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid AND i.indisready THEN '' ELSE ', not valid' END
  FROM relation r JOIN pg_index i ON i.indrelid = r.oid
UNION ALL
SELECT 'trigger', format('%s on %s', t.tgname, r.name), pg_get_triggerdef(t.oid)
  FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'view', r.name, pg_get_viewdef(r.oid) || coalesce(array_to_string(r.reloptions, ', '), '')
  FROM relation r WHERE r.relkind IN ('v', 'm')
UNION ALL
SELECT 'enumeration', e.enumtypid::regtype::text, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
  FROM pg_enum e WHERE e.enumtypid >= 16384 GROUP BY e.enumtypid
UNION ALL
SELECT 'table without a log', r.name, '' FROM relation r WHERE r.relkind IN ('r', 'p') AND r.relpersistence <> 'p'
UNION ALL
SELECT 'child', format('%s of %s', inhrelid::regclass, inhparent::regclass), '' FROM pg_inherits WHERE inhrelid >= 16384
"""
# What PostgreSQL 16 and later leave out of a view's text: names of tables before columns, brackets, breaks of lines.
SPELLING = re.compile(r"\b[a-z_]\w*\.(?=[a-z_*])|[\s()]")


def read_structure(connection: sa.Connection) -> list[str]:
    """Read the structure of this database as sorted lines; of a view's text a fingerprint without its spelling."""
    lines = []
    for part, name, definition in connection.execute(sa.text(PARTS)):
        text = _fingerprint(definition) if part == "view" else " ".join(definition.split())
        lines.append(f"{part} {name}: {text}" if text else f"{part} {name}")
    return sorted(lines)


def find_changes(connection: sa.Connection) -> list[str]:
    """Name what is more in this database than in the text, and what is less, a line each; nothing when it is sound."""
    return rights.compare(read_structure(connection), TEXT)


def _fingerprint(text: str) -> str:
    return hashlib.sha256(SPELLING.sub("", text).encode()).hexdigest()[:16]
