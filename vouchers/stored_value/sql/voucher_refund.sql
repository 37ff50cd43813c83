-- A payment gives back a part of what it captured.
CREATE OR REPLACE FUNCTION voucher_refund(
  p_redemption uuid,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_cents bigint,
  p_reason text,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  RETURN voucher_return(
    p_verb => 'refund',
    p_redemption => p_redemption,
    p_operation => p_operation,
    p_actor => p_actor,
    p_key => p_key,
    p_cents => p_cents,
    p_fingerprint => sha256(convert_to(concat_ws('|', 'refund', p_redemption, p_cents), 'UTF8')),
    p_reason => p_reason,
    p_at => p_at
  );
END
$$;
