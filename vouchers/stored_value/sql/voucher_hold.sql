-- A hold for a payment.
CREATE OR REPLACE FUNCTION voucher_hold(
  p_voucher uuid,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_cents bigint,
  p_outlet uuid,
  p_expires timestamptz,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_fingerprint CONSTANT bytea := sha256(convert_to(concat_ws('|', 'hold', p_voucher, p_cents, p_outlet), 'UTF8'));
  v_voucher voucher;
  v_earlier voucher_outcome;
BEGIN
  IF coalesce(p_cents, 0) < 1 THEN
    RAISE EXCEPTION 'cents must be positive' USING ERRCODE = 'check_violation';
  END IF;
  SELECT * INTO v_voucher FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN ROW('unknown', false, NULL, NULL)::voucher_outcome;
  END IF;
  v_earlier := voucher_replay(p_actor, p_key, v_fingerprint);
  IF v_earlier.outcome IS NOT NULL THEN
    RETURN v_earlier;
  END IF;
  RETURN voucher_place_hold(
    p_voucher => v_voucher,
    p_operation => p_operation,
    p_actor => p_actor,
    p_key => p_key,
    p_fingerprint => v_fingerprint,
    p_cents => p_cents,
    p_outlet => p_outlet,
    p_expires => p_expires,
    p_at => p_at
  );
END
$$;
