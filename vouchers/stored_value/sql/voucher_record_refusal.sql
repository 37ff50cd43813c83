-- Writes a refusal. It is as durable as a success: its key can never succeed later.
CREATE OR REPLACE FUNCTION voucher_record_refusal(
  p_voucher uuid,
  p_operation uuid,
  p_kind text,
  p_outcome text,
  p_cents bigint,
  p_actor uuid,
  p_key text,
  p_at timestamptz,
  p_fingerprint bytea DEFAULT NULL,
  p_ref uuid DEFAULT NULL,
  p_outlet uuid DEFAULT NULL,
  p_till uuid DEFAULT NULL,
  p_staff uuid DEFAULT NULL,
  p_reason text DEFAULT NULL,
  p_answer jsonb DEFAULT NULL
) RETURNS voucher_outcome
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO voucher_operation (
    voucher_id, id, kind, outcome, cents, lapsed_cents, actor_id, key, fingerprint, ref_id,
    outlet_id, till_id, staff_id, reason, answer, recorded_at, booked_on
  ) VALUES (
    p_voucher, p_operation, p_kind, p_outcome, greatest(p_cents, 0), 0, p_actor, p_key, p_fingerprint, p_ref,
    p_outlet, p_till, p_staff, p_reason, p_answer, p_at, voucher_booking_day(p_at)
  );
  RETURN ROW(p_outcome, false, p_operation, p_answer)::voucher_outcome;
END
$$;
