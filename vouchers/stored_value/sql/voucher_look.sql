-- What a till sees after scanning and before an amount: programme, last four symbols, what is left. Nothing for others.
CREATE OR REPLACE FUNCTION voucher_look(p_till bytea, p_secret bytea, p_by_code boolean, p_id uuid, p_at timestamptz)
RETURNS TABLE (outcome text, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record; v voucher; v_name text; v_reason text;
BEGIN
  SELECT * INTO t FROM voucher_till(p_till, 'look', p_at);
  IF t.refusal IS NOT NULL THEN RETURN QUERY SELECT t.refusal, NULL::jsonb; RETURN; END IF;
  IF p_by_code AND voucher_guessing(t.id, p_at) THEN RETURN QUERY SELECT 'too_many', NULL::jsonb; RETURN; END IF;
  IF p_by_code THEN SELECT * INTO v FROM voucher WHERE code_hash = p_secret;
  ELSE SELECT * INTO v FROM voucher WHERE token_hash = p_secret; END IF;
  IF v.id IS NULL THEN
    INSERT INTO missed_redemption (id, actor_id, reason, recorded_at) VALUES (p_id, t.id, 'unknown', p_at);
    RETURN QUERY SELECT 'unknown', NULL::jsonb; RETURN;
  END IF;
  SELECT name INTO v_name FROM programme WHERE id = v.programme_id;
  v_reason := CASE WHEN NOT t.active THEN 'outlet_suspended' WHEN v.state NOT IN ('active', 'exhausted') THEN 'blocked'
                   WHEN NOT EXISTS (SELECT 1 FROM voucher_accepted(v.programme_id, t.outlet_id, p_at)) THEN 'outside_network' END;
  IF v_reason IS NOT NULL THEN  -- kept for the holder, who may ask why; nothing was asked for yet
    PERFORM voucher_decline(v.id, p_id, 'redeem', v_reason, 0, t.id, 'look:' || p_id, NULL, NULL, t.outlet_id, t.id, NULL, NULL, NULL, p_at);
    RETURN QUERY SELECT v_reason, jsonb_build_object('programme', v_name); RETURN;
  END IF;
  RETURN QUERY SELECT 'done', jsonb_build_object('programme', v_name, 'voucher_last4', v.last4,
    'remaining', voucher_available(v.id, voucher_day(p_at), t.postcode), 'buckets', voucher_lots(v.id, NULL, t.postcode));
END $$;
