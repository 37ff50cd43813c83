-- A cash register ends its own shop's hold. After its time it can only be given back.
CREATE OR REPLACE FUNCTION voucher_till_settle(p_verb text, p_till bytea, p_hold uuid, p_operation uuid, p_key text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record; h record;
BEGIN
  SELECT * INTO t FROM voucher_till(p_till, 'hold', p_at);
  IF t.refusal IS NOT NULL AND NOT (t.refusal = 'till_paused' AND p_verb = 'release') THEN
    RETURN QUERY SELECT t.refusal, false, NULL::uuid, NULL::jsonb; RETURN;
  END IF;
  SELECT o.voucher_id, o.expires_at INTO h FROM voucher_operation o
   WHERE o.id = p_hold AND o.kind = 'hold' AND o.outcome = 'done' AND o.outlet_id = t.outlet_id AND o.till_id IS NOT NULL;
  IF NOT FOUND THEN RETURN QUERY SELECT 'no_hold', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  IF p_verb = 'capture' AND h.expires_at <= p_at AND NOT EXISTS (SELECT 1 FROM voucher_operation WHERE actor_id = t.id AND key = p_key) THEN
    RETURN QUERY SELECT 'expired', false, NULL::uuid, NULL::jsonb; RETURN;
  END IF;
  RETURN QUERY SELECT * FROM voucher_settle_hold(p_verb, h.voucher_id, p_hold, p_operation, t.id, p_key, p_at);
END $$;
