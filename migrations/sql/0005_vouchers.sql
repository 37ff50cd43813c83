-- What can happen to a voucher. Each function is one round trip, takes one lock (the voucher's row), looks for a repeated
-- key after the lock, decides, and writes lots, operation, booking sentences and outbox together.
-- Small questions are plpgsql too: it keeps plans, where SQL functions plan anew at every call.
-- Lots are written only under their voucher's lock. Vouchers, lots and operations are written by these functions alone.

CREATE FUNCTION voucher_account(p_kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_kind WHEN 'bonus' THEN 'VB' WHEN 'employer' THEN 'VE' ELSE 'VL' END
$$;

CREATE FUNCTION voucher_day(p_at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT (p_at AT TIME ZONE 'Europe/Berlin')::date
$$;

-- What may be spent today.
CREATE FUNCTION voucher_available(p_voucher uuid, p_day date) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (
  SELECT coalesce(sum(balance - held), 0)::bigint FROM lot WHERE voucher_id = p_voucher AND legal_end >= p_day);
END $$;

CREATE FUNCTION voucher_lots(p_voucher uuid, p_operation uuid) RETURNS jsonb LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (
  SELECT coalesce(jsonb_agg(jsonb_build_object('kind', l.kind, 'amount', coalesce(p.cents, 0),
           'remaining', l.balance - l.held, 'valid_until', l.legal_end) ORDER BY l.legal_end, l.id), '[]'::jsonb)
    FROM lot l LEFT JOIN operation_part p
      ON p.voucher_id = l.voucher_id AND p.operation_id = p_operation AND p.lot_id = l.id
   WHERE l.voucher_id = p_voucher AND (l.balance > 0 OR p.cents IS NOT NULL));
END $$;

-- The next link of the voucher's chain: moves the version on and writes the operation. The lots were changed before.
CREATE FUNCTION voucher_link(p_voucher uuid, p_operation uuid, p_kind text, p_cents bigint, p_lapsed bigint, p_actor uuid, p_key text,
  p_fingerprint bytea, p_ref uuid, p_outlet uuid, p_till uuid, p_staff uuid, p_receipt text, p_basket bigint, p_client timestamptz,
  p_reason text, p_expires timestamptz, p_answer jsonb, p_at timestamptz) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE v_version int; v_balance bigint; v_held bigint;
BEGIN
  SELECT sum(balance), sum(held) INTO v_balance, v_held FROM lot WHERE voucher_id = p_voucher;
  UPDATE voucher SET version = version + 1,
         state = CASE WHEN state = 'active' AND v_balance = 0 THEN 'exhausted'
                      WHEN state = 'exhausted' AND v_balance > 0 THEN 'active' ELSE state END
   WHERE id = p_voucher RETURNING version INTO v_version;
  INSERT INTO voucher_operation (voucher_id, id, kind, outcome, cents, lapsed_cents, actor_id, key, fingerprint, ref_id, version,
      balance_after, held_after, outlet_id, till_id, staff_id, receipt_no, basket_cents, client_time, reason, expires_at, answer, recorded_at, booked_on)
  VALUES (p_voucher, p_operation, p_kind, 'done', p_cents, p_lapsed, p_actor, p_key, p_fingerprint, p_ref, v_version,
      v_balance, v_held, p_outlet, p_till, p_staff, p_receipt, p_basket, p_client, p_reason, p_expires, p_answer, p_at, voucher_day(p_at));
END $$;

-- A refusal is as durable as a success: its key can never succeed later.
CREATE FUNCTION voucher_decline(p_voucher uuid, p_operation uuid, p_kind text, p_outcome text, p_cents bigint, p_actor uuid, p_key text,
  p_fingerprint bytea, p_ref uuid, p_outlet uuid, p_till uuid, p_staff uuid, p_reason text, p_answer jsonb, p_at timestamptz)
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO voucher_operation (voucher_id, id, kind, outcome, cents, lapsed_cents, actor_id, key, fingerprint, ref_id, outlet_id, till_id,
      staff_id, reason, answer, recorded_at, booked_on)
  VALUES (p_voucher, p_operation, p_kind, p_outcome, greatest(p_cents, 0), 0, p_actor, p_key, p_fingerprint, p_ref, p_outlet, p_till,
      p_staff, p_reason, p_answer, p_at, voucher_day(p_at));
END $$;

-- Takes value out of the lots in the order of their legal end (or holds it), stores the split and books it, line by line.
CREATE FUNCTION voucher_take(p_voucher uuid, p_operation uuid, p_ledger uuid, p_programme uuid, p_kind text, p_cents bigint, p_hold boolean,
  p_credit text, p_credit_party uuid, p_day date) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE l record; v_left bigint := p_cents; v_take bigint; v_line int := 0;
BEGIN
  FOR l IN SELECT id, kind, balance - held AS free FROM lot
            WHERE voucher_id = p_voucher AND legal_end >= p_day AND balance > held ORDER BY legal_end, id LOOP
    EXIT WHEN v_left = 0;
    v_take := least(v_left, l.free);
    v_line := v_line + 1;
    IF p_hold THEN
      UPDATE lot SET held = held + v_take WHERE voucher_id = p_voucher AND id = l.id;
    ELSE
      UPDATE lot SET balance = balance - v_take WHERE voucher_id = p_voucher AND id = l.id;
    END IF;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_voucher, p_operation, l.id, v_line, v_take, false);
    PERFORM ledger_post(p_voucher, p_operation, v_line, p_ledger, p_kind, voucher_account(l.kind), p_voucher,
                        p_credit, p_credit_party, v_take, p_programme, NULL, p_day);
    v_left := v_left - v_take;
  END LOOP;
  IF v_left <> 0 THEN RAISE EXCEPTION 'voucher % lacks % cents', p_voucher, v_left; END IF;
  PERFORM ledger_queue(p_voucher, p_operation, p_kind);
END $$;

-- Puts value back into the lots it came from, last taken first. What a lapsed bonus gets back goes to the campaign's budget.
CREATE FUNCTION voucher_put_back(p_voucher uuid, p_operation uuid, p_ref uuid, p_ledger uuid, p_programme uuid, p_kind text, p_cents bigint,
  p_outlet uuid, p_day date) RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE p record; v_left bigint := p_cents; v_back bigint; v_line int := 0; v_lapsed bigint := 0; v_gone boolean;
BEGIN
  FOR p IN SELECT o.lot_id, l.kind, l.origin_id, l.legal_end, o.cents - coalesce((SELECT sum(b.cents) FROM voucher_operation r
                    JOIN operation_part b ON b.voucher_id = r.voucher_id AND b.operation_id = r.id AND b.lot_id = o.lot_id
                   WHERE r.voucher_id = p_voucher AND r.ref_id = p_ref AND r.outcome = 'done' AND r.kind IN ('void', 'refund')), 0) AS open
             FROM operation_part o JOIN lot l ON l.voucher_id = o.voucher_id AND l.id = o.lot_id
            WHERE o.voucher_id = p_voucher AND o.operation_id = p_ref ORDER BY o.line_no DESC LOOP
    EXIT WHEN v_left = 0;
    CONTINUE WHEN p.open <= 0;
    v_back := least(v_left, p.open);
    v_line := v_line + 1;
    v_gone := p.kind = 'bonus' AND p.legal_end < p_day;
    IF v_gone THEN v_lapsed := v_lapsed + v_back;
    ELSE UPDATE lot SET balance = balance + v_back WHERE voucher_id = p_voucher AND id = p.lot_id; END IF;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_voucher, p_operation, p.lot_id, v_line, v_back, v_gone);
    PERFORM ledger_post(p_voucher, p_operation, v_line, p_ledger, p_kind, 'KR', p_outlet,
                        CASE WHEN v_gone THEN 'CB' ELSE voucher_account(p.kind) END,
                        CASE WHEN v_gone THEN p.origin_id ELSE p_voucher END, v_back, p_programme, p_ref, p_day);
    v_left := v_left - v_back;
  END LOOP;
  IF v_left <> 0 THEN RAISE EXCEPTION 'operation % has no % cents left to give back', p_ref, v_left; END IF;
  PERFORM ledger_queue(p_voucher, p_operation, p_kind);
  RETURN v_lapsed;
END $$;

-- What was decided for this key before, or no row.
CREATE FUNCTION voucher_earlier(p_actor uuid, p_key text, p_fingerprint bytea)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT CASE WHEN o.fingerprint = p_fingerprint THEN o.outcome ELSE 'key_reused' END, true, o.id,
         CASE WHEN o.fingerprint = p_fingerprint THEN o.answer END
    FROM voucher_operation o WHERE o.actor_id = p_actor AND o.key = p_key
  UNION ALL
  SELECT CASE WHEN m.fingerprint = p_fingerprint THEN m.reason ELSE 'key_reused' END, true, NULL::uuid, NULL::jsonb
    FROM missed_redemption m WHERE m.actor_id = p_actor AND m.key = p_key;
END $$;

-- Guessing typed codes at an enrolled till: 20 misses in ten minutes are enough.
CREATE FUNCTION voucher_guessing(p_actor uuid, p_at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (
  SELECT count(*) >= 20 FROM missed_redemption
   WHERE actor_id = p_actor AND recorded_at > p_at - interval '10 minutes' AND reason = 'unknown');
END $$;

-- A new voucher with its first lot, or another lot for a voucher there is. Gives the voucher's id: an older one when the key was used.
CREATE FUNCTION voucher_issue(p_voucher uuid, p_operation uuid, p_lot uuid, p_programme uuid, p_token bytea, p_code bytea, p_pin bytea,
  p_last4 text, p_ags text, p_kind text, p_origin uuid, p_cents bigint, p_legal_end date, p_debit text, p_debit_party uuid,
  p_actor uuid, p_key text, p_reason text, p_at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE v_ledger uuid; v_earlier uuid; v_state text; v_verb text := CASE WHEN p_token IS NULL THEN 'load' ELSE 'issue' END;
BEGIN
  SELECT voucher_id INTO v_earlier FROM voucher_operation WHERE actor_id = p_actor AND key = p_key;
  IF FOUND THEN RETURN v_earlier; END IF;
  IF p_token IS NULL THEN
    SELECT ledger_id, state INTO v_ledger, v_state FROM voucher WHERE id = p_voucher AND programme_id = p_programme FOR NO KEY UPDATE;
    IF v_state IS NULL OR v_state NOT IN ('active', 'exhausted') THEN RAISE EXCEPTION 'voucher % takes no load', p_voucher; END IF;
  ELSE
    SELECT issuer_id INTO STRICT v_ledger FROM programme WHERE id = p_programme;
    INSERT INTO voucher (id, programme_id, ledger_id, token_hash, code_hash, pin_hash, last4, state, version, issue_ags, wrong_pins, issued_at)
    VALUES (p_voucher, p_programme, v_ledger, p_token, p_code, p_pin, p_last4, 'active', 0, p_ags, 0, p_at);
  END IF;
  INSERT INTO lot (voucher_id, id, kind, origin_id, issued_cents, balance, held, issued_on, legal_end)
  VALUES (p_voucher, p_lot, p_kind, p_origin, p_cents, p_cents, 0, voucher_day(p_at), p_legal_end);
  INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed) VALUES (p_voucher, p_operation, p_lot, 1, p_cents, false);
  PERFORM ledger_post(p_voucher, p_operation, 1, v_ledger, 'voucher.' || v_verb, p_debit, p_debit_party, voucher_account(p_kind), p_voucher,
                      p_cents, p_programme, NULL, voucher_day(p_at));
  PERFORM ledger_queue(p_voucher, p_operation, 'voucher.' || v_verb);
  PERFORM voucher_link(p_voucher, p_operation, v_verb, p_cents, 0, p_actor, p_key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                       p_reason, NULL, NULL, p_at);
  RETURN p_voucher;
END $$;

-- The till takes value: authentication of the till, acceptance at this second, redemption and receipt in one statement.
CREATE FUNCTION voucher_redeem(p_till bytea, p_secret bytea, p_by_code boolean, p_operation uuid, p_key text, p_cents bigint,
  p_fingerprint bytea, p_staff uuid, p_receipt text, p_basket bigint, p_client timestamptz, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record; v voucher; g record; v_day date := voucher_day(p_at); v_free bigint; v_reason text; v_answer jsonb;
BEGIN
  IF coalesce(p_cents, 0) < 1 THEN RAISE EXCEPTION 'cents must be positive' USING ERRCODE = 'check_violation'; END IF;
  SELECT till.id, till.name, till.outlet_id, o.name AS shop, o.street, o.postcode, m.name AS town, o.active INTO t
    FROM till JOIN outlet o ON o.id = till.outlet_id JOIN municipality m ON m.ags = o.ags
   WHERE till.token_hash = p_till AND till.revoked_at IS NULL;
  IF NOT FOUND THEN RETURN QUERY SELECT 'till_unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
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
  v_free := voucher_available(v.id, v_day);
  v_reason := CASE WHEN v.state NOT IN ('active', 'exhausted') THEN 'blocked'
                   WHEN NOT EXISTS (SELECT 1 FROM acceptance a WHERE a.programme_id = v.programme_id AND a.outlet_id = t.outlet_id
                          AND a.valid_from <= p_at AND (a.valid_until IS NULL OR a.valid_until > p_at)) THEN 'outside_network'
                   WHEN v_free < p_cents THEN 'insufficient' END;
  IF v_reason IS NOT NULL THEN
    v_answer := CASE v_reason WHEN 'insufficient' THEN jsonb_build_object('remaining', v_free)
                WHEN 'outside_network' THEN (SELECT jsonb_build_object('programme', name) FROM programme WHERE id = v.programme_id) END;
    PERFORM voucher_decline(v.id, p_operation, 'redeem', v_reason, p_cents, t.id, p_key, p_fingerprint, NULL, t.outlet_id, t.id, p_staff,
                            NULL, v_answer, p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, v_answer; RETURN;
  END IF;
  PERFORM voucher_take(v.id, p_operation, v.ledger_id, v.programme_id, 'voucher.redeem', p_cents, false, 'KR', t.outlet_id, v_day);
  SELECT jsonb_build_object('redemption_id', p_operation, 'amount', p_cents, 'remaining', v_free - p_cents,
           'buckets', voucher_lots(v.id, p_operation),
           'receipt', jsonb_build_object('issuer', i.legal_name, 'programme', pr.name, 'shop', t.shop, 'street', t.street,
             'postcode', t.postcode, 'town', t.town, 'till', t.name, 'cashier', (SELECT alias FROM till_staff WHERE id = p_staff),
             'time', p_at, 'voucher_last4', v.last4, 'receipt_no', p_receipt, 'void_code', upper(right(p_operation::text, 6))))
    INTO v_answer FROM programme pr JOIN organisation i ON i.id = pr.issuer_id WHERE pr.id = v.programme_id;
  PERFORM voucher_link(v.id, p_operation, 'redeem', p_cents, 0, t.id, p_key, p_fingerprint, NULL, t.outlet_id, t.id, p_staff, p_receipt,
                       p_basket, p_client, NULL, NULL, v_answer, p_at);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;

-- What a till sees after scanning and before an amount: programme, last four symbols, what is left. Nothing for others.
CREATE FUNCTION voucher_look(p_till bytea, p_secret bytea, p_by_code boolean, p_id uuid, p_at timestamptz)
RETURNS TABLE (outcome text, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record; v voucher; v_name text; v_reason text;
BEGIN
  SELECT till.id, till.outlet_id, o.active INTO t FROM till JOIN outlet o ON o.id = till.outlet_id
   WHERE till.token_hash = p_till AND till.revoked_at IS NULL;
  IF NOT FOUND THEN RETURN QUERY SELECT 'till_unknown', NULL::jsonb; RETURN; END IF;
  IF p_by_code AND voucher_guessing(t.id, p_at) THEN RETURN QUERY SELECT 'too_many', NULL::jsonb; RETURN; END IF;
  IF p_by_code THEN SELECT * INTO v FROM voucher WHERE code_hash = p_secret;
  ELSE SELECT * INTO v FROM voucher WHERE token_hash = p_secret; END IF;
  IF v.id IS NULL THEN
    INSERT INTO missed_redemption (id, actor_id, reason, recorded_at) VALUES (p_id, t.id, 'unknown', p_at);
    RETURN QUERY SELECT 'unknown', NULL::jsonb; RETURN;
  END IF;
  SELECT name INTO v_name FROM programme WHERE id = v.programme_id;
  v_reason := CASE WHEN NOT t.active THEN 'outlet_suspended' WHEN v.state NOT IN ('active', 'exhausted') THEN 'blocked'
                   WHEN NOT EXISTS (SELECT 1 FROM acceptance a WHERE a.programme_id = v.programme_id AND a.outlet_id = t.outlet_id
                          AND a.valid_from <= p_at AND (a.valid_until IS NULL OR a.valid_until > p_at)) THEN 'outside_network' END;
  IF v_reason IS NOT NULL THEN RETURN QUERY SELECT v_reason, jsonb_build_object('programme', v_name); RETURN; END IF;
  RETURN QUERY SELECT 'done', jsonb_build_object('programme', v_name, 'voucher_last4', v.last4,
    'remaining', voucher_available(v.id, voucher_day(p_at)), 'buckets', voucher_lots(v.id, NULL));
END $$;

-- Sets value aside for a payment: it stays the holder's, but nobody else can take it.
CREATE FUNCTION voucher_hold(p_voucher uuid, p_operation uuid, p_actor uuid, p_key text, p_cents bigint, p_outlet uuid,
  p_expires timestamptz, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v voucher; g record; v_day date := voucher_day(p_at); v_free bigint; v_reason text; v_answer jsonb;
  v_print bytea := sha256(convert_to(concat_ws('|', 'hold', p_voucher, p_cents, p_outlet), 'UTF8'));
BEGIN
  IF coalesce(p_cents, 0) < 1 THEN RAISE EXCEPTION 'cents must be positive' USING ERRCODE = 'check_violation'; END IF;
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, v_print) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  v_free := voucher_available(v.id, v_day);
  v_reason := CASE WHEN p_cents <= 0 THEN 'wrong_amount' WHEN v.state NOT IN ('active', 'exhausted') THEN 'blocked'
                   WHEN NOT EXISTS (SELECT 1 FROM acceptance a JOIN outlet o ON o.id = a.outlet_id AND o.active
                         WHERE a.programme_id = v.programme_id AND a.outlet_id = p_outlet
                           AND a.valid_from <= p_at AND (a.valid_until IS NULL OR a.valid_until > p_at)) THEN 'outside_network'
                   WHEN v_free < p_cents THEN 'insufficient' END;
  v_answer := jsonb_build_object('remaining', CASE WHEN v_reason IS NULL THEN v_free - p_cents ELSE v_free END);
  IF v_reason IS NOT NULL THEN
    PERFORM voucher_decline(v.id, p_operation, 'hold', v_reason, p_cents, p_actor, p_key, v_print, NULL, p_outlet, NULL, NULL, NULL, v_answer, p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, v_answer; RETURN;
  END IF;
  PERFORM voucher_take(v.id, p_operation, v.ledger_id, v.programme_id, 'voucher.hold', p_cents, true, 'VH', v.id, v_day);
  PERFORM voucher_link(v.id, p_operation, 'hold', p_cents, 0, p_actor, p_key, v_print, NULL, p_outlet, NULL, NULL, NULL, NULL, NULL, NULL,
                       p_expires, v_answer, p_at);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;

-- Ends a hold: 'capture' owes the held value to the shop it was held for, 'release' gives it back to its lots.
CREATE FUNCTION voucher_settle_hold(p_verb text, p_voucher uuid, p_hold uuid, p_operation uuid, p_actor uuid, p_key text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v voucher; g record; h record; p record; v_day date := voucher_day(p_at); v_reason text; v_answer jsonb;
  v_print bytea := sha256(convert_to(concat_ws('|', p_verb, p_voucher, p_hold), 'UTF8'));
BEGIN
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, v_print) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  SELECT o.id, o.cents, o.outlet_id INTO h FROM voucher_operation o
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
    UPDATE lot SET held = held - p.cents, balance = CASE p_verb WHEN 'capture' THEN balance - p.cents ELSE balance END
     WHERE voucher_id = p_voucher AND id = p.lot_id;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_voucher, p_operation, p.lot_id, p.line_no, p.cents, false);
    PERFORM ledger_post(p_voucher, p_operation, p.line_no, v.ledger_id, 'voucher.' || p_verb, 'VH', p_voucher,
                        CASE p_verb WHEN 'capture' THEN 'KR' ELSE voucher_account(p.kind) END,
                        CASE p_verb WHEN 'capture' THEN h.outlet_id ELSE p_voucher END, p.cents, v.programme_id,
                        CASE p_verb WHEN 'release' THEN p_hold END, v_day);
  END LOOP;
  PERFORM ledger_queue(p_voucher, p_operation, 'voucher.' || p_verb);
  v_answer := jsonb_build_object('amount', h.cents, 'remaining', voucher_available(v.id, v_day));
  PERFORM voucher_link(v.id, p_operation, p_verb, h.cents, 0, p_actor, p_key, v_print, p_hold, h.outlet_id, NULL, NULL, NULL, NULL, NULL,
                       NULL, NULL, v_answer, p_at);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;

CREATE FUNCTION voucher_capture(p_voucher uuid, p_hold uuid, p_operation uuid, p_actor uuid, p_key text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT * FROM voucher_settle_hold('capture', p_voucher, p_hold, p_operation, p_actor, p_key, p_at)
$$;

CREATE FUNCTION voucher_release(p_voucher uuid, p_hold uuid, p_operation uuid, p_actor uuid, p_key text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT * FROM voucher_settle_hold('release', p_voucher, p_hold, p_operation, p_actor, p_key, p_at)
$$;

-- Gives back a redemption or a captured hold, in full or in part, to the lots it came from.
CREATE FUNCTION voucher_return(p_verb text, p_redemption uuid, p_operation uuid, p_actor uuid, p_key text, p_cents bigint, p_fingerprint bytea,
  p_outlet uuid, p_till uuid, p_staff uuid, p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v voucher; g record; r record; v_day date := voucher_day(p_at); v_done bigint; v_cents bigint; v_lapsed bigint; v_reason text; v_answer jsonb;
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
  v_reason := CASE WHEN p_verb = 'void' AND r.kind <> 'redeem' THEN 'not_at_the_till'
                   WHEN p_verb = 'void' AND v_done > 0 THEN 'already_returned'
                   WHEN p_verb = 'void' AND r.booked_on <> v_day THEN 'another_day'
                   WHEN v_cents <= 0 THEN 'wrong_amount'
                   WHEN v_done + v_cents > r.cents THEN 'more_than_redeemed' END;
  IF v_reason IS NOT NULL THEN
    v_answer := jsonb_build_object('returnable', r.cents - v_done);
    PERFORM voucher_decline(v.id, p_operation, p_verb, v_reason, v_cents, p_actor, p_key, p_fingerprint, r.id, r.outlet_id, p_till, p_staff,
                            p_reason, v_answer, p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, v_answer; RETURN;
  END IF;
  v_lapsed := voucher_put_back(v.id, p_operation, r.id, v.ledger_id, v.programme_id, 'voucher.' || p_verb, v_cents, r.outlet_id, v_day);
  v_answer := jsonb_build_object(p_verb || '_id', p_operation, 'redemption_id', r.id, 'amount', v_cents, 'lapsed', v_lapsed,
    'remaining', voucher_available(v.id, v_day), 'buckets', voucher_lots(v.id, p_operation), 'time', p_at);
  PERFORM voucher_link(v.id, p_operation, p_verb, v_cents, v_lapsed, p_actor, p_key, p_fingerprint, r.id, r.outlet_id, p_till, p_staff, NULL,
                       NULL, NULL, p_reason, NULL, v_answer, p_at);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;

-- The till takes back what it took: in full, on the same business day, at the same shop.
CREATE FUNCTION voucher_void(p_till bytea, p_redemption uuid, p_operation uuid, p_key text, p_fingerprint bytea, p_staff uuid, p_reason text,
  p_at timestamptz) RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE t record;
BEGIN
  SELECT id, outlet_id INTO t FROM till WHERE token_hash = p_till AND revoked_at IS NULL;
  IF NOT FOUND THEN RETURN QUERY SELECT 'till_unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
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
  SELECT id, outlet_id INTO t FROM till WHERE token_hash = p_till AND revoked_at IS NULL;
  IF NOT FOUND THEN RETURN QUERY SELECT 'till_unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  RETURN QUERY SELECT * FROM voucher_return('refund', p_redemption, p_operation, t.id, p_key, p_cents, p_fingerprint, t.outlet_id, t.id,
                                            p_staff, p_reason, p_at);
END $$;

-- A payment gives back a part of what it captured.
CREATE FUNCTION voucher_refund(p_redemption uuid, p_operation uuid, p_actor uuid, p_key text, p_cents bigint, p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT * FROM voucher_return('refund', p_redemption, p_operation, p_actor, p_key, p_cents,
    sha256(convert_to(concat_ws('|', 'refund', p_redemption, p_cents), 'UTF8')), NULL, NULL, NULL, p_reason, p_at)
$$;

-- Takes the whole paid rest out for good: withdrawal by the buyer, chargeback. Refuses while something is held.
CREATE FUNCTION voucher_withdraw(p_voucher uuid, p_operation uuid, p_actor uuid, p_key text, p_state text, p_credit text, p_credit_party uuid,
  p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v voucher; g record; v_day date := voucher_day(p_at); v_free bigint; v_reason text;
  v_print bytea := sha256(convert_to(concat_ws('|', 'withdraw', p_voucher, p_state), 'UTF8'));
BEGIN
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, v_print) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  v_free := voucher_available(v.id, v_day);
  v_reason := CASE WHEN p_state NOT IN ('withdrawn', 'charged_back') OR v.state NOT IN ('active', 'blocked') THEN 'blocked'
                   WHEN EXISTS (SELECT 1 FROM lot WHERE voucher_id = v.id AND held > 0) THEN 'held'
                   WHEN v_free = 0 THEN 'insufficient' END;
  IF v_reason IS NOT NULL THEN
    PERFORM voucher_decline(v.id, p_operation, 'withdraw', v_reason, v_free, p_actor, p_key, v_print, NULL, NULL, NULL, NULL, p_reason, NULL, p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, NULL::jsonb; RETURN;
  END IF;
  PERFORM voucher_take(v.id, p_operation, v.ledger_id, v.programme_id, 'voucher.withdraw', v_free, false, p_credit, p_credit_party, v_day);
  UPDATE voucher SET state = p_state WHERE id = v.id;
  PERFORM voucher_link(v.id, p_operation, 'withdraw', v_free, 0, p_actor, p_key, v_print, NULL, NULL, NULL, NULL, NULL, NULL, NULL, p_reason,
                       NULL, jsonb_build_object('amount', v_free), p_at);
  RETURN QUERY SELECT 'done', false, p_operation, jsonb_build_object('amount', v_free);
END $$;

-- Blocks, unblocks, or gives new secrets to a voucher; the old ones are dead at once. No value moves.
CREATE FUNCTION voucher_mark(p_verb text, p_voucher uuid, p_operation uuid, p_actor uuid, p_key text, p_token bytea, p_code bytea, p_pin bytea,
  p_last4 text, p_reason text, p_at timestamptz) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v voucher; v_earlier text;
BEGIN
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN 'unknown'; END IF;
  SELECT outcome INTO v_earlier FROM voucher_operation WHERE actor_id = p_actor AND key = p_key;
  IF FOUND THEN RETURN 'replay'; END IF;
  IF p_verb = 'block' AND v.state IN ('active', 'exhausted') THEN UPDATE voucher SET state = 'blocked' WHERE id = p_voucher;
  ELSIF p_verb = 'unblock' AND v.state = 'blocked' THEN UPDATE voucher SET state = 'active' WHERE id = p_voucher;
  ELSIF p_verb = 'renew' AND v.state IN ('active', 'exhausted', 'blocked') THEN
    UPDATE voucher SET token_hash = p_token, code_hash = p_code, pin_hash = p_pin, last4 = p_last4, wrong_pins = 0, locked_at = NULL
     WHERE id = p_voucher;
  ELSIF p_verb = 'unlock' THEN UPDATE voucher SET wrong_pins = 0, locked_at = NULL WHERE id = p_voucher;
  ELSE RETURN 'refused'; END IF;
  PERFORM voucher_link(p_voucher, p_operation, p_verb, 0, 0, p_actor, p_key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, p_reason, NULL,
                       NULL, p_at);
  RETURN 'done';
END $$;

-- A typed code with its PIN, for use without a till. Five wrong PINs lock the code; nothing tells which of the two was wrong.
CREATE FUNCTION voucher_by_pin(p_code bytea, p_pin bytea, p_at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE v voucher;
BEGIN
  SELECT * INTO v FROM voucher WHERE code_hash = p_code FOR NO KEY UPDATE;
  IF NOT FOUND OR v.locked_at IS NOT NULL THEN RETURN NULL; END IF;
  IF v.pin_hash = p_pin THEN
    IF v.wrong_pins > 0 THEN UPDATE voucher SET wrong_pins = 0 WHERE id = v.id; END IF;
    RETURN v.id;
  END IF;
  UPDATE voucher SET wrong_pins = wrong_pins + 1, locked_at = CASE WHEN wrong_pins + 1 >= 5 THEN p_at END WHERE id = v.id;
  RETURN NULL;
END $$;
