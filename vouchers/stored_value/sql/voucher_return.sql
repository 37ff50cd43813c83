-- Gives back a redemption or a captured hold, in full or in part, to the lots it came from. What belongs to a voucher that
-- was merged goes on to the one that took its place; nothing returns to one whose payment was charged back.
CREATE OR REPLACE FUNCTION voucher_return(p_verb text, p_redemption uuid, p_operation uuid, p_actor uuid, p_key text, p_cents bigint, p_fingerprint bytea,
  p_outlet uuid, p_till uuid, p_staff uuid, p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v voucher; n voucher; g record; r record; v_day date := voucher_day(p_at); v_done bigint; v_cents bigint; v_lapsed bigint; v_moved bigint;
  v_out uuid; v_in uuid; v_reason text; v_answer jsonb;
BEGIN
  SELECT o.* INTO r FROM voucher_operation o WHERE o.id = p_redemption AND o.kind IN ('redeem', 'capture') AND o.outcome = 'done'
     AND (p_outlet IS NULL OR o.outlet_id = p_outlet);
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT * INTO v FROM voucher WHERE id = r.voucher_id FOR NO KEY UPDATE;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, p_fingerprint) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  SELECT coalesce(sum(o.cents), 0) INTO v_done FROM voucher_operation o
   WHERE o.voucher_id = v.id AND o.ref_id = r.id AND o.outcome = 'done' AND o.kind IN ('void', 'refund');
  v_cents := CASE p_verb WHEN 'void' THEN r.cents ELSE p_cents END;
  v_reason := CASE WHEN v.state = 'charged_back' THEN 'not_returnable'
                   WHEN p_verb = 'void' AND r.kind <> 'redeem' AND r.till_id IS NULL THEN 'not_at_the_till'
                   WHEN p_verb = 'void' AND v_done > 0 THEN 'already_returned'
                   WHEN p_verb = 'void' AND r.booked_on <> v_day THEN 'another_day'
                   WHEN v_cents <= 0 THEN 'wrong_amount'
                   WHEN v_done + v_cents > r.cents THEN 'more_than_redeemed' END;
  IF v_reason IS NOT NULL THEN
    v_answer := jsonb_build_object('returnable', CASE v_reason WHEN 'not_returnable' THEN 0 ELSE r.cents - v_done END);
    PERFORM voucher_decline(v.id, p_operation, p_verb, v_reason, v_cents, p_actor, p_key, p_fingerprint, r.id, r.outlet_id, p_till, p_staff,
                            p_reason, v_answer, p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, v_answer; RETURN;
  END IF;
  v_lapsed := voucher_put_back(v.id, p_operation, r.id, v.ledger_id, v.programme_id, 'voucher.' || p_verb, v_cents, r.outlet_id,
                               r.host_ledger_id, v_day);
  v_answer := jsonb_build_object(p_verb || '_id', p_operation, 'redemption_id', r.id, 'amount', v_cents, 'lapsed', v_lapsed,
    'remaining', voucher_available(v.id, v_day), 'buckets', voucher_lots(v.id, p_operation), 'time', p_at);
  PERFORM voucher_link(v.id, p_operation, p_verb, v_cents, v_lapsed, p_actor, p_key, p_fingerprint, r.id, r.outlet_id, p_till, p_staff, NULL,
                       NULL, NULL, p_reason, NULL, v_answer, p_at, r.host_ledger_id);
  WHILE v.state = 'replaced' AND v_cents > v_lapsed LOOP
    SELECT * INTO STRICT n FROM voucher WHERE id = v.replaced_by FOR NO KEY UPDATE;
    v_out := gen_random_uuid(); v_in := gen_random_uuid();
    v_moved := voucher_carry_over(v.id, n.id, v_out, v_in, v.ledger_id, v.programme_id, v_day);
    PERFORM voucher_link(v.id, v_out, 'merge_out', v_moved, 0, p_actor, 'follow:' || v_out, NULL, n.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                         NULL, p_at);
    PERFORM voucher_link(n.id, v_in, 'merge_in', v_moved, 0, p_actor, 'follow:' || v_in, NULL, v.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                         NULL, p_at);
    v := n;
  END LOOP;
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;
