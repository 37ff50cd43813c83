-- Releases the holds of a practice voucher whose time is over: no job does it there. `p_secret`: hash of token or code.
CREATE OR REPLACE FUNCTION voucher_release_expired(p_secret bytea, p_at timestamptz) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_hold record;
BEGIN
  FOR v_hold IN
    SELECT o.voucher_id, o.id, o.actor_id
      FROM voucher v
      JOIN voucher_operation o ON o.voucher_id = v.id
     WHERE p_secret IN (v.token_hash, v.code_hash)
       AND o.kind = 'hold'
       AND o.outcome = 'done'
       AND o.expires_at <= p_at
       AND NOT EXISTS (
         SELECT 1 FROM voucher_operation e
          WHERE e.voucher_id = o.voucher_id
            AND e.ref_id = o.id
            AND e.outcome = 'done'
            AND e.kind IN ('capture', 'release')
       )
  LOOP
    PERFORM voucher_release(
      p_voucher => v_hold.voucher_id,
      p_hold => v_hold.id,
      p_operation => gen_random_uuid(),
      p_actor => v_hold.actor_id,
      p_key => 'expired:' || v_hold.id,
      p_at => p_at
    );
  END LOOP;
END
$$;
