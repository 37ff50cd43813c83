-- A hold for a cash register that knows the amount before the goods are handed over.
-- The opening, until the voucher is locked and known, is that of voucher_redeem word for word: a test compares them.
-- As a function of its own it would cost each redemption one more call and the copying of three rows.
CREATE OR REPLACE FUNCTION voucher_till_hold(
  p_till bytea,
  p_secret bytea,
  p_by_code boolean,
  p_operation uuid,
  p_key text,
  p_cents bigint,
  p_fingerprint bytea,
  p_receipt_no text,
  p_expires timestamptz,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_till till_identity;
  v_voucher voucher;
  v_earlier voucher_outcome;
BEGIN
  IF coalesce(p_cents, 0) < 1 THEN
    RAISE EXCEPTION 'cents must be positive' USING ERRCODE = 'check_violation';
  END IF;

  -- Who asks?
  v_till := till_authenticate(p_till, 'hold', p_at);
  IF v_till.refusal IS NULL AND p_by_code AND voucher_guesses_exceeded(v_till.id, p_at) THEN
    v_till.refusal := 'too_many';
  END IF;
  IF v_till.refusal IS NOT NULL THEN
    RETURN till_refuse(v_till, p_key, p_fingerprint);
  END IF;
  v_earlier := till_claim_key(
    p_till => v_till,
    p_key => p_key,
    p_fingerprint => p_fingerprint,
    p_operation => p_operation,
    p_at => p_at
  );
  IF v_earlier.outcome IS NOT NULL THEN
    RETURN v_earlier;
  END IF;

  -- Which voucher? From here on nobody else changes it.
  IF p_by_code THEN
    SELECT * INTO v_voucher FROM voucher WHERE code_hash = p_secret FOR NO KEY UPDATE;
  ELSE
    SELECT * INTO v_voucher FROM voucher WHERE token_hash = p_secret FOR NO KEY UPDATE;
  END IF;
  IF v_voucher.id IS NULL OR NOT v_till.active THEN
    RETURN voucher_record_miss(p_operation, v_till, p_at);
  END IF;

  RETURN voucher_place_hold(
    p_voucher => v_voucher,
    p_operation => p_operation,
    p_actor => v_till.id,
    p_key => p_key,
    p_fingerprint => p_fingerprint,
    p_cents => p_cents,
    p_outlet => v_till.outlet_id,
    p_expires => p_expires,
    p_at => p_at,
    p_till => v_till.id,
    p_receipt_no => p_receipt_no
  );
END
$$;
