-- Why nothing can be taken, or held, of this voucher in this shop; NULL when it can.
CREATE OR REPLACE FUNCTION voucher_refusal(v voucher, p_accepted boolean, p_free bigint, p_cents bigint, p_at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  RETURN CASE WHEN v.state NOT IN ('active', 'exhausted') THEN 'blocked'
              WHEN NOT p_accepted THEN 'outside_network'
              WHEN voucher_hurries(v, p_at) THEN 'velocity_voucher'
              WHEN p_free < p_cents THEN 'insufficient' END;
END $$;
