-- A cash register ends a hold of its own shop. After its time it can only be given back.
CREATE OR REPLACE FUNCTION voucher_till_end_hold(
  p_verb text,
  p_till bytea,
  p_hold uuid,
  p_operation uuid,
  p_key text,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_till till_identity;
  v_voucher uuid;
  v_expires timestamptz;
BEGIN
  v_till := till_authenticate(p_till, 'hold', p_at);
  -- A paused till gives back, and hears what was decided for this key before.
  IF v_till.refusal IS NOT NULL
     AND NOT (
       v_till.refusal = 'till_paused'
       AND (p_verb = 'release' OR EXISTS (SELECT 1 FROM voucher_operation WHERE actor_id = v_till.id AND key = p_key))
     )
  THEN
    RETURN ROW(v_till.refusal, false, NULL, NULL)::voucher_outcome;
  END IF;
  SELECT voucher_id, expires_at INTO v_voucher, v_expires
    FROM voucher_operation
   WHERE id = p_hold
     AND kind = 'hold'
     AND outcome = 'done'
     AND outlet_id = v_till.outlet_id
     AND till_id IS NOT NULL;
  IF NOT FOUND THEN
    RETURN ROW('no_hold', false, NULL, NULL)::voucher_outcome;
  END IF;
  -- A capture that was done in time is answered again also later.
  IF p_verb = 'capture'
     AND v_expires <= p_at
     AND NOT EXISTS (SELECT 1 FROM voucher_operation WHERE actor_id = v_till.id AND key = p_key)
  THEN
    RETURN ROW('expired', false, NULL, NULL)::voucher_outcome;
  END IF;
  RETURN voucher_end_hold(
    p_verb => p_verb,
    p_voucher => v_voucher,
    p_hold => p_hold,
    p_operation => p_operation,
    p_actor => v_till.id,
    p_key => p_key,
    p_at => p_at
  );
END
$$;
