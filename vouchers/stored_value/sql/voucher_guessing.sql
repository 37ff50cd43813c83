-- Guessing typed codes at an enrolled till: 20 misses in ten minutes are enough.
CREATE OR REPLACE FUNCTION voucher_guessing(p_actor uuid, p_at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (
  SELECT count(*) >= 20 FROM missed_redemption
   WHERE actor_id = p_actor AND recorded_at > p_at - interval '10 minutes' AND reason = 'unknown');
END $$;
