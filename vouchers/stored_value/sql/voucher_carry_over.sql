-- Carries the whole free rest of one voucher over to another, lot by lot: end, origin and rules stay what they are.
CREATE OR REPLACE FUNCTION voucher_carry_over(p_from uuid, p_into uuid, p_operation uuid, p_into_operation uuid, p_ledger uuid, p_programme uuid,
  p_day date) RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE l lot; v_line int := 0; v_sum bigint := 0;
BEGIN
  FOR l IN SELECT * FROM lot WHERE voucher_id = p_from AND balance > 0 ORDER BY spend_rank, legal_end, id LOOP
    v_line := v_line + 1;
    v_sum := v_sum + l.balance;
    UPDATE lot SET balance = 0 WHERE voucher_id = p_from AND id = l.id;
    INSERT INTO lot (voucher_id, id, kind, origin_id, issued_cents, balance, held, issued_on, legal_end, spend_rank, postcode_areas)
    VALUES (p_into, l.id, l.kind, l.origin_id, l.balance, l.balance, 0, l.issued_on, l.legal_end, l.spend_rank, l.postcode_areas)
    ON CONFLICT (voucher_id, id) DO UPDATE
       SET balance = lot.balance + excluded.balance, issued_cents = lot.issued_cents + excluded.issued_cents;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_from, p_operation, l.id, v_line, l.balance, false), (p_into, p_into_operation, l.id, v_line, l.balance, false);
    PERFORM ledger_post(p_from, p_operation, v_line, p_ledger, 'voucher.merge_out', voucher_account(l.kind), p_from,
                        voucher_account(l.kind), p_into, l.balance, p_programme, NULL, p_day);
  END LOOP;
  PERFORM ledger_queue(p_from, p_operation, 'voucher.merge_out');
  RETURN v_sum;
END $$;
