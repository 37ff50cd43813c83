-- Ends a hold: 'capture' owes the held value to the shop it was held for, 'release' gives it back to its lots.
CREATE OR REPLACE FUNCTION voucher_end_hold(
  p_verb text,
  p_voucher uuid,
  p_hold uuid,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
AS $$
DECLARE
  v_day CONSTANT date := voucher_booking_day(p_at);
  v_capture CONSTANT boolean := p_verb = 'capture';
  v_fingerprint CONSTANT bytea := sha256(convert_to(concat_ws('|', p_verb, p_voucher, p_hold), 'UTF8'));
  v_voucher voucher;
  v_earlier voucher_outcome;
  v_hold voucher_operation;
  v_part record;
  v_line int := 0;
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
  END IF;
  IF v_reason IS NOT NULL THEN
    RETURN voucher_record_refusal(
      p_voucher => v_voucher.id,
      p_operation => p_operation,
      p_kind => p_verb,
      p_outcome => v_reason,
      p_cents => coalesce(v_hold.cents, 0),
      p_actor => p_actor,
      p_key => p_key,
      p_at => p_at,
      p_fingerprint => v_fingerprint,
      p_ref => p_hold,
      p_outlet => v_hold.outlet_id
    );
  END IF;

  FOR v_part IN
    SELECT o.lot_id, o.line_no, o.cents, l.kind
      FROM operation_part o
      JOIN lot l ON l.voucher_id = o.voucher_id AND l.id = o.lot_id
     WHERE o.voucher_id = p_voucher AND o.operation_id = p_hold
     ORDER BY o.line_no
  LOOP
    v_line := v_part.line_no;
    UPDATE lot
       SET held = held - v_part.cents,
           balance = CASE WHEN v_capture THEN balance - v_part.cents ELSE balance END
     WHERE voucher_id = p_voucher AND id = v_part.lot_id;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_voucher, p_operation, v_part.lot_id, v_line, v_part.cents, false);
    PERFORM ledger_post(
      p_aggregate => p_voucher,
      p_journal => p_operation,
      p_line => v_line,
      p_ledger => v_voucher.ledger_id,
      p_kind => 'voucher.' || p_verb,
      p_debit => 'VH',
      p_debit_party => p_voucher,
      p_credit => CASE
        WHEN NOT v_capture THEN voucher_account(v_part.kind)
        WHEN v_hold.host_ledger_id IS NULL THEN 'KR'
        ELSE 'CL'
      END,
      p_credit_party => CASE WHEN v_capture THEN coalesce(v_hold.host_ledger_id, v_hold.outlet_id) ELSE p_voucher END,
      p_cents => v_part.cents,
      p_programme => v_voucher.programme_id,
      p_reverses => CASE WHEN NOT v_capture THEN p_hold END,
      p_booked_on => v_day
    );
  END LOOP;
  IF v_capture AND v_hold.host_ledger_id IS NOT NULL THEN
    PERFORM ledger_post(
      p_aggregate => p_voucher,
      p_journal => p_operation,
      p_line => v_line + 1,
      p_ledger => v_hold.host_ledger_id,
      p_kind => 'voucher.capture',
      p_debit => 'CL',
      p_debit_party => v_voucher.ledger_id,
      p_credit => 'KR',
      p_credit_party => v_hold.outlet_id,
      p_cents => v_hold.cents,
      p_programme => v_voucher.programme_id,
      p_booked_on => v_day
    );
  END IF;
  PERFORM ledger_queue(p_voucher, p_operation, 'voucher.' || p_verb);

  v_answer := jsonb_build_object('amount_cents', v_hold.cents, 'remaining_cents', voucher_available(p_voucher, v_day));
  IF v_hold.till_id IS NOT NULL THEN
    v_answer := v_answer || jsonb_build_object('hold_id', p_hold);
    IF v_capture THEN
      v_answer := v_answer || jsonb_build_object('redemption_id', p_operation);
    END IF;
  END IF;
  PERFORM voucher_record_operation(
    p_voucher => v_voucher.id,
    p_operation => p_operation,
    p_kind => p_verb,
    p_cents => v_hold.cents,
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
