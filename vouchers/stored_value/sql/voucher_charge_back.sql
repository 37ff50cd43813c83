-- Of one purchase whose money was taken back, what is left goes out, at most `p_cents`, wherever it lies by now. What
-- is held for an order stays, and what was spent: the shop keeps its money. `p_bonus`: not the purchase's own lot but
-- this one, added by a campaign. `p_state`: what the voucher becomes when nothing is left on it. Decision 0207.
CREATE OR REPLACE FUNCTION voucher_charge_back(
  p_origin uuid,
  p_bonus uuid,
  p_cents bigint,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_state text,
  p_credit text,
  p_credit_party uuid,
  p_reason text,
  p_at timestamptz
) RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb, voucher_id uuid)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_lot record;
BEGIN
  IF p_state IS NOT NULL AND p_state <> 'charged_back' THEN
    RAISE EXCEPTION 'no such end: %', p_state USING ERRCODE = 'check_violation';
  END IF;

  -- The voucher may be merged while we wait for its lock: then the value lies on another, and we look again.
  LOOP
    SELECT l.voucher_id, l.id
      INTO v_lot
      FROM lot l
      JOIN voucher v ON v.id = l.voucher_id
     WHERE v.state <> 'replaced'
       AND CASE
             WHEN p_bonus IS NULL THEN l.origin_id = p_origin AND l.kind = 'paid'
             ELSE l.id = p_bonus AND l.kind = 'bonus'
           END
     ORDER BY l.balance - l.held DESC, l.voucher_id
     LIMIT 1;
    EXIT WHEN NOT FOUND;
    PERFORM 1 FROM voucher v WHERE v.id = v_lot.voucher_id AND v.state <> 'replaced' FOR NO KEY UPDATE;
    EXIT WHEN FOUND;
  END LOOP;
  IF v_lot.id IS NULL THEN
    RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb, NULL::uuid;
    RETURN;
  END IF;

  RETURN QUERY
    SELECT d.outcome, d.replay, d.operation_id, d.answer, v_lot.voucher_id
      FROM voucher_deduct(
             p_verb => 'charge_back',
             p_voucher => v_lot.voucher_id,
             p_lot => v_lot.id,
             p_cents => p_cents,
             p_operation => p_operation,
             p_actor => p_actor,
             p_key => p_key,
             p_credit => p_credit,
             p_credit_party => p_credit_party,
             p_reason => p_reason,
             p_at => p_at,
             p_state => p_state
           ) d;
END
$$;
