-- A cash register ends a hold of its own shop. After its time it can only be given back. `p_cents`: how much is
-- captured; all of it without. A paused till gives back.
CREATE OR REPLACE FUNCTION voucher_till_end_hold(
  p_verb text,
  p_till bytea,
  p_hold uuid,
  p_operation uuid,
  p_key text,
  p_cents bigint,
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
  v_fingerprint bytea;
  v_earlier voucher_outcome;
BEGIN
  v_till := till_authenticate(p_till, 'hold', p_at);
  SELECT voucher_id, expires_at INTO v_voucher, v_expires
    FROM voucher_operation
   WHERE id = p_hold
     AND kind = 'hold'
     AND outcome = 'done'
     AND outlet_id = v_till.outlet_id
     AND till_id IS NOT NULL;
  v_fingerprint := sha256(convert_to(concat_ws('|', p_verb, v_voucher, p_hold, p_cents), 'UTF8'));
  v_till.refusal := CASE
    WHEN v_till.refusal <> 'till_paused' OR p_verb = 'capture' AND v_till.refusal IS NOT NULL THEN v_till.refusal
    WHEN v_voucher IS NULL THEN 'no_hold'
    WHEN p_verb = 'capture' AND v_expires <= p_at THEN 'expired'
  END;
  IF v_till.refusal IS NOT NULL THEN
    RETURN till_refuse(v_till, p_key, v_fingerprint);
  END IF;
  v_earlier := till_claim_key(
    p_till => v_till,
    p_key => p_key,
    p_fingerprint => v_fingerprint,
    p_operation => p_operation,
    p_at => p_at
  );
  IF v_earlier.outcome IS NOT NULL THEN
    RETURN v_earlier;
  END IF;
  RETURN voucher_end_hold(
    p_verb => p_verb,
    p_voucher => v_voucher,
    p_hold => p_hold,
    p_operation => p_operation,
    p_actor => v_till.id,
    p_key => p_key,
    p_at => p_at,
    p_cents => p_cents
  );
END
$$;
