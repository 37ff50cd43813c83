CREATE OR REPLACE FUNCTION voucher_day(p_at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT (p_at AT TIME ZONE 'Europe/Berlin')::date
$$;
