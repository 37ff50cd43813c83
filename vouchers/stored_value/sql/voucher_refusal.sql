-- Why nothing can be taken, or held, of this voucher in this shop; NULL when it can.
CREATE OR REPLACE FUNCTION voucher_refusal(
  p_voucher voucher,
  p_accepted boolean,
  p_free bigint,
  p_cents bigint,
  p_at timestamptz
) RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
  RETURN CASE
    WHEN p_voucher.state NOT IN ('active', 'exhausted') THEN 'blocked'
    WHEN NOT p_accepted THEN 'outside_network'
    WHEN voucher_velocity_exceeded(p_voucher, p_at) THEN 'velocity_voucher'
    WHEN p_free < p_cents THEN 'insufficient'
  END;
END
$$;
