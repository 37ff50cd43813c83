-- What is left of one purchase, wherever it lies by now, goes out: withdrawal by the buyer, chargeback. The voucher is dead
-- when nothing else lies on it.
CREATE OR REPLACE FUNCTION voucher_withdraw(p_origin uuid, p_operation uuid, p_actor uuid, p_key text, p_state text, p_credit text, p_credit_party uuid,
  p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb, voucher_id uuid) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE l record;
BEGIN
  IF p_state NOT IN ('withdrawn', 'charged_back') THEN RAISE EXCEPTION 'no such end: %', p_state USING ERRCODE = 'check_violation'; END IF;
  LOOP
    SELECT o.voucher_id, o.id, v.state INTO l FROM lot o JOIN voucher v ON v.id = o.voucher_id
     WHERE o.origin_id = p_origin AND o.kind = 'paid' AND v.state <> 'replaced' ORDER BY o.voucher_id LIMIT 1;
    IF NOT FOUND THEN  -- all of it was gone before its voucher was merged into another: nothing lies anywhere
      RETURN QUERY SELECT 'nothing_left', false, NULL::uuid, jsonb_build_object('amount', 0), o.voucher_id FROM lot o
        WHERE o.origin_id = p_origin AND o.kind = 'paid' LIMIT 1;
      IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb, NULL::uuid; END IF;
      RETURN;
    END IF;
    PERFORM 1 FROM voucher v WHERE v.id = l.voucher_id AND v.state <> 'replaced' FOR NO KEY UPDATE;
    EXIT WHEN FOUND;
  END LOOP;
  RETURN QUERY SELECT t.*, l.voucher_id FROM voucher_take_out('withdraw', l.voucher_id, l.id, NULL, p_operation, p_actor, p_key, p_credit,
                                                           p_credit_party, p_state, p_reason, p_at) t;
END $$;
