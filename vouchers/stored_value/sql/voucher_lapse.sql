-- What has come to its last day goes out. Two people have agreed to it before. Decision 0308.
CREATE OR REPLACE FUNCTION voucher_lapse(
  p_voucher uuid,
  p_lot uuid,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_credit text,
  p_credit_party uuid,
  p_reason text,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  RETURN voucher_deduct(
    p_verb => 'lapse',
    p_voucher => p_voucher,
    p_lot => p_lot,
    p_cents => NULL,
    p_operation => p_operation,
    p_actor => p_actor,
    p_key => p_key,
    p_credit => p_credit,
    p_credit_party => p_credit_party,
    p_reason => p_reason,
    p_at => p_at
  );
END
$$;
