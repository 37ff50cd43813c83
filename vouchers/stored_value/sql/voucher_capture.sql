CREATE OR REPLACE FUNCTION voucher_capture(p_voucher uuid, p_hold uuid, p_operation uuid, p_actor uuid, p_key text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT * FROM voucher_settle_hold('capture', p_voucher, p_hold, p_operation, p_actor, p_key, p_at)
$$;
