-- The till takes value: authentication of the till, acceptance at this second, redemption and receipt in one statement.
CREATE OR REPLACE FUNCTION voucher_redeem(p_till bytea, p_secret bytea, p_by_code boolean, p_operation uuid, p_key text, p_cents bigint,
  p_fingerprint bytea, p_staff uuid, p_receipt text, p_basket bigint, p_client timestamptz, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record; v voucher; g record; v_day date := voucher_day(p_at); v_free bigint; v_host uuid; v_accepted boolean; v_reason text; v_answer jsonb;
BEGIN
  IF coalesce(p_cents, 0) < 1 THEN RAISE EXCEPTION 'cents must be positive' USING ERRCODE = 'check_violation'; END IF;
  SELECT * INTO t FROM voucher_till(p_till, 'redeem', p_at);
  IF t.refusal IS NOT NULL THEN RETURN QUERY SELECT t.refusal, false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  IF p_by_code THEN
    IF voucher_guessing(t.id, p_at) THEN RETURN QUERY SELECT 'too_many', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
    SELECT * INTO v FROM voucher WHERE code_hash = p_secret FOR NO KEY UPDATE;
  ELSE
    SELECT * INTO v FROM voucher WHERE token_hash = p_secret FOR NO KEY UPDATE;
  END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(t.id, p_key, p_fingerprint) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  IF v.id IS NULL OR NOT t.active THEN
    v_reason := CASE WHEN t.active THEN 'unknown' ELSE 'outlet_suspended' END;
    INSERT INTO missed_redemption (id, actor_id, key, fingerprint, reason, recorded_at)
    VALUES (p_operation, t.id, p_key, p_fingerprint, v_reason, p_at);
    RETURN QUERY SELECT v_reason, false, NULL::uuid, NULL::jsonb; RETURN;
  END IF;
  v_free := voucher_available(v.id, v_day, t.postcode);
  SELECT host_ledger_id INTO v_host FROM voucher_accepted(v.programme_id, t.outlet_id, p_at);
  v_accepted := FOUND;
  v_reason := voucher_refusal(v, v_accepted, v_free, p_cents, p_at);
  IF v_reason IS NOT NULL THEN
    v_answer := CASE v_reason WHEN 'insufficient' THEN jsonb_build_object('remaining', v_free)
                WHEN 'outside_network' THEN (SELECT jsonb_build_object('programme', name) FROM programme WHERE id = v.programme_id) END;
    PERFORM voucher_decline(v.id, p_operation, 'redeem', v_reason, p_cents, t.id, p_key, p_fingerprint, NULL, t.outlet_id, t.id, p_staff,
                            NULL, v_answer, p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, v_answer; RETURN;
  END IF;
  PERFORM voucher_take(v.id, p_operation, v.ledger_id, v.programme_id, 'voucher.redeem', p_cents, false, t.outlet_id, v_host, v_day, t.postcode);
  SELECT jsonb_build_object('redemption_id', p_operation, 'amount', p_cents, 'remaining', v_free - p_cents,
           'buckets', voucher_lots(v.id, p_operation, t.postcode),
           'receipt', jsonb_build_object('issuer', i.legal_name, 'programme', pr.name, 'shop', t.shop, 'street', t.street,
             'postcode', t.postcode, 'town', t.town, 'till', t.name, 'cashier', (SELECT alias FROM till_staff WHERE id = p_staff),
             'time', p_at, 'voucher_last4', v.last4, 'receipt_no', p_receipt, 'void_code', upper(right(p_operation::text, 6))))
    INTO v_answer FROM programme pr JOIN organisation i ON i.id = pr.issuer_id WHERE pr.id = v.programme_id;
  PERFORM voucher_link(v.id, p_operation, 'redeem', p_cents, 0, t.id, p_key, p_fingerprint, NULL, t.outlet_id, t.id, p_staff, p_receipt,
                       p_basket, p_client, NULL, NULL, v_answer, p_at, v_host);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;
