-- Of one purchase whose money was taken back, what is left goes out, at most `p_cents`, wherever it lies by now. What
-- is held for an order stays, and what was spent: the shop keeps its money. `p_bonus`: not the purchase's own lot but
-- this one beside it, added by a campaign. `p_whole`: nothing of the money is left, so that an empty voucher is dead.
-- Decision 0207.
CREATE OR REPLACE FUNCTION voucher_charge_back(
  p_origin uuid,
  p_bonus uuid,
  p_cents bigint,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_whole boolean,
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
    RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb, NULL::uuid;
    RETURN;
  END IF;

  RETURN QUERY
    SELECT d.outcome, d.replay, d.operation_id, d.answer, v_lot.voucher_id
      FROM voucher_deduct(
             p_verb => 'charge_back',
             p_voucher => v_lot.voucher_id,
             p_lot => coalesce(p_bonus, v_lot.id),
             p_cents => p_cents,
             p_operation => p_operation,
             p_actor => p_actor,
             p_key => p_key,
             p_credit => p_credit,
             p_credit_party => p_credit_party,
             p_reason => p_reason,
             p_at => p_at,
             p_state => CASE WHEN p_whole THEN 'charged_back' END
           ) d;
END
$$;
