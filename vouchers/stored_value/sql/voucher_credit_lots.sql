-- Puts value of an operation back into the lots it came from, last taken first. What a bonus gets back after its last
-- day goes to the campaign's budget; gives the sum of that, in cents. Decision 0302.
CREATE OR REPLACE FUNCTION voucher_credit_lots(
  p_voucher voucher,
  p_operation uuid,
  p_ref uuid,
  p_kind text,
  p_cents bigint,
  p_outlet uuid,
  p_host uuid,
  p_day date
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
  v_taken record;
  v_line int := 0;
  v_part bigint;
  v_left bigint := p_cents;
  v_lapses boolean;
  v_lapsed bigint := 0;
BEGIN
  FOR v_taken IN
    SELECT o.lot_id,
           l.kind,
           l.origin_id,
           l.legal_end,
           o.cents - coalesce(
             (
               SELECT sum(b.cents)
                 FROM voucher_operation r
                 JOIN operation_part b
                   ON b.voucher_id = r.voucher_id AND b.operation_id = r.id AND b.lot_id = o.lot_id
                WHERE r.voucher_id = p_voucher.id
                  AND r.ref_id = p_ref
                  AND r.outcome = 'done'
                  AND r.kind IN ('void', 'refund')
             ),
             0
           ) AS open
      FROM operation_part o
      JOIN lot l ON l.voucher_id = o.voucher_id AND l.id = o.lot_id
     WHERE o.voucher_id = p_voucher.id AND o.operation_id = p_ref
     ORDER BY o.line_no DESC
  LOOP
    EXIT WHEN v_left = 0;
    CONTINUE WHEN v_taken.open <= 0;
    v_part := least(v_left, v_taken.open);
    v_line := v_line + 1;
    v_lapses := v_taken.kind = 'bonus' AND v_taken.legal_end < p_day;
    IF v_lapses THEN
      v_lapsed := v_lapsed + v_part;
    ELSE
      UPDATE lot SET balance = balance + v_part WHERE voucher_id = p_voucher.id AND id = v_taken.lot_id;
    END IF;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_voucher.id, p_operation, v_taken.lot_id, v_line, v_part, v_lapses);
    PERFORM ledger_post(
      p_aggregate => p_voucher.id,
      p_journal => p_operation,
      p_line => v_line,
      p_ledger => p_voucher.ledger_id,
      p_kind => p_kind,
      p_debit => CASE WHEN p_host IS NULL THEN 'KR' ELSE 'CL' END,
      p_debit_party => coalesce(p_host, p_outlet),
      p_credit => CASE WHEN v_lapses THEN 'CB' ELSE voucher_account(v_taken.kind) END,
      p_credit_party => CASE WHEN v_lapses THEN v_taken.origin_id ELSE p_voucher.id END,
      p_cents => v_part,
      p_programme => p_voucher.programme_id,
      p_reverses => p_ref,
      p_booked_on => p_day
    );
    v_left := v_left - v_part;
  END LOOP;
  IF v_left <> 0 THEN
    RAISE EXCEPTION 'operation % has no % cents left to give back', p_ref, v_left;
  END IF;
  IF p_host IS NOT NULL THEN
    PERFORM ledger_post(
      p_aggregate => p_voucher.id,
      p_journal => p_operation,
      p_line => v_line + 1,
      p_ledger => p_host,
      p_kind => p_kind,
      p_debit => 'KR',
      p_debit_party => p_outlet,
      p_credit => 'CL',
      p_credit_party => p_voucher.ledger_id,
      p_cents => p_cents,
      p_programme => p_voucher.programme_id,
      p_reverses => p_ref,
      p_booked_on => p_day
    );
  END IF;
  PERFORM ledger_queue(p_voucher.id, p_operation, p_kind);
  RETURN v_lapsed;
END
$$;
