-- Takes value for a shop out of the lots that may be spent there (or holds it), in their order, stores the split and books it,
-- line by line. In the shop of another issuer that issuer owes the shop, and ours owes the other.
CREATE OR REPLACE FUNCTION voucher_take(p_voucher uuid, p_operation uuid, p_ledger uuid, p_programme uuid, p_kind text, p_cents bigint, p_hold boolean,
  p_outlet uuid, p_host uuid, p_day date, p_postcode text) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE l record; v_left bigint := p_cents; v_take bigint; v_line int := 0;
  v_credit text := CASE WHEN p_hold THEN 'VH' WHEN p_host IS NULL THEN 'KR' ELSE 'CL' END;
  v_party uuid := CASE WHEN p_hold THEN p_voucher WHEN p_host IS NULL THEN p_outlet ELSE p_host END;
BEGIN
  FOR l IN SELECT id, kind, balance - held AS free FROM lot
            WHERE voucher_id = p_voucher AND legal_end >= p_day AND balance > held
              AND (postcode_areas IS NULL OR left(p_postcode, 2) = ANY (postcode_areas)) ORDER BY spend_rank, legal_end, id LOOP
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
                        v_credit, v_party, v_take, p_programme, NULL, p_day);
    v_left := v_left - v_take;
  END LOOP;
  IF v_left <> 0 THEN RAISE EXCEPTION 'voucher % lacks % cents', p_voucher, v_left; END IF;
  IF p_host IS NOT NULL AND NOT p_hold THEN
    PERFORM ledger_post(p_voucher, p_operation, v_line + 1, p_host, p_kind, 'CL', p_ledger, 'KR', p_outlet, p_cents, p_programme, NULL, p_day);
  END IF;
  PERFORM ledger_queue(p_voucher, p_operation, p_kind);
END $$;
