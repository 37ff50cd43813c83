-- The day in Berlin at the beginning of the transaction.
CREATE OR REPLACE FUNCTION business_day() RETURNS date
LANGUAGE sql
STABLE
AS $$
  SELECT (now() AT TIME ZONE 'Europe/Berlin')::date
$$;
