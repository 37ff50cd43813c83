-- Carries the whole free rest of one voucher over to another, lot by lot, and gives the sum in cents. The last day,
-- origin and rules of a lot stay what they are. Decision 0318.
CREATE OR REPLACE FUNCTION voucher_move_lots(
  p_from voucher,
  p_into uuid,
  p_operation uuid,
  p_into_operation uuid,
  p_day date
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
  v_lot lot;
  v_line int := 0;
  v_sum bigint := 0;
BEGIN
  FOR v_lot IN
    SELECT * FROM lot WHERE voucher_id = p_from.id AND balance > 0 ORDER BY spend_rank, legal_end, id
  LOOP
    v_line := v_line + 1;
    v_sum := v_sum + v_lot.balance;
    UPDATE lot SET balance = 0 WHERE voucher_id = p_from.id AND id = v_lot.id;
    INSERT INTO lot (
      voucher_id, id, kind, origin_id, issued_cents, balance, held,
      issued_on, legal_end, spend_rank, postcode_areas
    ) VALUES (
      p_into, v_lot.id, v_lot.kind, v_lot.origin_id, v_lot.balance, v_lot.balance, 0,
      v_lot.issued_on, v_lot.legal_end, v_lot.spend_rank, v_lot.postcode_areas
    )
    ON CONFLICT (voucher_id, id) DO UPDATE
       SET balance = lot.balance + excluded.balance,
           issued_cents = lot.issued_cents + excluded.issued_cents;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_from.id, p_operation, v_lot.id, v_line, v_lot.balance, false),
           (p_into, p_into_operation, v_lot.id, v_line, v_lot.balance, false);
    PERFORM ledger_post(
      p_aggregate => p_from.id,
      p_journal => p_operation,
      p_line => v_line,
      p_ledger => p_from.ledger_id,
      p_kind => 'voucher.merge_out',
      p_debit => voucher_account(v_lot.kind),
      p_debit_party => p_from.id,
      p_credit => voucher_account(v_lot.kind),
      p_credit_party => p_into,
      p_cents => v_lot.balance,
      p_programme => p_from.programme_id,
      p_booked_on => p_day
    );
  END LOOP;
  PERFORM ledger_queue(p_from.id, p_operation, 'voucher.merge_out');
  -- The other side has no entry of its own: its operation and parts are sealed as a document without one.
  PERFORM ledger_queue(p_into, p_into_operation, 'voucher.merge_in');
  RETURN v_sum;
END
$$;
