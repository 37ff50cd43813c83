-- The till takes value: authentication of the till, acceptance at this second, redemption and receipt in one statement.
-- Takes the key first, then locks one row, the voucher's. Decisions 0301, 0302, 0303, 0326.
-- The opening, until the voucher is locked and known, is that of voucher_till_hold word for word: a test compares them.
-- As a function of its own it would cost each redemption one more call and the copying of three rows.
CREATE OR REPLACE FUNCTION voucher_redeem(
  p_till bytea,
  p_secret bytea,
  p_by_code boolean,
  p_operation uuid,
  p_key text,
  p_cents bigint,
  p_fingerprint bytea,
  p_staff uuid,
  p_receipt_no text,
  p_basket bigint,
  p_client_time timestamptz,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_day CONSTANT date := voucher_booking_day(p_at);
  v_till till_identity;
  v_voucher voucher;
  v_earlier voucher_outcome;
  v_acceptance programme_acceptance;
  v_free bigint;
  v_reason text;
  v_answer jsonb;
BEGIN
  IF coalesce(p_cents, 0) < 1 THEN
    RAISE EXCEPTION 'cents must be positive' USING ERRCODE = 'check_violation';
  END IF;

  -- Who asks?
  v_till := till_authenticate(p_till, 'redeem', p_at);
  IF v_till.refusal IS NULL AND p_by_code AND voucher_guesses_exceeded(v_till.id, p_at) THEN
    v_till.refusal := 'too_many';
  END IF;
  IF v_till.refusal IS NOT NULL THEN
    RETURN till_refuse(v_till, p_key, p_fingerprint);
  END IF;
  v_earlier := till_claim_key(
    p_till => v_till,
    p_key => p_key,
    p_fingerprint => p_fingerprint,
    p_operation => p_operation,
    p_at => p_at
  );
  IF v_earlier.outcome IS NOT NULL THEN
    RETURN v_earlier;
  END IF;

  -- Which voucher? From here on nobody else changes it.
  IF p_by_code THEN
    SELECT * INTO v_voucher FROM voucher WHERE code_hash = p_secret FOR NO KEY UPDATE;
  ELSE
    SELECT * INTO v_voucher FROM voucher WHERE token_hash = p_secret FOR NO KEY UPDATE;
  END IF;
  IF v_voucher.id IS NULL OR NOT v_till.active THEN
    RETURN voucher_record_miss(p_operation, v_till, p_at);
  END IF;

  -- May it be spent here, and is it enough?
  v_free := voucher_available(v_voucher.id, v_day, v_till.postcode);
  v_acceptance := voucher_acceptance(v_voucher.programme_id, v_till.outlet_id, p_at);
  v_reason := voucher_refusal(
    p_voucher => v_voucher,
    p_accepted => v_acceptance.accepted,
    p_free => v_free,
    p_cents => p_cents,
    p_at => p_at
  );
  IF v_reason IS NOT NULL THEN
    IF v_reason = 'insufficient' THEN
      v_answer := jsonb_build_object('remaining_cents', v_free);
    ELSIF v_reason = 'outside_network' THEN
      SELECT jsonb_build_object('programme', name) INTO v_answer FROM programme WHERE id = v_voucher.programme_id;
    END IF;
    RETURN voucher_record_refusal(
      p_voucher => v_voucher.id,
      p_operation => p_operation,
      p_kind => 'redeem',
      p_outcome => v_reason,
      p_cents => p_cents,
      p_actor => v_till.id,
      p_key => p_key,
      p_at => p_at,
      p_fingerprint => p_fingerprint,
      p_outlet => v_till.outlet_id,
      p_till => v_till.id,
      p_staff => p_staff,
      p_answer => v_answer
    );
  END IF;

  -- Take it, and write the receipt.
  PERFORM voucher_debit_lots(
    p_voucher => v_voucher,
    p_operation => p_operation,
    p_kind => 'voucher.redeem',
    p_cents => p_cents,
    p_hold => false,
    p_outlet => v_till.outlet_id,
    p_host => v_acceptance.host_ledger_id,
    p_day => v_day,
    p_postcode => v_till.postcode
  );
  SELECT jsonb_build_object(
           'redemption_id', p_operation,
           'amount_cents', p_cents,
           'remaining_cents', v_free - p_cents,
           'buckets', voucher_buckets(v_voucher.id, p_operation, v_till.postcode),
           'receipt', jsonb_build_object(
             'issuer', i.legal_name,
             'programme', p.name,
             'shop', v_till.shop,
             'street', v_till.street,
             'postcode', v_till.postcode,
             'town', v_till.town,
             'till', v_till.name,
             'cashier', (SELECT alias FROM till_staff WHERE id = p_staff),
             'time', p_at,
             'voucher_last4', v_voucher.last4,
             'receipt_no', p_receipt_no,
             'void_code', upper(right(p_operation::text, 6))
           )
         )
    INTO v_answer
    FROM programme p
    JOIN organisation i ON i.id = p.issuer_id
   WHERE p.id = v_voucher.programme_id;
  PERFORM voucher_record_operation(
    p_voucher => v_voucher.id,
    p_operation => p_operation,
    p_kind => 'redeem',
    p_cents => p_cents,
    p_actor => v_till.id,
    p_key => p_key,
    p_at => p_at,
    p_fingerprint => p_fingerprint,
    p_outlet => v_till.outlet_id,
    p_till => v_till.id,
    p_staff => p_staff,
    p_receipt_no => p_receipt_no,
    p_basket => p_basket,
    p_client_time => p_client_time,
    p_answer => v_answer,
    p_host => v_acceptance.host_ledger_id
  );
  RETURN ROW('done', false, p_operation, v_answer)::voucher_outcome;
END
$$;
