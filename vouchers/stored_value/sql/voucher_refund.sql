-- A payment gives back a part of what it captured.
CREATE OR REPLACE FUNCTION voucher_refund(p_redemption uuid, p_operation uuid, p_actor uuid, p_key text, p_cents bigint, p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT * FROM voucher_return('refund', p_redemption, p_operation, p_actor, p_key, p_cents,
    sha256(convert_to(concat_ws('|', 'refund', p_redemption, p_cents), 'UTF8')), NULL, NULL, NULL, p_reason, p_at)
$$;
