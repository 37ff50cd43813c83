-- What has come to its legal end goes out. Two people have agreed to it before.
CREATE OR REPLACE FUNCTION voucher_lapse(p_voucher uuid, p_lot uuid, p_operation uuid, p_actor uuid, p_key text, p_credit text, p_credit_party uuid,
  p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT * FROM voucher_take_out('lapse', p_voucher, p_lot, NULL, p_operation, p_actor, p_key, p_credit, p_credit_party, NULL, p_reason, p_at)
$$;
