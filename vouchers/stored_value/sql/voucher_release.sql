-- A payment gives back what it held.
CREATE OR REPLACE FUNCTION voucher_release(
  p_voucher uuid,
  p_hold uuid,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  RETURN voucher_end_hold(
    p_verb => 'release',
    p_voucher => p_voucher,
    p_hold => p_hold,
    p_operation => p_operation,
    p_actor => p_actor,
    p_key => p_key,
    p_at => p_at
  );
END
$$;
