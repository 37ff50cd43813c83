-- Takes free value out of one lot for good: the whole rest ('withdraw', 'lapse') or a part ('adjust').
CREATE OR REPLACE FUNCTION voucher_take_out(p_verb text, p_voucher uuid, p_lot uuid, p_cents bigint, p_operation uuid, p_actor uuid, p_key text,
  p_credit text, p_credit_party uuid, p_state text, p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v voucher; l lot; g record; v_day date := voucher_day(p_at); v_cents bigint; v_reason text; v_answer jsonb;
  v_print bytea := sha256(convert_to(concat_ws('|', p_verb, p_lot, coalesce(p_cents, 0), p_state), 'UTF8'));
BEGIN
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, v_print) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  SELECT * INTO l FROM lot WHERE voucher_id = p_voucher AND id = p_lot;
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  v_cents := coalesce(p_cents, l.balance - l.held);
  v_reason := CASE WHEN v.state NOT IN ('active', 'blocked', 'exhausted', 'withdrawn') THEN 'ended'
                   WHEN p_verb = 'withdraw' AND l.held > 0 THEN 'held'
                   WHEN p_verb = 'lapse' AND l.legal_end >= v_day THEN 'not_ended'
                   WHEN v_cents < 1 THEN 'nothing_left'
                   WHEN v_cents > l.balance - l.held THEN 'insufficient' END;
  v_answer := jsonb_build_object('amount', CASE WHEN v_reason IS NULL THEN v_cents ELSE 0 END, 'free', l.balance - l.held);
  IF v_reason IS NOT NULL THEN
    PERFORM voucher_decline(v.id, p_operation, p_verb, v_reason, v_cents, p_actor, p_key, v_print, NULL, NULL, NULL, NULL, p_reason, v_answer, p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, v_answer; RETURN;
  END IF;
  UPDATE lot SET balance = balance - v_cents WHERE voucher_id = v.id AND id = l.id;
  INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed) VALUES (v.id, p_operation, l.id, 1, v_cents, false);
  PERFORM ledger_post(v.id, p_operation, 1, v.ledger_id, 'voucher.' || p_verb, voucher_account(l.kind), v.id, p_credit, p_credit_party, v_cents,
                      v.programme_id, NULL, v_day);
  PERFORM ledger_queue(v.id, p_operation, 'voucher.' || p_verb);
  IF p_state IS NOT NULL AND NOT EXISTS (SELECT 1 FROM lot WHERE voucher_id = v.id AND balance > 0) THEN
    UPDATE voucher SET state = p_state WHERE id = v.id;
  END IF;
  PERFORM voucher_link(v.id, p_operation, p_verb, v_cents, 0, p_actor, p_key, v_print, NULL, NULL, NULL, NULL, NULL, NULL, NULL, p_reason, NULL,
                       v_answer, p_at);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;
