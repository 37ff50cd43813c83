-- Puts back, once, what `voucher_charge_back` took out: the money came back. Same lot, same counter account; what was
-- merged meanwhile follows. A voucher that was blocked before is blocked again. Decision 0207.
CREATE OR REPLACE FUNCTION voucher_reinstate(
  p_charge_back uuid,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_reason text,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_day CONSTANT date := voucher_booking_day(p_at);
  v_fingerprint CONSTANT bytea := sha256(convert_to(concat_ws('|', 'reinstate', p_charge_back), 'UTF8'));
  v_taken voucher_operation;
  v_voucher voucher;
  v_lot uuid;
  v_entry record;
  v_blocked boolean;
  v_earlier voucher_outcome;
  v_answer jsonb;
BEGIN
  SELECT * INTO v_taken
    FROM voucher_operation
   WHERE id = p_charge_back AND kind = 'charge_back' AND outcome = 'done';
  IF NOT FOUND THEN
    RETURN ROW('unknown', false, NULL, NULL)::voucher_outcome;
  END IF;
  SELECT * INTO STRICT v_voucher FROM voucher WHERE id = v_taken.voucher_id FOR NO KEY UPDATE;
  v_earlier := voucher_replay(p_actor, p_key, v_fingerprint);
  IF v_earlier.outcome IS NOT NULL THEN
    RETURN v_earlier;
  END IF;
  v_answer := jsonb_build_object('amount_cents', v_taken.cents);
  IF EXISTS (
    SELECT 1 FROM voucher_operation
     WHERE voucher_id = v_voucher.id AND ref_id = v_taken.id AND kind = 'reinstate' AND outcome = 'done'
  ) THEN
    RETURN voucher_record_refusal(
      p_voucher => v_voucher.id,
      p_operation => p_operation,
      p_kind => 'reinstate',
      p_outcome => 'already_returned',
      p_cents => v_taken.cents,
      p_actor => p_actor,
      p_key => p_key,
      p_at => p_at,
      p_fingerprint => v_fingerprint,
      p_ref => v_taken.id,
      p_reason => p_reason,
      p_answer => v_answer
    );
  END IF;

  SELECT lot_id INTO STRICT v_lot
    FROM operation_part WHERE voucher_id = v_voucher.id AND operation_id = v_taken.id;
  SELECT debit_account, credit_account, credit_party INTO STRICT v_entry
    FROM entry WHERE aggregate_id = v_voucher.id AND journal_id = v_taken.id;
  IF v_entry.credit_account IN ('KZ', 'CB', 'EP') THEN
    PERFORM ledger_require_funds(v_voucher.ledger_id, v_entry.credit_account, v_entry.credit_party, v_taken.cents);
  END IF;
  UPDATE lot SET balance = balance + v_taken.cents WHERE voucher_id = v_voucher.id AND id = v_lot;
  INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
  VALUES (v_voucher.id, p_operation, v_lot, 1, v_taken.cents, false);
  PERFORM ledger_post(
    p_aggregate => v_voucher.id,
    p_journal => p_operation,
    p_line => 1,
    p_ledger => v_voucher.ledger_id,
    p_kind => 'voucher.reinstate',
    p_debit => v_entry.credit_account,
    p_debit_party => v_entry.credit_party,
    p_credit => v_entry.debit_account,
    p_credit_party => v_voucher.id,
    p_cents => v_taken.cents,
    p_programme => v_voucher.programme_id,
    p_reverses => v_taken.id,
    p_booked_on => v_day
  );
  PERFORM ledger_queue(v_voucher.id, p_operation, 'voucher.reinstate');
  IF v_voucher.state = 'charged_back' THEN
    SELECT kind = 'block' INTO v_blocked
      FROM voucher_operation
     WHERE voucher_id = v_voucher.id AND outcome = 'done' AND kind IN ('block', 'unblock')
     ORDER BY version DESC
     LIMIT 1;
    UPDATE voucher SET state = CASE WHEN v_blocked THEN 'blocked' ELSE 'active' END WHERE id = v_voucher.id;
  END IF;
  PERFORM voucher_record_operation(
    p_voucher => v_voucher.id,
    p_operation => p_operation,
    p_kind => 'reinstate',
    p_cents => v_taken.cents,
    p_actor => p_actor,
    p_key => p_key,
    p_at => p_at,
    p_fingerprint => v_fingerprint,
    p_ref => v_taken.id,
    p_reason => p_reason,
    p_answer => v_answer
  );
  PERFORM voucher_follow(v_voucher.id, p_actor, p_at);
  RETURN ROW('done', false, p_operation, v_answer)::voucher_outcome;
END
$$;
