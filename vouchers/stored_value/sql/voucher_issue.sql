-- A new voucher with its first lot or, without secrets, another lot for a voucher there is. Gives the voucher's id: an
-- older one when the key was used. Refuses to carry more than the programme's charter allows on one voucher.
-- `p_issued_on`: of value that moved in from elsewhere. Decisions 0304, 0307.
CREATE OR REPLACE FUNCTION voucher_issue(
  p_voucher uuid,
  p_operation uuid,
  p_lot uuid,
  p_programme uuid,
  p_token bytea,
  p_code bytea,
  p_pin bytea,
  p_last4 text,
  p_ags text,
  p_kind text,
  p_origin uuid,
  p_cents bigint,
  p_legal_end date,
  p_debit text,
  p_debit_party uuid,
  p_actor uuid,
  p_key text,
  p_reason text,
  p_at timestamptz,
  p_rank smallint,
  p_areas text[],
  p_issued_on date
) RETURNS uuid
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_day CONSTANT date := voucher_booking_day(p_at);
  v_verb CONSTANT text := CASE WHEN p_token IS NULL THEN 'load' ELSE 'issue' END;
  v_programme programme;
  v_earlier uuid;
  v_state text;
BEGIN
  SELECT voucher_id INTO v_earlier FROM voucher_operation WHERE actor_id = p_actor AND key = p_key;
  IF FOUND THEN
    RETURN v_earlier;
  END IF;
  -- A bank account, a shop, the provider, another voucher and whatever else has a balance pay for no voucher.
  IF NOT coalesce(p_debit IN ('KZ', 'CB', 'EP', 'SF', 'WK', 'BE'), false) THEN
    RAISE EXCEPTION 'no value comes out of %', p_debit
      USING ERRCODE = 'check_violation', CONSTRAINT = 'counter_account';
  END IF;
  SELECT * INTO STRICT v_programme FROM programme WHERE id = p_programme;
  IF v_verb = 'load' THEN
    SELECT state INTO v_state
      FROM voucher
     WHERE id = p_voucher AND programme_id = p_programme
       FOR NO KEY UPDATE;
    IF v_state IS NULL OR v_state NOT IN ('active', 'exhausted') THEN
      RAISE EXCEPTION 'voucher % takes no load', p_voucher;
    END IF;
    -- The key again, now that nobody else can be at this voucher.
    SELECT voucher_id INTO v_earlier FROM voucher_operation WHERE actor_id = p_actor AND key = p_key;
    IF FOUND THEN
      RETURN v_earlier;
    END IF;
  ELSE
    INSERT INTO voucher (
      id, programme_id, ledger_id, token_hash, code_hash, pin_hash, last4,
      state, version, issue_ags, wrong_pins, issued_at
    ) VALUES (
      p_voucher, p_programme, v_programme.issuer_id, p_token, p_code, p_pin, p_last4,
      'active', 0, p_ags, 0, p_at
    );
  END IF;
  INSERT INTO lot (
    voucher_id, id, kind, origin_id, issued_cents, balance, held,
    issued_on, legal_end, spend_rank, postcode_areas
  ) VALUES (
    p_voucher, p_lot, p_kind, p_origin, p_cents, p_cents, 0,
    coalesce(p_issued_on, v_day), p_legal_end, p_rank, p_areas
  );
  IF (SELECT sum(balance) FROM lot WHERE voucher_id = p_voucher) > v_programme.max_cents THEN
    RAISE EXCEPTION 'voucher % would carry more than its charter allows', p_voucher
      USING ERRCODE = 'check_violation', CONSTRAINT = 'charter_most';
  END IF;
  -- Money that waits for its purpose makes value once: no second voucher comes out of one payment.
  IF p_debit IN ('KZ', 'CB', 'EP') THEN
    PERFORM ledger_require_funds(v_programme.issuer_id, p_debit, p_debit_party, p_cents);
  END IF;
  INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
  VALUES (p_voucher, p_operation, p_lot, 1, p_cents, false);
  PERFORM ledger_post(
    p_aggregate => p_voucher,
    p_journal => p_operation,
    p_line => 1,
    p_ledger => v_programme.issuer_id,
    p_kind => 'voucher.' || v_verb,
    p_debit => p_debit,
    p_debit_party => p_debit_party,
    p_credit => voucher_account(p_kind),
    p_credit_party => p_voucher,
    p_cents => p_cents,
    p_programme => p_programme,
    p_booked_on => v_day
  );
  PERFORM ledger_queue(p_voucher, p_operation, 'voucher.' || v_verb);
  PERFORM voucher_record_operation(
    p_voucher => p_voucher,
    p_operation => p_operation,
    p_kind => v_verb,
    p_cents => p_cents,
    p_actor => p_actor,
    p_key => p_key,
    p_at => p_at,
    p_reason => p_reason
  );
  RETURN p_voucher;
END
$$;
