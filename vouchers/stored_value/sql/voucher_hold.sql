-- For a payment.
CREATE OR REPLACE FUNCTION voucher_hold(p_voucher uuid, p_operation uuid, p_actor uuid, p_key text, p_cents bigint, p_outlet uuid,
  p_expires timestamptz, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v voucher; g record; v_print bytea := sha256(convert_to(concat_ws('|', 'hold', p_voucher, p_cents, p_outlet), 'UTF8'));
BEGIN
  IF coalesce(p_cents, 0) < 1 THEN RAISE EXCEPTION 'cents must be positive' USING ERRCODE = 'check_violation'; END IF;
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, v_print) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  RETURN QUERY SELECT * FROM voucher_set_aside(v, p_operation, p_actor, p_key, v_print, p_cents, p_outlet, NULL, NULL, p_expires, p_at);
END $$;
