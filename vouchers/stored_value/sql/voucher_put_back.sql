-- Puts value back into the lots it came from, last taken first. What a lapsed bonus gets back goes to the campaign's budget.
CREATE OR REPLACE FUNCTION voucher_put_back(p_voucher uuid, p_operation uuid, p_ref uuid, p_ledger uuid, p_programme uuid, p_kind text, p_cents bigint,
  p_outlet uuid, p_host uuid, p_day date) RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
    PERFORM ledger_post(p_voucher, p_operation, v_line, p_ledger, p_kind, CASE WHEN p_host IS NULL THEN 'KR' ELSE 'CL' END,
                        coalesce(p_host, p_outlet), CASE WHEN v_gone THEN 'CB' ELSE voucher_account(p.kind) END,
                        CASE WHEN v_gone THEN p.origin_id ELSE p_voucher END, v_back, p_programme, p_ref, p_day);
    v_left := v_left - v_back;
  END LOOP;
  IF v_left <> 0 THEN RAISE EXCEPTION 'operation % has no % cents left to give back', p_ref, v_left; END IF;
  IF p_host IS NOT NULL THEN
    PERFORM ledger_post(p_voucher, p_operation, v_line + 1, p_host, p_kind, 'KR', p_outlet, 'CL', p_ledger, p_cents, p_programme, p_ref, p_day);
  END IF;
  PERFORM ledger_queue(p_voucher, p_operation, p_kind);
  RETURN v_lapsed;
END $$;
