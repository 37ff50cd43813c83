-- The digest of a row. The settings make the same text of the same row everywhere. Trailing commas are columns without
-- a value: one that a later migration adds changes no digest of an older row. Decision 0110.
CREATE OR REPLACE FUNCTION row_digest(p_table text, p_row record) RETURNS bytea
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
  RETURN sha256(convert_to(concat(p_table, rtrim(p_row::text, ',)')), 'UTF8'));
END
$$;
