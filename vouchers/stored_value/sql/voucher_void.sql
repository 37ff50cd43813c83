-- The till takes back what it took: in full, on the same business day, at the same shop.
CREATE OR REPLACE FUNCTION voucher_void(
  p_till bytea,
  p_redemption uuid,
  p_operation uuid,
  p_key text,
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
    p_verb => 'void',
    p_till => p_till,
    p_redemption => p_redemption,
    p_operation => p_operation,
    p_key => p_key,
    p_cents => NULL,
    p_fingerprint => p_fingerprint,
    p_staff => p_staff,
    p_reason => p_reason,
    p_at => p_at
  );
END
$$;
