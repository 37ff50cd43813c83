-- Ends a hold: 'capture' owes the held value to the shop it was held for, 'release' gives it back to its lots. Of a
-- capture of less (`p_cents`) the rest is released in the same transaction, as an operation of its own.
CREATE OR REPLACE FUNCTION voucher_end_hold(
  p_verb text,
  p_voucher uuid,
  p_hold uuid,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_at timestamptz,
  p_cents bigint DEFAULT NULL
) RETURNS voucher_outcome
LANGUAGE plpgsql
AS $$
DECLARE
  v_day CONSTANT date := voucher_booking_day(p_at);
  v_fingerprint CONSTANT bytea := sha256(convert_to(concat_ws('|', p_verb, p_voucher, p_hold, p_cents), 'UTF8'));
  v_voucher voucher;
  v_earlier voucher_outcome;
  v_hold voucher_operation;
  v_cents bigint;
  v_rest bigint;
  v_release uuid;
  v_reason text;
  v_answer jsonb;
BEGIN
  SELECT * INTO v_voucher FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN ROW('unknown', false, NULL, NULL)::voucher_outcome;
  END IF;
  v_earlier := voucher_replay(p_actor, p_key, v_fingerprint);
  IF v_earlier.outcome IS NOT NULL THEN
    RETURN v_earlier;
  END IF;

  SELECT * INTO v_hold
    FROM voucher_operation
   WHERE voucher_id = p_voucher AND id = p_hold AND kind = 'hold' AND outcome = 'done';
  IF NOT FOUND THEN
    v_reason := 'no_hold';
  ELSIF EXISTS (
    SELECT 1 FROM voucher_operation
     WHERE voucher_id = p_voucher AND ref_id = p_hold AND outcome = 'done' AND kind IN ('capture', 'release')
  ) THEN
    v_reason := 'already_ended';
  ELSIF p_cents > v_hold.cents THEN
    v_reason := 'more_than_held';
    v_answer := jsonb_build_object('held_cents', v_hold.cents);
  END IF;
  v_cents := coalesce(p_cents, v_hold.cents);
  v_rest := v_hold.cents - v_cents;
  IF v_reason IS NOT NULL THEN
    RETURN voucher_record_refusal(
      p_voucher => v_voucher.id,
      p_operation => p_operation,
      p_kind => p_verb,
      p_outcome => v_reason,
      p_cents => coalesce(v_cents, 0),
      p_actor => p_actor,
      p_key => p_key,
      p_at => p_at,
      p_fingerprint => v_fingerprint,
      p_ref => p_hold,
      p_outlet => v_hold.outlet_id,
      p_answer => v_answer
    );
  END IF;

  IF v_rest > 0 THEN
    v_release := gen_random_uuid();
    PERFORM voucher_move_held(
      p_verb => 'release',
      p_voucher => v_voucher,
      p_hold => v_hold,
      p_operation => v_release,
      p_skip => v_cents,
      p_cents => v_rest,
      p_day => v_day
    );
    PERFORM voucher_record_operation(
      p_voucher => v_voucher.id,
      p_operation => v_release,
      p_kind => 'release',
      p_cents => v_rest,
      p_actor => p_actor,
      p_key => 'rest:' || p_operation,
      p_at => p_at,
      p_ref => p_hold,
      p_outlet => v_hold.outlet_id,
      p_till => v_hold.till_id,
      p_receipt_no => v_hold.receipt_no,
      p_host => v_hold.host_ledger_id
    );
  END IF;
  PERFORM voucher_move_held(
    p_verb => p_verb,
    p_voucher => v_voucher,
    p_hold => v_hold,
    p_operation => p_operation,
    p_skip => 0,
    p_cents => v_cents,
    p_day => v_day
  );

  v_answer := jsonb_build_object('amount_cents', v_cents, 'remaining_cents', voucher_available(p_voucher, v_day));
  IF v_hold.till_id IS NOT NULL THEN
    v_answer := v_answer || jsonb_build_object('hold_id', p_hold);
    IF p_verb = 'capture' THEN
      v_answer := v_answer || jsonb_build_object('redemption_id', p_operation, 'released_cents', v_rest);
    END IF;
  END IF;
  PERFORM voucher_record_operation(
    p_voucher => v_voucher.id,
    p_operation => p_operation,
    p_kind => p_verb,
    p_cents => v_cents,
    p_actor => p_actor,
    p_key => p_key,
    p_at => p_at,
    p_fingerprint => v_fingerprint,
    p_ref => p_hold,
    p_outlet => v_hold.outlet_id,
    p_till => v_hold.till_id,
    p_receipt_no => v_hold.receipt_no,
    p_answer => v_answer,
    p_host => v_hold.host_ledger_id
  );
  RETURN ROW('done', false, p_operation, v_answer)::voucher_outcome;
END
$$;
