-- For a cash register that knows the amount before the goods are handed over.
CREATE OR REPLACE FUNCTION voucher_till_hold(p_till bytea, p_secret bytea, p_by_code boolean, p_operation uuid, p_key text, p_cents bigint,
  p_fingerprint bytea, p_receipt text, p_expires timestamptz, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record; v voucher; g record; v_reason text;
BEGIN
  IF coalesce(p_cents, 0) < 1 THEN RAISE EXCEPTION 'cents must be positive' USING ERRCODE = 'check_violation'; END IF;
  SELECT * INTO t FROM voucher_till(p_till, 'hold', p_at);
  IF t.refusal IS NOT NULL THEN RETURN QUERY SELECT t.refusal, false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  IF p_by_code AND voucher_guessing(t.id, p_at) THEN RETURN QUERY SELECT 'too_many', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  IF p_by_code THEN SELECT * INTO v FROM voucher WHERE code_hash = p_secret FOR NO KEY UPDATE;
  ELSE SELECT * INTO v FROM voucher WHERE token_hash = p_secret FOR NO KEY UPDATE; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(t.id, p_key, p_fingerprint) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  IF v.id IS NULL OR NOT t.active THEN
    v_reason := CASE WHEN t.active THEN 'unknown' ELSE 'outlet_suspended' END;
    INSERT INTO missed_redemption (id, actor_id, key, fingerprint, reason, recorded_at)
    VALUES (p_operation, t.id, p_key, p_fingerprint, v_reason, p_at);
    RETURN QUERY SELECT v_reason, false, NULL::uuid, NULL::jsonb; RETURN;
  END IF;
  RETURN QUERY SELECT * FROM voucher_set_aside(v, p_operation, t.id, p_key, p_fingerprint, p_cents, t.outlet_id, t.id, p_receipt, p_expires, p_at);
END $$;
