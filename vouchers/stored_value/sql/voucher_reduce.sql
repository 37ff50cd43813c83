-- A part goes out because it should never have been there. Two people have agreed to it before.
CREATE OR REPLACE FUNCTION voucher_reduce(p_voucher uuid, p_lot uuid, p_cents bigint, p_operation uuid, p_actor uuid, p_key text, p_credit text,
  p_credit_party uuid, p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT * FROM voucher_take_out('adjust', p_voucher, p_lot, coalesce(p_cents, 0), p_operation, p_actor, p_key, p_credit, p_credit_party, NULL,
                                 p_reason, p_at)
$$;
