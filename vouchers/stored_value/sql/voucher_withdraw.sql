-- What is left of one purchase, wherever it lies by now, goes out: the buyer has withdrawn. The voucher is dead when
-- nothing else lies on it. Also gives the voucher that the value lay on. Decision 0318.
CREATE OR REPLACE FUNCTION voucher_withdraw(
  p_origin uuid,
  p_operation uuid,
  p_actor uuid,
  p_key text,
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
  v_lot CONSTANT lot := voucher_lock_purchase(p_origin);
BEGIN
  IF v_lot.id IS NULL THEN
    -- All of it was spent before its voucher was merged into another: nothing lies anywhere.
    RETURN QUERY
      SELECT 'nothing_left', false, NULL::uuid, jsonb_build_object('amount_cents', 0), l.voucher_id
        FROM lot l
       WHERE l.origin_id = p_origin AND l.kind = 'paid'
       LIMIT 1;
    IF NOT FOUND THEN
      RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb, NULL::uuid;
    END IF;
    RETURN;
  END IF;

  RETURN QUERY
    SELECT d.outcome, d.replay, d.operation_id, d.answer, v_lot.voucher_id
      FROM voucher_deduct(
             p_verb => 'withdraw',
             p_voucher => v_lot.voucher_id,
             p_lot => v_lot.id,
             p_cents => NULL,
             p_operation => p_operation,
             p_actor => p_actor,
             p_key => p_key,
             p_credit => p_credit,
             p_credit_party => p_credit_party,
             p_reason => p_reason,
             p_at => p_at,
             p_state => 'withdrawn'
           ) d;
END
$$;
