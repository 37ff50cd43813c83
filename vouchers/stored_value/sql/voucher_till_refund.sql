-- The till gives back a part later: returned goods.
CREATE OR REPLACE FUNCTION voucher_till_refund(
  p_till bytea,
  p_redemption uuid,
  p_operation uuid,
  p_key text,
  p_cents bigint,
  p_fingerprint bytea,
  p_staff uuid,
  p_reason text,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_till till_identity;
BEGIN
  v_till := till_authenticate(p_till, 'return', p_at);
  IF v_till.refusal IS NOT NULL THEN
    RETURN ROW(v_till.refusal, false, NULL, NULL)::voucher_outcome;
  END IF;
  RETURN voucher_return(
    p_verb => 'refund',
    p_redemption => p_redemption,
    p_operation => p_operation,
    p_actor => v_till.id,
    p_key => p_key,
    p_cents => p_cents,
    p_fingerprint => p_fingerprint,
    p_reason => p_reason,
    p_at => p_at,
    p_outlet => v_till.outlet_id,
    p_till => v_till.id,
    p_staff => p_staff
  );
END
$$;
