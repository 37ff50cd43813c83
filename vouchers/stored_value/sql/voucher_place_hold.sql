-- Sets value of a locked voucher aside for a shop: it stays the holder's, but nobody else can take it.
CREATE OR REPLACE FUNCTION voucher_place_hold(
  p_voucher voucher,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_fingerprint bytea,
  p_cents bigint,
  p_outlet uuid,
  p_expires timestamptz,
  p_at timestamptz,
  p_till uuid DEFAULT NULL,
  p_receipt_no text DEFAULT NULL
) RETURNS voucher_outcome
LANGUAGE plpgsql
AS $$
DECLARE
  v_day CONSTANT date := voucher_booking_day(p_at);
  v_postcode text;
  v_active boolean;
  v_acceptance programme_acceptance;
  v_free bigint;
  v_reason text;
  v_answer jsonb;
BEGIN
  SELECT postcode INTO v_postcode FROM outlet WHERE id = p_outlet AND active;
  v_active := FOUND;
  v_free := voucher_available(p_voucher.id, v_day, v_postcode);
  v_acceptance := voucher_acceptance(p_voucher.programme_id, p_outlet, p_at);
  v_reason := voucher_refusal(
    p_voucher => p_voucher,
    p_accepted => v_active AND v_acceptance.accepted,
    p_free => v_free,
    p_cents => p_cents,
    p_at => p_at
  );
  IF v_reason IS NOT NULL THEN
    -- A checkout is told what is left whatever the reason; a till only when it is too little.
    IF p_till IS NULL OR v_reason = 'insufficient' THEN
      v_answer := jsonb_build_object('remaining_cents', v_free);
    END IF;
    RETURN voucher_record_refusal(
      p_voucher => p_voucher.id,
      p_operation => p_operation,
      p_kind => 'hold',
      p_outcome => v_reason,
      p_cents => p_cents,
      p_actor => p_actor,
      p_key => p_key,
      p_at => p_at,
      p_fingerprint => p_fingerprint,
      p_outlet => p_outlet,
      p_till => p_till,
      p_answer => v_answer
    );
  END IF;
  v_answer := jsonb_build_object('remaining_cents', v_free - p_cents);
  IF p_till IS NOT NULL THEN
    v_answer := v_answer
      || jsonb_build_object('hold_id', p_operation, 'amount_cents', p_cents, 'expires_at', p_expires);
  END IF;
  PERFORM voucher_debit_lots(
    p_voucher => p_voucher,
    p_operation => p_operation,
    p_kind => 'voucher.hold',
    p_cents => p_cents,
    p_hold => true,
    p_outlet => p_outlet,
    p_host => v_acceptance.host_ledger_id,
    p_day => v_day,
    p_postcode => v_postcode
  );
  PERFORM voucher_record_operation(
    p_voucher => p_voucher.id,
    p_operation => p_operation,
    p_kind => 'hold',
    p_cents => p_cents,
    p_actor => p_actor,
    p_key => p_key,
    p_at => p_at,
    p_fingerprint => p_fingerprint,
    p_outlet => p_outlet,
    p_till => p_till,
    p_receipt_no => p_receipt_no,
    p_expires => p_expires,
    p_answer => v_answer,
    p_host => v_acceptance.host_ledger_id
  );
  RETURN ROW('done', false, p_operation, v_answer)::voucher_outcome;
END
$$;
