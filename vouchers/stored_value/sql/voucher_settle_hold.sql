-- Ends a hold: 'capture' owes the held value to the shop it was held for, 'release' gives it back to its lots.
CREATE OR REPLACE FUNCTION voucher_settle_hold(p_verb text, p_voucher uuid, p_hold uuid, p_operation uuid, p_actor uuid, p_key text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v voucher; g record; h record; p record; v_day date := voucher_day(p_at); v_line int := 0; v_capture boolean := p_verb = 'capture';
  v_reason text; v_answer jsonb; v_print bytea := sha256(convert_to(concat_ws('|', p_verb, p_voucher, p_hold), 'UTF8'));
BEGIN
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, v_print) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  SELECT o.id, o.cents, o.outlet_id, o.till_id, o.receipt_no, o.host_ledger_id INTO h FROM voucher_operation o
   WHERE o.voucher_id = p_voucher AND o.id = p_hold AND o.kind = 'hold' AND o.outcome = 'done';
  v_reason := CASE WHEN h.id IS NULL THEN 'no_hold'
    WHEN EXISTS (SELECT 1 FROM voucher_operation o WHERE o.voucher_id = p_voucher AND o.ref_id = p_hold AND o.outcome = 'done'
                 AND o.kind IN ('capture', 'release')) THEN 'already_ended' END;
  IF v_reason IS NOT NULL THEN
    PERFORM voucher_decline(v.id, p_operation, p_verb, v_reason, coalesce(h.cents, 0), p_actor, p_key, v_print, p_hold, h.outlet_id, NULL,
                            NULL, NULL, NULL, p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, NULL::jsonb; RETURN;
  END IF;
  FOR p IN SELECT o.lot_id, o.line_no, o.cents, l.kind FROM operation_part o JOIN lot l ON l.voucher_id = o.voucher_id AND l.id = o.lot_id
            WHERE o.voucher_id = p_voucher AND o.operation_id = p_hold ORDER BY o.line_no LOOP
    v_line := p.line_no;
    UPDATE lot SET held = held - p.cents, balance = CASE WHEN v_capture THEN balance - p.cents ELSE balance END
     WHERE voucher_id = p_voucher AND id = p.lot_id;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_voucher, p_operation, p.lot_id, p.line_no, p.cents, false);
    PERFORM ledger_post(p_voucher, p_operation, p.line_no, v.ledger_id, 'voucher.' || p_verb, 'VH', p_voucher,
                        CASE WHEN NOT v_capture THEN voucher_account(p.kind) WHEN h.host_ledger_id IS NULL THEN 'KR' ELSE 'CL' END,
                        CASE WHEN v_capture THEN coalesce(h.host_ledger_id, h.outlet_id) ELSE p_voucher END, p.cents, v.programme_id,
                        CASE WHEN NOT v_capture THEN p_hold END, v_day);
  END LOOP;
  IF v_capture AND h.host_ledger_id IS NOT NULL THEN
    PERFORM ledger_post(p_voucher, p_operation, v_line + 1, h.host_ledger_id, 'voucher.capture', 'CL', v.ledger_id, 'KR', h.outlet_id, h.cents,
                        v.programme_id, NULL, v_day);
  END IF;
  PERFORM ledger_queue(p_voucher, p_operation, 'voucher.' || p_verb);
  v_answer := jsonb_build_object('amount', h.cents, 'remaining', voucher_available(v.id, v_day));
  IF h.till_id IS NOT NULL THEN
    v_answer := v_answer || jsonb_build_object('hold_id', p_hold) || CASE WHEN v_capture THEN jsonb_build_object('redemption_id', p_operation)
                ELSE '{}'::jsonb END;
  END IF;
  PERFORM voucher_link(v.id, p_operation, p_verb, h.cents, 0, p_actor, p_key, v_print, p_hold, h.outlet_id, h.till_id, NULL, h.receipt_no, NULL,
                       NULL, NULL, NULL, v_answer, p_at, h.host_ledger_id);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;
