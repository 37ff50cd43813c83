-- Writes a refusal that belongs to no voucher: the code is unknown, or the shop is suspended.
CREATE OR REPLACE FUNCTION voucher_record_miss(p_operation uuid, p_till till_identity, p_at timestamptz) RETURNS
  voucher_outcome
LANGUAGE plpgsql
AS $$
DECLARE
  v_reason CONSTANT text := CASE WHEN p_till.active THEN 'unknown' ELSE 'outlet_suspended' END;
BEGIN
  INSERT INTO missed_redemption (id, actor_id, reason, recorded_at) VALUES (p_operation, p_till.id, v_reason, p_at);
  RETURN ROW(v_reason, false, p_operation, NULL)::voucher_outcome;
END
$$;
