-- What a row says, by column. The settings make the same of the same row everywhere, as in row_digest. Decision 0110.
CREATE OR REPLACE FUNCTION row_content(p_row record) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, public, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO, YMD'
SET IntervalStyle = 'postgres'
SET bytea_output = 'hex'
SET extra_float_digits = 1
AS $$
BEGIN
  RETURN to_jsonb(p_row);
END
$$;
