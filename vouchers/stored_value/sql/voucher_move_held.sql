-- Moves a part of what is held: from the `p_skip`th cent on `p_cents`, in the order in which the lots were held.
-- 'capture' owes it to the shop it was held for, 'release' gives it back to its lots. The caller records the operation.
CREATE OR REPLACE FUNCTION voucher_move_held(
  p_verb text,
  p_voucher voucher,
  p_hold voucher_operation,
  p_operation uuid,
  p_skip bigint,
  p_cents bigint,
  p_day date
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  v_capture CONSTANT boolean := p_verb = 'capture';
  v_part record;
  v_line int := 0;
BEGIN
  FOR v_part IN
    SELECT lot_id, kind, least(upto, p_skip + p_cents) - greatest(upto - held, p_skip) AS cents
      FROM (
        SELECT o.lot_id, l.kind, o.cents AS held, o.line_no, sum(o.cents) OVER (ORDER BY o.line_no)::bigint AS upto
          FROM operation_part o
          JOIN lot l ON l.voucher_id = o.voucher_id AND l.id = o.lot_id
         WHERE o.voucher_id = p_voucher.id AND o.operation_id = p_hold.id
      ) parts
     WHERE least(upto, p_skip + p_cents) > greatest(upto - held, p_skip)
     ORDER BY line_no
  LOOP
    v_line := v_line + 1;
    UPDATE lot
       SET held = held - v_part.cents,
           balance = CASE WHEN v_capture THEN balance - v_part.cents ELSE balance END
     WHERE voucher_id = p_voucher.id AND id = v_part.lot_id;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_voucher.id, p_operation, v_part.lot_id, v_line, v_part.cents, false);
    PERFORM ledger_post(
      p_aggregate => p_voucher.id,
      p_journal => p_operation,
      p_line => v_line,
      p_ledger => p_voucher.ledger_id,
      p_kind => 'voucher.' || p_verb,
      p_debit => 'VH',
      p_debit_party => p_voucher.id,
      p_credit => CASE
        WHEN NOT v_capture THEN voucher_account(v_part.kind)
        WHEN p_hold.host_ledger_id IS NULL THEN 'KR'
        ELSE 'CL'
      END,
      p_credit_party => CASE
        WHEN v_capture THEN coalesce(p_hold.host_ledger_id, p_hold.outlet_id)
        ELSE p_voucher.id
      END,
      p_cents => v_part.cents,
      p_programme => p_voucher.programme_id,
      p_reverses => CASE WHEN NOT v_capture THEN p_hold.id END,
      p_booked_on => p_day
    );
  END LOOP;
  IF v_capture AND p_hold.host_ledger_id IS NOT NULL THEN
    PERFORM ledger_post(
      p_aggregate => p_voucher.id,
      p_journal => p_operation,
      p_line => v_line + 1,
      p_ledger => p_hold.host_ledger_id,
      p_kind => 'voucher.capture',
      p_debit => 'CL',
      p_debit_party => p_voucher.ledger_id,
      p_credit => 'KR',
      p_credit_party => p_hold.outlet_id,
      p_cents => p_cents,
      p_programme => p_voucher.programme_id,
      p_booked_on => p_day
    );
  END IF;
  PERFORM ledger_queue(p_voucher.id, p_operation, 'voucher.' || p_verb);
END
$$;
