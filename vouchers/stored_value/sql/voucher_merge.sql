-- Two vouchers of one programme become one. Its lots stay lots; the emptied one is replaced and never lives again.
CREATE OR REPLACE FUNCTION voucher_merge(p_from uuid, p_into uuid, p_operation uuid, p_into_operation uuid, p_actor uuid, p_key text, p_reason text,
  p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE f voucher; n voucher; g record; v_day date := voucher_day(p_at); v_sum bigint; v_reason text; v_answer jsonb;
  v_print bytea := sha256(convert_to(concat_ws('|', 'merge', p_from, p_into), 'UTF8'));
BEGIN
  PERFORM 1 FROM voucher WHERE id IN (p_from, p_into) ORDER BY id FOR NO KEY UPDATE;
  SELECT * INTO f FROM voucher WHERE id = p_from;
  SELECT * INTO n FROM voucher WHERE id = p_into;
  IF f.id IS NULL OR n.id IS NULL THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, v_print) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  SELECT sum(balance) INTO v_sum FROM lot WHERE voucher_id = p_from;
  v_reason := CASE WHEN p_from = p_into THEN 'same'
                   WHEN f.programme_id <> n.programme_id THEN 'other_programme'
                   WHEN f.state NOT IN ('active', 'exhausted') OR n.state NOT IN ('active', 'exhausted') THEN 'blocked'
                   WHEN EXISTS (SELECT 1 FROM lot WHERE voucher_id = p_from AND held > 0) THEN 'held'
                   WHEN v_sum = 0 THEN 'nothing_left'
                   WHEN v_sum + (SELECT sum(balance) FROM lot WHERE voucher_id = p_into)
                        > (SELECT max_cents FROM programme WHERE id = n.programme_id) THEN 'over_limit' END;
  v_answer := jsonb_build_object('amount', CASE WHEN v_reason IS NULL THEN v_sum ELSE 0 END);
  IF v_reason IS NOT NULL THEN
    PERFORM voucher_decline(p_from, p_operation, 'merge_out', v_reason, v_sum, p_actor, p_key, v_print, p_into, NULL, NULL, NULL, p_reason, v_answer,
                            p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, v_answer; RETURN;
  END IF;
  v_sum := voucher_carry_over(p_from, p_into, p_operation, p_into_operation, f.ledger_id, f.programme_id, v_day);
  UPDATE voucher SET state = 'replaced', replaced_by = p_into WHERE id = p_from;
  PERFORM voucher_link(p_from, p_operation, 'merge_out', v_sum, 0, p_actor, p_key, v_print, p_into, NULL, NULL, NULL, NULL, NULL, NULL, p_reason,
                       NULL, v_answer, p_at);
  PERFORM voucher_link(p_into, p_into_operation, 'merge_in', v_sum, 0, p_actor, p_key || ':in', NULL, p_from, NULL, NULL, NULL, NULL, NULL, NULL,
                       p_reason, NULL, v_answer, p_at);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;
