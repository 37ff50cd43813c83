-- Keeps every state of a row that may change, as a row that may not. The arguments are the columns of its key.
-- Decision 0110.
CREATE OR REPLACE FUNCTION keep_version() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_old jsonb;
  v_new jsonb;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    v_old := row_content(OLD);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    v_new := row_content(NEW);
  END IF;
  IF v_old IS DISTINCT FROM v_new THEN
    INSERT INTO row_version (table_name, row_key, content, recorded_at)
    SELECT TG_TABLE_NAME,
           string_agg(coalesce(v_new, v_old) ->> a.name, '|' ORDER BY a.place),
           v_new,
           clock_timestamp()
      FROM unnest(TG_ARGV) WITH ORDINALITY a (name, place);
  END IF;
  RETURN NULL;
END
$$;
