-- Whether a till guesses typed codes: 20 unknown ones in ten minutes are enough. Decision 0303.
CREATE OR REPLACE FUNCTION voucher_guesses_exceeded(p_actor uuid, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
  RETURN (
    SELECT count(*) >= 20
      FROM missed_redemption
     WHERE actor_id = p_actor
       AND recorded_at > p_at - interval '10 minutes'
       AND reason = 'unknown'
  );
END
$$;
