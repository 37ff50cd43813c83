-- A till gives back what its shop took: in full ('void') or in part ('refund').
CREATE OR REPLACE FUNCTION voucher_till_return(
  p_verb text,
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
AS $$
DECLARE
  v_till till_identity;
  v_earlier voucher_outcome;
BEGIN
  v_till := till_authenticate(p_till, 'return', p_at);
  v_till.refusal := coalesce(
    v_till.refusal,
    CASE WHEN NOT EXISTS (
      SELECT 1 FROM voucher_operation
       WHERE id = p_redemption AND kind IN ('redeem', 'capture') AND outcome = 'done' AND outlet_id = v_till.outlet_id
    ) THEN 'unknown' END
  );
  IF v_till.refusal IS NOT NULL THEN
    RETURN till_refuse(v_till, p_key, p_fingerprint);
  END IF;
  v_earlier := till_claim_key(
    p_till => v_till,
    p_key => p_key,
    p_fingerprint => p_fingerprint,
    p_operation => p_operation,
    p_at => p_at
  );
  IF v_earlier.outcome IS NOT NULL THEN
    RETURN v_earlier;
  END IF;
  RETURN voucher_return(
    p_verb => p_verb,
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
