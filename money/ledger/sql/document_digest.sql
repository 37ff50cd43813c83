-- The digest of a whole document: its entries, and the digest of the rows that came with it. So the entries can be
-- shown to somebody who must not see the rest. The settings make the same text of the same row everywhere, as in
-- row_digest. Decision 0110.
CREATE OR REPLACE FUNCTION document_digest(p_aggregate uuid, p_journal uuid) RETURNS bytea
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, public, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO, YMD'
SET IntervalStyle = 'postgres'
SET bytea_output = 'hex'
SET extra_float_digits = 1
AS $$
DECLARE
  v_entries text;
  v_rest text;
BEGIN
  SELECT string_agg(t.line, E'\n' ORDER BY t.line COLLATE "C")
    INTO v_entries
    FROM (
         SELECT concat('entry', rtrim(e::text, ',)')) AS line FROM entry e
          WHERE e.aggregate_id = p_aggregate AND e.journal_id = p_journal
         ) t;
  SELECT string_agg(r.line, E'\n' ORDER BY r.line COLLATE "C")
    INTO v_rest
    FROM document_row r
   WHERE r.aggregate_id = p_aggregate AND r.journal_id = p_journal;
  RETURN sha256(convert_to(
    concat(v_entries, E'\n', encode(sha256(convert_to(coalesce(v_rest, ''), 'UTF8')), 'hex')),
    'UTF8'
  ));
END
$$;
