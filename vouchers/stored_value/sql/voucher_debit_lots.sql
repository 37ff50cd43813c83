-- Takes value for a shop out of the lots that may be spent there, in their order, or holds it; stores the split and
-- books it, line by line. In the shop of another issuer that issuer owes the shop, and ours owes the other. Decisions
-- 0302, 0319.
CREATE OR REPLACE FUNCTION voucher_debit_lots(
  p_voucher voucher,
  p_operation uuid,
  p_kind text,
  p_cents bigint,
  p_hold boolean,
  p_outlet uuid,
  p_host uuid,
  p_day date,
  p_postcode text
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  v_lot record;
  v_line int := 0;
  v_part bigint;
  v_left bigint := p_cents;
  v_credit CONSTANT text := CASE WHEN p_hold THEN 'VH' WHEN p_host IS NULL THEN 'KR' ELSE 'CL' END;
  v_party CONSTANT uuid := CASE WHEN p_hold THEN p_voucher.id WHEN p_host IS NULL THEN p_outlet ELSE p_host END;
BEGIN
  FOR v_lot IN
    SELECT id, kind, balance - held AS free
      FROM lot
     WHERE voucher_id = p_voucher.id
       AND legal_end >= p_day
       AND balance > held
       AND (postcode_areas IS NULL OR left(p_postcode, 2) = ANY (postcode_areas))
     ORDER BY spend_rank, legal_end, id
  LOOP
    EXIT WHEN v_left = 0;
    v_part := least(v_left, v_lot.free);
    v_line := v_line + 1;
    IF p_hold THEN
      UPDATE lot SET held = held + v_part WHERE voucher_id = p_voucher.id AND id = v_lot.id;
    ELSE
      UPDATE lot SET balance = balance - v_part WHERE voucher_id = p_voucher.id AND id = v_lot.id;
    END IF;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_voucher.id, p_operation, v_lot.id, v_line, v_part, false);
    PERFORM ledger_post(
      p_aggregate => p_voucher.id,
      p_journal => p_operation,
      p_line => v_line,
      p_ledger => p_voucher.ledger_id,
      p_kind => p_kind,
      p_debit => voucher_account(v_lot.kind),
      p_debit_party => p_voucher.id,
      p_credit => v_credit,
      p_credit_party => v_party,
      p_cents => v_part,
      p_programme => p_voucher.programme_id,
      p_booked_on => p_day
    );
    v_left := v_left - v_part;
  END LOOP;
  IF v_left <> 0 THEN
    RAISE EXCEPTION 'voucher % lacks % cents', p_voucher.id, v_left;
  END IF;
  IF p_host IS NOT NULL AND NOT p_hold THEN
    PERFORM ledger_post(
      p_aggregate => p_voucher.id,
      p_journal => p_operation,
      p_line => v_line + 1,
      p_ledger => p_host,
      p_kind => p_kind,
      p_debit => 'CL',
      p_debit_party => p_voucher.ledger_id,
      p_credit => 'KR',
      p_credit_party => p_outlet,
      p_cents => p_cents,
      p_programme => p_voucher.programme_id,
      p_booked_on => p_day
    );
  END IF;
  PERFORM ledger_queue(p_voucher.id, p_operation, p_kind);
END
$$;
