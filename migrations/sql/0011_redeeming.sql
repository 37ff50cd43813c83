-- What tills and payments do with a voucher. One round trip and one lock each, as in 0005_vouchers.sql.

-- Why nothing can be taken, or held, of this voucher in this shop; NULL when it can.
CREATE FUNCTION voucher_refusal(v voucher, p_accepted boolean, p_free bigint, p_cents bigint, p_at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  RETURN CASE WHEN v.state NOT IN ('active', 'exhausted') THEN 'blocked'
              WHEN NOT p_accepted THEN 'outside_network'
              WHEN voucher_hurries(v, p_at) THEN 'velocity_voucher'
              WHEN p_free < p_cents THEN 'insufficient' END;
END $$;

-- The till takes value: authentication of the till, acceptance at this second, redemption and receipt in one statement.
CREATE FUNCTION voucher_redeem(p_till bytea, p_secret bytea, p_by_code boolean, p_operation uuid, p_key text, p_cents bigint,
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

-- What a till sees after scanning and before an amount: programme, last four symbols, what is left. Nothing for others.
CREATE FUNCTION voucher_look(p_till bytea, p_secret bytea, p_by_code boolean, p_id uuid, p_at timestamptz)
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

-- Sets value of a locked voucher aside for a shop: it stays the holder's, but nobody else can take it.
CREATE FUNCTION voucher_set_aside(v voucher, p_operation uuid, p_actor uuid, p_key text, p_fingerprint bytea, p_cents bigint, p_outlet uuid,
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

-- For a payment.
CREATE FUNCTION voucher_hold(p_voucher uuid, p_operation uuid, p_actor uuid, p_key text, p_cents bigint, p_outlet uuid,
  p_expires timestamptz, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v voucher; g record; v_print bytea := sha256(convert_to(concat_ws('|', 'hold', p_voucher, p_cents, p_outlet), 'UTF8'));
BEGIN
  IF coalesce(p_cents, 0) < 1 THEN RAISE EXCEPTION 'cents must be positive' USING ERRCODE = 'check_violation'; END IF;
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, v_print) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  RETURN QUERY SELECT * FROM voucher_set_aside(v, p_operation, p_actor, p_key, v_print, p_cents, p_outlet, NULL, NULL, p_expires, p_at);
END $$;

-- For a cash register that knows the amount before the goods are handed over.
CREATE FUNCTION voucher_till_hold(p_till bytea, p_secret bytea, p_by_code boolean, p_operation uuid, p_key text, p_cents bigint,
  p_fingerprint bytea, p_receipt text, p_expires timestamptz, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record; v voucher; g record; v_reason text;
BEGIN
  IF coalesce(p_cents, 0) < 1 THEN RAISE EXCEPTION 'cents must be positive' USING ERRCODE = 'check_violation'; END IF;
  SELECT * INTO t FROM voucher_till(p_till, 'hold', p_at);
  IF t.refusal IS NOT NULL THEN RETURN QUERY SELECT t.refusal, false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  IF p_by_code AND voucher_guessing(t.id, p_at) THEN RETURN QUERY SELECT 'too_many', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  IF p_by_code THEN SELECT * INTO v FROM voucher WHERE code_hash = p_secret FOR NO KEY UPDATE;
  ELSE SELECT * INTO v FROM voucher WHERE token_hash = p_secret FOR NO KEY UPDATE; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(t.id, p_key, p_fingerprint) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  IF v.id IS NULL OR NOT t.active THEN
    v_reason := CASE WHEN t.active THEN 'unknown' ELSE 'outlet_suspended' END;
    INSERT INTO missed_redemption (id, actor_id, key, fingerprint, reason, recorded_at)
    VALUES (p_operation, t.id, p_key, p_fingerprint, v_reason, p_at);
    RETURN QUERY SELECT v_reason, false, NULL::uuid, NULL::jsonb; RETURN;
  END IF;
  RETURN QUERY SELECT * FROM voucher_set_aside(v, p_operation, t.id, p_key, p_fingerprint, p_cents, t.outlet_id, t.id, p_receipt, p_expires, p_at);
END $$;

-- Ends a hold: 'capture' owes the held value to the shop it was held for, 'release' gives it back to its lots.
CREATE FUNCTION voucher_settle_hold(p_verb text, p_voucher uuid, p_hold uuid, p_operation uuid, p_actor uuid, p_key text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v voucher; g record; h record; p record; v_day date := voucher_day(p_at); v_line int := 0; v_capture boolean := p_verb = 'capture';
  v_reason text; v_answer jsonb; v_print bytea := sha256(convert_to(concat_ws('|', p_verb, p_voucher, p_hold), 'UTF8'));
BEGIN
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, v_print) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  SELECT o.id, o.cents, o.outlet_id, o.till_id, o.receipt_no, o.host_ledger_id INTO h FROM voucher_operation o
   WHERE o.voucher_id = p_voucher AND o.id = p_hold AND o.kind = 'hold' AND o.outcome = 'done';
  v_reason := CASE WHEN h.id IS NULL THEN 'no_hold'
    WHEN EXISTS (SELECT 1 FROM voucher_operation o WHERE o.voucher_id = p_voucher AND o.ref_id = p_hold AND o.outcome = 'done'
                 AND o.kind IN ('capture', 'release')) THEN 'already_ended' END;
  IF v_reason IS NOT NULL THEN
    PERFORM voucher_decline(v.id, p_operation, p_verb, v_reason, coalesce(h.cents, 0), p_actor, p_key, v_print, p_hold, h.outlet_id, NULL,
                            NULL, NULL, NULL, p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, NULL::jsonb; RETURN;
  END IF;
  FOR p IN SELECT o.lot_id, o.line_no, o.cents, l.kind FROM operation_part o JOIN lot l ON l.voucher_id = o.voucher_id AND l.id = o.lot_id
            WHERE o.voucher_id = p_voucher AND o.operation_id = p_hold ORDER BY o.line_no LOOP
    v_line := p.line_no;
    UPDATE lot SET held = held - p.cents, balance = CASE WHEN v_capture THEN balance - p.cents ELSE balance END
     WHERE voucher_id = p_voucher AND id = p.lot_id;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_voucher, p_operation, p.lot_id, p.line_no, p.cents, false);
    PERFORM ledger_post(p_voucher, p_operation, p.line_no, v.ledger_id, 'voucher.' || p_verb, 'VH', p_voucher,
                        CASE WHEN NOT v_capture THEN voucher_account(p.kind) WHEN h.host_ledger_id IS NULL THEN 'KR' ELSE 'CL' END,
                        CASE WHEN v_capture THEN coalesce(h.host_ledger_id, h.outlet_id) ELSE p_voucher END, p.cents, v.programme_id,
                        CASE WHEN NOT v_capture THEN p_hold END, v_day);
  END LOOP;
  IF v_capture AND h.host_ledger_id IS NOT NULL THEN
    PERFORM ledger_post(p_voucher, p_operation, v_line + 1, h.host_ledger_id, 'voucher.capture', 'CL', v.ledger_id, 'KR', h.outlet_id, h.cents,
                        v.programme_id, NULL, v_day);
  END IF;
  PERFORM ledger_queue(p_voucher, p_operation, 'voucher.' || p_verb);
  v_answer := jsonb_build_object('amount', h.cents, 'remaining', voucher_available(v.id, v_day));
  IF h.till_id IS NOT NULL THEN
    v_answer := v_answer || jsonb_build_object('hold_id', p_hold) || CASE WHEN v_capture THEN jsonb_build_object('redemption_id', p_operation)
                ELSE '{}'::jsonb END;
  END IF;
  PERFORM voucher_link(v.id, p_operation, p_verb, h.cents, 0, p_actor, p_key, v_print, p_hold, h.outlet_id, h.till_id, NULL, h.receipt_no, NULL,
                       NULL, NULL, NULL, v_answer, p_at, h.host_ledger_id);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;

-- A cash register ends its own shop's hold. After its time it can only be given back.
CREATE FUNCTION voucher_till_settle(p_verb text, p_till bytea, p_hold uuid, p_operation uuid, p_key text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record; h record;
BEGIN
  SELECT * INTO t FROM voucher_till(p_till, 'hold', p_at);
  IF t.refusal IS NOT NULL AND NOT (t.refusal = 'till_paused' AND p_verb = 'release') THEN
    RETURN QUERY SELECT t.refusal, false, NULL::uuid, NULL::jsonb; RETURN;
  END IF;
  SELECT o.voucher_id, o.expires_at INTO h FROM voucher_operation o
   WHERE o.id = p_hold AND o.kind = 'hold' AND o.outcome = 'done' AND o.outlet_id = t.outlet_id AND o.till_id IS NOT NULL;
  IF NOT FOUND THEN RETURN QUERY SELECT 'no_hold', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  IF p_verb = 'capture' AND h.expires_at <= p_at AND NOT EXISTS (SELECT 1 FROM voucher_operation WHERE actor_id = t.id AND key = p_key) THEN
    RETURN QUERY SELECT 'expired', false, NULL::uuid, NULL::jsonb; RETURN;
  END IF;
  RETURN QUERY SELECT * FROM voucher_settle_hold(p_verb, h.voucher_id, p_hold, p_operation, t.id, p_key, p_at);
END $$;

-- Gives back a redemption or a captured hold, in full or in part, to the lots it came from. What belongs to a voucher that
-- was merged goes on to the one that took its place; nothing returns to one whose payment was charged back.
CREATE FUNCTION voucher_return(p_verb text, p_redemption uuid, p_operation uuid, p_actor uuid, p_key text, p_cents bigint, p_fingerprint bytea,
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

-- The till takes back what it took: in full, on the same business day, at the same shop.
CREATE FUNCTION voucher_void(p_till bytea, p_redemption uuid, p_operation uuid, p_key text, p_fingerprint bytea, p_staff uuid, p_reason text,
  p_at timestamptz) RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record;
BEGIN
  SELECT * INTO t FROM voucher_till(p_till, 'return', p_at);
  IF t.refusal IS NOT NULL THEN RETURN QUERY SELECT t.refusal, false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  RETURN QUERY SELECT * FROM voucher_return('void', p_redemption, p_operation, t.id, p_key, NULL, p_fingerprint, t.outlet_id, t.id, p_staff,
                                            p_reason, p_at);
END $$;

-- The till gives back a part later: returned goods.
CREATE FUNCTION voucher_till_refund(p_till bytea, p_redemption uuid, p_operation uuid, p_key text, p_cents bigint, p_fingerprint bytea,
  p_staff uuid, p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record;
BEGIN
  SELECT * INTO t FROM voucher_till(p_till, 'return', p_at);
  IF t.refusal IS NOT NULL THEN RETURN QUERY SELECT t.refusal, false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  RETURN QUERY SELECT * FROM voucher_return('refund', p_redemption, p_operation, t.id, p_key, p_cents, p_fingerprint, t.outlet_id, t.id,
                                            p_staff, p_reason, p_at);
END $$;
