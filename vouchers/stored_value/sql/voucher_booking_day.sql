-- The day in Berlin on which a moment is booked.
CREATE OR REPLACE FUNCTION voucher_booking_day(p_at timestamptz) RETURNS date
LANGUAGE sql
IMMUTABLE
AS $$
  SELECT (p_at AT TIME ZONE 'Europe/Berlin')::date
$$;
