-- The till gives back a part later: returned goods.
CREATE OR REPLACE FUNCTION voucher_till_refund(
  p_till bytea,
  p_redemption uuid,
  p_operation uuid,
  p_key text,
  p_cents bigint,
  p_fingerprint bytea,
  p_staff uuid,
  p_reason text,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  RETURN voucher_till_return(
    p_verb => 'refund',
    p_till => p_till,
    p_redemption => p_redemption,
    p_operation => p_operation,
    p_key => p_key,
    p_cents => p_cents,
    p_fingerprint => p_fingerprint,
    p_staff => p_staff,
    p_reason => p_reason,
    p_at => p_at
  );
END
$$;
