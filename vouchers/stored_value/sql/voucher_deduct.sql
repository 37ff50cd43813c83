-- Takes free value out of one lot: the whole rest ('withdraw', 'lapse'), a part ('adjust'), or as much of a part as is
-- free ('charge_back'). `p_state`: what the voucher becomes when nothing is left on it. Each verb has its counter
-- accounts, and only who paid for the lot gets it back. Decisions 0318, 0207, 0114.
CREATE OR REPLACE FUNCTION voucher_deduct(
  p_verb text,
  p_voucher uuid,
  p_lot uuid,
  p_cents bigint,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_credit text,
  p_credit_party uuid,
  p_reason text,
  p_at timestamptz,
  p_state text DEFAULT NULL
) RETURNS voucher_outcome
LANGUAGE plpgsql
AS $$
DECLARE
  v_day CONSTANT date := voucher_booking_day(p_at);
  v_fingerprint CONSTANT bytea :=
    sha256(convert_to(concat_ws('|', p_verb, p_lot, coalesce(p_cents, 0), p_state), 'UTF8'));
  v_voucher voucher;
  v_lot lot;
  v_earlier voucher_outcome;
  v_free bigint;
  v_cents bigint;
  v_reason text;
  v_answer jsonb;
BEGIN
  IF NOT coalesce(
    p_credit = ANY (
      CASE p_verb
        WHEN 'withdraw' THEN '{KZ,SF}'::text[]
        WHEN 'charge_back' THEN '{KZ,CB}'::text[]
        WHEN 'lapse' THEN '{BE,CB,WK}'::text[]
        WHEN 'adjust' THEN '{TB,CB,WK}'::text[]
      END
    ),
    false
  ) THEN
    RAISE EXCEPTION '% does not go to %', p_verb, p_credit
      USING ERRCODE = 'check_violation', CONSTRAINT = 'counter_account';
  END IF;
  SELECT * INTO v_voucher FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN ROW('unknown', false, NULL, NULL)::voucher_outcome;
  END IF;
  v_earlier := voucher_replay(p_actor, p_key, v_fingerprint);
  IF v_earlier.outcome IS NOT NULL THEN
    RETURN v_earlier;
  END IF;
  SELECT * INTO v_lot FROM lot WHERE voucher_id = p_voucher AND id = p_lot;
  IF NOT FOUND THEN
    RETURN ROW('unknown', false, NULL, NULL)::voucher_outcome;
  END IF;

  v_free := v_lot.balance - v_lot.held;
  v_cents := CASE p_verb WHEN 'charge_back' THEN least(p_cents, v_free) ELSE coalesce(p_cents, v_free) END;
  v_reason := CASE
    WHEN v_voucher.state NOT IN ('active', 'blocked', 'exhausted', 'withdrawn')
     AND NOT (p_verb = 'charge_back' AND v_voucher.state = 'charged_back') THEN 'ended'
    WHEN p_verb = 'withdraw' AND v_lot.held > 0 THEN 'held'
    WHEN p_verb = 'lapse' AND v_lot.legal_end >= v_day THEN 'not_ended'
    WHEN v_cents < 1 THEN 'nothing_left'
    WHEN v_cents > v_free THEN 'insufficient'
  END;
  IF v_reason IS NOT NULL THEN
    RETURN voucher_record_refusal(
      p_voucher => v_voucher.id,
      p_operation => p_operation,
      p_kind => p_verb,
      p_outcome => v_reason,
      p_cents => v_cents,
      p_actor => p_actor,
      p_key => p_key,
      p_at => p_at,
      p_fingerprint => v_fingerprint,
      p_reason => p_reason,
      p_answer => jsonb_build_object('amount_cents', 0, 'free_cents', v_free)
    );
  END IF;

  IF p_credit IN ('KZ', 'SF') THEN
    PERFORM voucher_require_paid(v_lot, p_credit, p_credit_party);
  ELSIF p_credit = 'CB' AND (v_lot.kind <> 'bonus' OR p_credit_party IS DISTINCT FROM v_lot.origin_id) THEN
    RAISE EXCEPTION 'lot % came from no such budget', v_lot.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'counter_account';
  END IF;
  UPDATE lot SET balance = balance - v_cents WHERE voucher_id = v_voucher.id AND id = v_lot.id;
  INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
  VALUES (v_voucher.id, p_operation, v_lot.id, 1, v_cents, false);
  PERFORM ledger_post(
    p_aggregate => v_voucher.id,
    p_journal => p_operation,
    p_line => 1,
    p_ledger => v_voucher.ledger_id,
    p_kind => 'voucher.' || p_verb,
    p_debit => voucher_account(v_lot.kind),
    p_debit_party => v_voucher.id,
    p_credit => p_credit,
    p_credit_party => p_credit_party,
    p_cents => v_cents,
    p_programme => v_voucher.programme_id,
    p_booked_on => v_day
  );
  PERFORM ledger_queue(v_voucher.id, p_operation, 'voucher.' || p_verb);
  IF p_state IS NOT NULL AND NOT EXISTS (SELECT 1 FROM lot WHERE voucher_id = v_voucher.id AND balance > 0) THEN
    UPDATE voucher SET state = p_state WHERE id = v_voucher.id;
  END IF;
  v_answer := jsonb_build_object('amount_cents', v_cents, 'free_cents', v_free);
  PERFORM voucher_record_operation(
    p_voucher => v_voucher.id,
    p_operation => p_operation,
    p_kind => p_verb,
    p_cents => v_cents,
    p_actor => p_actor,
    p_key => p_key,
    p_at => p_at,
    p_fingerprint => v_fingerprint,
    p_reason => p_reason,
    p_answer => v_answer
  );
  RETURN ROW('done', false, p_operation, v_answer)::voucher_outcome;
END
$$;
