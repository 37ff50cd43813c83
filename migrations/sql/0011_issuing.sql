-- How value comes onto a voucher, and how it leaves it otherwise than by being spent.

-- A new voucher with its first lot, or another lot for a voucher there is. Gives the voucher's id: an older one when the key was used.
-- Refuses to carry more than the programme's charter allows on one voucher. `p_issued_on`: of value that moved in from elsewhere.
CREATE FUNCTION voucher_issue(p_voucher uuid, p_operation uuid, p_lot uuid, p_programme uuid, p_token bytea, p_code bytea, p_pin bytea,
  p_last4 text, p_ags text, p_kind text, p_origin uuid, p_cents bigint, p_legal_end date, p_debit text, p_debit_party uuid,
  p_actor uuid, p_key text, p_reason text, p_at timestamptz, p_rank smallint, p_areas text[], p_issued_on date) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_earlier uuid; v_state text; g programme; v_verb text := CASE WHEN p_token IS NULL THEN 'load' ELSE 'issue' END;
BEGIN
  SELECT voucher_id INTO v_earlier FROM voucher_operation WHERE actor_id = p_actor AND key = p_key;
  IF FOUND THEN RETURN v_earlier; END IF;
  SELECT * INTO STRICT g FROM programme WHERE id = p_programme;
  IF p_token IS NULL THEN
    SELECT state INTO v_state FROM voucher WHERE id = p_voucher AND programme_id = p_programme FOR NO KEY UPDATE;
    IF v_state IS NULL OR v_state NOT IN ('active', 'exhausted') THEN RAISE EXCEPTION 'voucher % takes no load', p_voucher; END IF;
    SELECT voucher_id INTO v_earlier FROM voucher_operation WHERE actor_id = p_actor AND key = p_key;
    IF FOUND THEN RETURN v_earlier; END IF;
  ELSE
    INSERT INTO voucher (id, programme_id, ledger_id, token_hash, code_hash, pin_hash, last4, state, version, issue_ags, wrong_pins, issued_at)
    VALUES (p_voucher, p_programme, g.issuer_id, p_token, p_code, p_pin, p_last4, 'active', 0, p_ags, 0, p_at);
  END IF;
  INSERT INTO lot (voucher_id, id, kind, origin_id, issued_cents, balance, held, issued_on, legal_end, spend_rank, postcode_areas)
  VALUES (p_voucher, p_lot, p_kind, p_origin, p_cents, p_cents, 0, coalesce(p_issued_on, voucher_day(p_at)), p_legal_end, p_rank, p_areas);
  IF (SELECT sum(balance) FROM lot WHERE voucher_id = p_voucher) > g.max_cents THEN
    RAISE EXCEPTION 'voucher % would carry more than its charter allows', p_voucher USING ERRCODE = 'check_violation', CONSTRAINT = 'charter_most';
  END IF;
  INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed) VALUES (p_voucher, p_operation, p_lot, 1, p_cents, false);
  PERFORM ledger_post(p_voucher, p_operation, 1, g.issuer_id, 'voucher.' || v_verb, p_debit, p_debit_party, voucher_account(p_kind), p_voucher,
                      p_cents, p_programme, NULL, voucher_day(p_at));
  PERFORM ledger_queue(p_voucher, p_operation, 'voucher.' || v_verb);
  PERFORM voucher_link(p_voucher, p_operation, v_verb, p_cents, 0, p_actor, p_key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                       p_reason, NULL, NULL, p_at);
  RETURN p_voucher;
END $$;

-- Takes free value out of one lot for good: the whole rest ('withdraw', 'lapse') or a part ('adjust').
CREATE FUNCTION voucher_take_out(p_verb text, p_voucher uuid, p_lot uuid, p_cents bigint, p_operation uuid, p_actor uuid, p_key text,
  p_credit text, p_credit_party uuid, p_state text, p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE v voucher; l lot; g record; v_day date := voucher_day(p_at); v_cents bigint; v_reason text; v_answer jsonb;
  v_print bytea := sha256(convert_to(concat_ws('|', p_verb, p_lot, coalesce(p_cents, 0), p_state), 'UTF8'));
BEGIN
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, v_print) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  SELECT * INTO l FROM lot WHERE voucher_id = p_voucher AND id = p_lot;
  IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  v_cents := coalesce(p_cents, l.balance - l.held);
  v_reason := CASE WHEN v.state NOT IN ('active', 'blocked', 'exhausted', 'withdrawn') THEN 'ended'
                   WHEN p_verb = 'withdraw' AND l.held > 0 THEN 'held'
                   WHEN p_verb = 'lapse' AND l.legal_end >= v_day THEN 'not_ended'
                   WHEN v_cents < 1 THEN 'nothing_left'
                   WHEN v_cents > l.balance - l.held THEN 'insufficient' END;
  v_answer := jsonb_build_object('amount', CASE WHEN v_reason IS NULL THEN v_cents ELSE 0 END, 'free', l.balance - l.held);
  IF v_reason IS NOT NULL THEN
    PERFORM voucher_decline(v.id, p_operation, p_verb, v_reason, v_cents, p_actor, p_key, v_print, NULL, NULL, NULL, NULL, p_reason, v_answer, p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, v_answer; RETURN;
  END IF;
  UPDATE lot SET balance = balance - v_cents WHERE voucher_id = v.id AND id = l.id;
  INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed) VALUES (v.id, p_operation, l.id, 1, v_cents, false);
  PERFORM ledger_post(v.id, p_operation, 1, v.ledger_id, 'voucher.' || p_verb, voucher_account(l.kind), v.id, p_credit, p_credit_party, v_cents,
                      v.programme_id, NULL, v_day);
  PERFORM ledger_queue(v.id, p_operation, 'voucher.' || p_verb);
  IF p_state IS NOT NULL AND NOT EXISTS (SELECT 1 FROM lot WHERE voucher_id = v.id AND balance > 0) THEN
    UPDATE voucher SET state = p_state WHERE id = v.id;
  END IF;
  PERFORM voucher_link(v.id, p_operation, p_verb, v_cents, 0, p_actor, p_key, v_print, NULL, NULL, NULL, NULL, NULL, NULL, NULL, p_reason, NULL,
                       v_answer, p_at);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;

-- What is left of one purchase, wherever it lies by now, goes out: withdrawal by the buyer, chargeback. The voucher is dead
-- when nothing else lies on it.
CREATE FUNCTION voucher_withdraw(p_origin uuid, p_operation uuid, p_actor uuid, p_key text, p_state text, p_credit text, p_credit_party uuid,
  p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb, voucher_id uuid) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE l record;
BEGIN
  IF p_state NOT IN ('withdrawn', 'charged_back') THEN RAISE EXCEPTION 'no such end: %', p_state USING ERRCODE = 'check_violation'; END IF;
  LOOP
    SELECT o.voucher_id, o.id, v.state INTO l FROM lot o JOIN voucher v ON v.id = o.voucher_id
     WHERE o.origin_id = p_origin AND o.kind = 'paid' AND v.state <> 'replaced' ORDER BY o.voucher_id LIMIT 1;
    IF NOT FOUND THEN  -- all of it was gone before its voucher was merged into another: nothing lies anywhere
      RETURN QUERY SELECT 'nothing_left', false, NULL::uuid, jsonb_build_object('amount', 0), o.voucher_id FROM lot o
        WHERE o.origin_id = p_origin AND o.kind = 'paid' LIMIT 1;
      IF NOT FOUND THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb, NULL::uuid; END IF;
      RETURN;
    END IF;
    PERFORM 1 FROM voucher v WHERE v.id = l.voucher_id AND v.state <> 'replaced' FOR NO KEY UPDATE;
    EXIT WHEN FOUND;
  END LOOP;
  RETURN QUERY SELECT t.*, l.voucher_id FROM voucher_take_out('withdraw', l.voucher_id, l.id, NULL, p_operation, p_actor, p_key, p_credit,
                                                           p_credit_party, p_state, p_reason, p_at) t;
END $$;

-- What has come to its legal end goes out. Two people have agreed to it before.
CREATE FUNCTION voucher_lapse(p_voucher uuid, p_lot uuid, p_operation uuid, p_actor uuid, p_key text, p_credit text, p_credit_party uuid,
  p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT * FROM voucher_take_out('lapse', p_voucher, p_lot, NULL, p_operation, p_actor, p_key, p_credit, p_credit_party, NULL, p_reason, p_at)
$$;

-- A part goes out because it should never have been there. Two people have agreed to it before.
CREATE FUNCTION voucher_reduce(p_voucher uuid, p_lot uuid, p_cents bigint, p_operation uuid, p_actor uuid, p_key text, p_credit text,
  p_credit_party uuid, p_reason text, p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT * FROM voucher_take_out('adjust', p_voucher, p_lot, coalesce(p_cents, 0), p_operation, p_actor, p_key, p_credit, p_credit_party, NULL,
                                 p_reason, p_at)
$$;

-- Two vouchers of one programme become one. Its lots stay lots; the emptied one is replaced and never lives again.
CREATE FUNCTION voucher_merge(p_from uuid, p_into uuid, p_operation uuid, p_into_operation uuid, p_actor uuid, p_key text, p_reason text,
  p_at timestamptz)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE f voucher; n voucher; g record; v_day date := voucher_day(p_at); v_sum bigint; v_reason text; v_answer jsonb;
  v_print bytea := sha256(convert_to(concat_ws('|', 'merge', p_from, p_into), 'UTF8'));
BEGIN
  PERFORM 1 FROM voucher WHERE id IN (p_from, p_into) ORDER BY id FOR NO KEY UPDATE;
  SELECT * INTO f FROM voucher WHERE id = p_from;
  SELECT * INTO n FROM voucher WHERE id = p_into;
  IF f.id IS NULL OR n.id IS NULL THEN RETURN QUERY SELECT 'unknown', false, NULL::uuid, NULL::jsonb; RETURN; END IF;
  SELECT e.outcome, e.replay, e.operation_id, e.answer INTO g FROM voucher_earlier(p_actor, p_key, v_print) e;
  IF FOUND THEN RETURN QUERY SELECT g.outcome, g.replay, g.operation_id, g.answer; RETURN; END IF;
  SELECT sum(balance) INTO v_sum FROM lot WHERE voucher_id = p_from;
  v_reason := CASE WHEN p_from = p_into THEN 'same'
                   WHEN f.programme_id <> n.programme_id THEN 'other_programme'
                   WHEN f.state NOT IN ('active', 'exhausted') OR n.state NOT IN ('active', 'exhausted') THEN 'blocked'
                   WHEN EXISTS (SELECT 1 FROM lot WHERE voucher_id = p_from AND held > 0) THEN 'held'
                   WHEN v_sum = 0 THEN 'nothing_left'
                   WHEN v_sum + (SELECT sum(balance) FROM lot WHERE voucher_id = p_into)
                        > (SELECT max_cents FROM programme WHERE id = n.programme_id) THEN 'over_limit' END;
  v_answer := jsonb_build_object('amount', CASE WHEN v_reason IS NULL THEN v_sum ELSE 0 END);
  IF v_reason IS NOT NULL THEN
    PERFORM voucher_decline(p_from, p_operation, 'merge_out', v_reason, v_sum, p_actor, p_key, v_print, p_into, NULL, NULL, NULL, p_reason, v_answer,
                            p_at);
    RETURN QUERY SELECT v_reason, false, p_operation, v_answer; RETURN;
  END IF;
  v_sum := voucher_carry_over(p_from, p_into, p_operation, p_into_operation, f.ledger_id, f.programme_id, v_day);
  UPDATE voucher SET state = 'replaced', replaced_by = p_into WHERE id = p_from;
  PERFORM voucher_link(p_from, p_operation, 'merge_out', v_sum, 0, p_actor, p_key, v_print, p_into, NULL, NULL, NULL, NULL, NULL, NULL, p_reason,
                       NULL, v_answer, p_at);
  PERFORM voucher_link(p_into, p_into_operation, 'merge_in', v_sum, 0, p_actor, p_key || ':in', NULL, p_from, NULL, NULL, NULL, NULL, NULL, NULL,
                       p_reason, NULL, v_answer, p_at);
  RETURN QUERY SELECT 'done', false, p_operation, v_answer;
END $$;

-- Blocks, unblocks, or gives new secrets to a voucher; the old ones are dead at once. No value moves. The issuer can block
-- what its holder has blocked: then the holder cannot undo it.
CREATE FUNCTION voucher_mark(p_verb text, p_voucher uuid, p_operation uuid, p_actor uuid, p_key text, p_token bytea, p_code bytea, p_pin bytea,
  p_last4 text, p_reason text, p_at timestamptz) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v voucher; v_earlier text;
BEGIN
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN 'unknown'; END IF;
  SELECT outcome INTO v_earlier FROM voucher_operation WHERE actor_id = p_actor AND key = p_key;
  IF FOUND THEN RETURN 'replay'; END IF;
  IF p_verb = 'block' AND (v.state IN ('active', 'exhausted') OR (v.state = 'blocked' AND p_reason <> 'holder')) THEN UPDATE voucher SET state = 'blocked' WHERE id = p_voucher;
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
