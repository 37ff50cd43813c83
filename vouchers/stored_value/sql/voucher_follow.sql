-- A voucher that was merged is empty for good: what came back to it follows the value, as often as it was merged.
CREATE OR REPLACE FUNCTION voucher_follow(p_voucher uuid, p_actor uuid, p_at timestamptz) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  v_voucher voucher;
  v_successor voucher;
  v_moved bigint;
  v_out uuid;
  v_in uuid;
BEGIN
  SELECT * INTO STRICT v_voucher FROM voucher WHERE id = p_voucher;
  WHILE v_voucher.state = 'replaced' LOOP
    SELECT * INTO STRICT v_successor FROM voucher WHERE id = v_voucher.replaced_by FOR NO KEY UPDATE;
    v_out := gen_random_uuid();
    v_in := gen_random_uuid();
    v_moved := voucher_move_lots(
      p_from => v_voucher,
      p_into => v_successor.id,
      p_operation => v_out,
      p_into_operation => v_in,
      p_day => voucher_booking_day(p_at)
    );
    PERFORM voucher_record_operation(
      p_voucher => v_voucher.id,
      p_operation => v_out,
      p_kind => 'merge_out',
      p_cents => v_moved,
      p_actor => p_actor,
      p_key => 'follow:' || v_out,
      p_at => p_at,
      p_ref => v_successor.id
    );
    PERFORM voucher_record_operation(
      p_voucher => v_successor.id,
      p_operation => v_in,
      p_kind => 'merge_in',
      p_cents => v_moved,
      p_actor => p_actor,
      p_key => 'follow:' || v_in,
      p_at => p_at,
      p_ref => v_voucher.id
    );
    v_voucher := v_successor;
  END LOOP;
END
$$;
