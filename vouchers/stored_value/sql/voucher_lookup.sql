-- What a till sees after scanning and before an amount: programme, last four symbols, what is left. Nothing for others.
CREATE OR REPLACE FUNCTION voucher_lookup(
  p_till bytea,
  p_secret bytea,
  p_by_code boolean,
  p_id uuid,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_till till_identity;
  v_voucher voucher;
  v_acceptance programme_acceptance;
  v_programme text;
  v_reason text;
BEGIN
  v_till := till_authenticate(p_till, 'look', p_at);
  IF v_till.refusal IS NOT NULL THEN
    RETURN ROW(v_till.refusal, false, NULL, NULL)::voucher_outcome;
  END IF;
  IF p_by_code THEN
    IF voucher_guesses_exceeded(v_till.id, p_at) THEN
      RETURN ROW('too_many', false, NULL, NULL)::voucher_outcome;
    END IF;
    SELECT * INTO v_voucher FROM voucher WHERE code_hash = p_secret;
  ELSE
    SELECT * INTO v_voucher FROM voucher WHERE token_hash = p_secret;
  END IF;
  IF v_voucher.id IS NULL THEN
    INSERT INTO missed_redemption (id, actor_id, reason, recorded_at) VALUES (p_id, v_till.id, 'unknown', p_at);
    RETURN ROW('unknown', false, NULL, NULL)::voucher_outcome;
  END IF;
  SELECT name INTO v_programme FROM programme WHERE id = v_voucher.programme_id;
  v_acceptance := voucher_acceptance(v_voucher.programme_id, v_till.outlet_id, p_at);
  v_reason := CASE
    WHEN NOT v_till.active THEN 'outlet_suspended'
    WHEN v_voucher.state NOT IN ('active', 'exhausted') THEN 'blocked'
    WHEN NOT v_acceptance.accepted THEN 'outside_network'
  END;
  IF v_reason IS NOT NULL THEN
    -- Kept for the holder, who may ask why; nothing was asked for yet. Decision 0312.
    PERFORM voucher_record_refusal(
      p_voucher => v_voucher.id,
      p_operation => p_id,
      p_kind => 'redeem',
      p_outcome => v_reason,
      p_cents => 0,
      p_actor => v_till.id,
      p_key => 'look:' || p_id,
      p_at => p_at,
      p_outlet => v_till.outlet_id,
      p_till => v_till.id
    );
    RETURN ROW(v_reason, false, NULL, jsonb_build_object('programme', v_programme))::voucher_outcome;
  END IF;
  RETURN ROW(
    'done',
    false,
    NULL,
    jsonb_build_object(
      'programme', v_programme,
      'voucher_last4', v_voucher.last4,
      'remaining_cents', voucher_available(v_voucher.id, voucher_booking_day(p_at), v_till.postcode),
      'buckets', voucher_buckets(v_voucher.id, NULL, v_till.postcode)
    )
  )::voucher_outcome;
END
$$;
