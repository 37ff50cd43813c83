-- Gives back a redemption or a captured hold, in full ('void') or in part ('refund'), to the lots it came from. What
-- belongs to a voucher that was merged goes on to the one that took its place; nothing returns to one whose payment was
-- charged back. Decision 0318.
CREATE OR REPLACE FUNCTION voucher_return(
  p_verb text,
  p_redemption uuid,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_cents bigint,
  p_fingerprint bytea,
  p_reason text,
  p_at timestamptz,
  p_outlet uuid DEFAULT NULL,
  p_till uuid DEFAULT NULL,
  p_staff uuid DEFAULT NULL
) RETURNS voucher_outcome
LANGUAGE plpgsql
AS $$
DECLARE
  v_day CONSTANT date := voucher_booking_day(p_at);
  v_redemption voucher_operation;
  v_voucher voucher;
  v_earlier voucher_outcome;
  v_returned bigint;
  v_cents bigint;
  v_lapsed bigint;
  v_reason text;
  v_answer jsonb;
BEGIN
  SELECT * INTO v_redemption
    FROM voucher_operation
   WHERE id = p_redemption
     AND kind IN ('redeem', 'capture')
     AND outcome = 'done'
     AND (p_outlet IS NULL OR outlet_id = p_outlet);
  IF NOT FOUND THEN
    RETURN ROW('unknown', false, NULL, NULL)::voucher_outcome;
  END IF;
  SELECT * INTO v_voucher FROM voucher WHERE id = v_redemption.voucher_id FOR NO KEY UPDATE;
  v_earlier := voucher_replay(p_actor, p_key, p_fingerprint);
  IF v_earlier.outcome IS NOT NULL THEN
    RETURN v_earlier;
  END IF;

  SELECT coalesce(sum(cents), 0) INTO v_returned
    FROM voucher_operation
   WHERE voucher_id = v_voucher.id
     AND ref_id = v_redemption.id
     AND outcome = 'done'
     AND kind IN ('void', 'refund');
  v_cents := CASE p_verb WHEN 'void' THEN v_redemption.cents ELSE p_cents END;
  v_reason := CASE
    WHEN v_voucher.state = 'charged_back' THEN 'not_returnable'
    WHEN p_verb = 'void' AND v_redemption.kind <> 'redeem' AND v_redemption.till_id IS NULL THEN 'not_at_the_till'
    WHEN p_verb = 'void' AND v_returned > 0 THEN 'already_returned'
    WHEN p_verb = 'void' AND v_redemption.booked_on <> v_day THEN 'another_day'
    WHEN v_cents <= 0 THEN 'wrong_amount'
    WHEN v_returned + v_cents > v_redemption.cents THEN 'more_than_redeemed'
  END;
  IF v_reason IS NOT NULL THEN
    v_answer := jsonb_build_object(
      'returnable_cents', CASE v_reason WHEN 'not_returnable' THEN 0 ELSE v_redemption.cents - v_returned END
    );
    RETURN voucher_record_refusal(
      p_voucher => v_voucher.id,
      p_operation => p_operation,
      p_kind => p_verb,
      p_outcome => v_reason,
      p_cents => v_cents,
      p_actor => p_actor,
      p_key => p_key,
      p_at => p_at,
      p_fingerprint => p_fingerprint,
      p_ref => v_redemption.id,
      p_outlet => v_redemption.outlet_id,
      p_till => p_till,
      p_staff => p_staff,
      p_reason => p_reason,
      p_answer => v_answer
    );
  END IF;

  v_lapsed := voucher_credit_lots(
    p_voucher => v_voucher,
    p_operation => p_operation,
    p_ref => v_redemption.id,
    p_kind => 'voucher.' || p_verb,
    p_cents => v_cents,
    p_outlet => v_redemption.outlet_id,
    p_host => v_redemption.host_ledger_id,
    p_day => v_day
  );
  v_answer := jsonb_build_object(
    p_verb || '_id', p_operation,
    'redemption_id', v_redemption.id,
    'amount_cents', v_cents,
    'lapsed_cents', v_lapsed,
    'remaining_cents', voucher_available(v_voucher.id, v_day),
    'buckets', voucher_buckets(v_voucher.id, p_operation),
    'time', p_at
  );
  PERFORM voucher_record_operation(
    p_voucher => v_voucher.id,
    p_operation => p_operation,
    p_kind => p_verb,
    p_cents => v_cents,
    p_actor => p_actor,
    p_key => p_key,
    p_at => p_at,
    p_lapsed => v_lapsed,
    p_fingerprint => p_fingerprint,
    p_ref => v_redemption.id,
    p_outlet => v_redemption.outlet_id,
    p_till => p_till,
    p_staff => p_staff,
    p_reason => p_reason,
    p_answer => v_answer,
    p_host => v_redemption.host_ledger_id
  );

  IF v_cents > v_lapsed THEN
    PERFORM voucher_follow(v_voucher.id, p_actor, p_at);
  END IF;
  RETURN ROW('done', false, p_operation, v_answer)::voucher_outcome;
END
$$;
