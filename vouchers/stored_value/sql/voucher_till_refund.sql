-- The till gives back a part later: returned goods.
CREATE OR REPLACE FUNCTION voucher_till_refund(p_till bytea, p_redemption uuid, p_operation uuid, p_key text, p_cents bigint, p_fingerprint bytea,
  p_staff uuid, p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record;
BEGIN
  SELECT * INTO t FROM voucher_till(p_till, 'return', p_at);
  IF t.refusal IS NOT NULL THEN RETURN QUERY SELECT t.refusal, false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  RETURN QUERY SELECT * FROM voucher_return('refund', p_redemption, p_operation, t.id, p_key, p_cents, p_fingerprint, t.outlet_id, t.id,
                                            p_staff, p_reason, p_at);
END $$;
