-- Sets value of a locked voucher aside for a shop: it stays the holder's, but nobody else can take it.
CREATE OR REPLACE FUNCTION voucher_set_aside(v voucher, p_operation uuid, p_actor uuid, p_key text, p_fingerprint bytea, p_cents bigint, p_outlet uuid,
  p_till uuid, p_receipt text, p_expires timestamptz, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v_day date := voucher_day(p_at); v_free bigint; v_place text; v_host uuid; v_accepted boolean; v_reason text; v_answer jsonb;
BEGIN
  SELECT postcode INTO v_place FROM outlet WHERE id = p_outlet AND active;
  v_accepted := FOUND;
  v_free := voucher_available(v.id, v_day, v_place);
  SELECT host_ledger_id INTO v_host FROM voucher_accepted(v.programme_id, p_outlet, p_at);
  v_reason := voucher_refusal(v, v_accepted AND FOUND, v_free, p_cents, p_at);
  v_answer := CASE WHEN p_till IS NOT NULL AND v_reason IS NULL THEN jsonb_build_object('hold_id', p_operation, 'amount', p_cents,
                     'remaining', v_free - p_cents, 'expires_at', p_expires)
                   WHEN v_reason IS NULL THEN jsonb_build_object('remaining', v_free - p_cents)
                   WHEN p_till IS NULL OR v_reason = 'insufficient' THEN jsonb_build_object('remaining', v_free) END;
  IF v_reason IS NOT NULL THEN
    PERFORM voucher_decline(v.id, p_operation, 'hold', v_reason, p_cents, p_actor, p_key, p_fingerprint, NULL, p_outlet, p_till, NULL, NULL,
                            v_answer, p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, v_answer; RETURN;
  END IF;
  PERFORM voucher_take(v.id, p_operation, v.ledger_id, v.programme_id, 'voucher.hold', p_cents, true, p_outlet, v_host, v_day, v_place);
  PERFORM voucher_link(v.id, p_operation, 'hold', p_cents, 0, p_actor, p_key, p_fingerprint, NULL, p_outlet, p_till, NULL, p_receipt, NULL, NULL,
                       NULL, p_expires, v_answer, p_at, v_host);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;
