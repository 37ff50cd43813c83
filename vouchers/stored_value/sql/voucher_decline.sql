-- A refusal is as durable as a success: its key can never succeed later.
CREATE OR REPLACE FUNCTION voucher_decline(p_voucher uuid, p_operation uuid, p_kind text, p_outcome text, p_cents bigint, p_actor uuid, p_key text,
  p_fingerprint bytea, p_ref uuid, p_outlet uuid, p_till uuid, p_staff uuid, p_reason text, p_answer jsonb, p_at timestamptz)
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO voucher_operation (voucher_id, id, kind, outcome, cents, lapsed_cents, actor_id, key, fingerprint, ref_id, outlet_id, till_id,
      staff_id, reason, answer, recorded_at, booked_on)
  VALUES (p_voucher, p_operation, p_kind, p_outcome, greatest(p_cents, 0), 0, p_actor, p_key, p_fingerprint, p_ref, p_outlet, p_till,
      p_staff, p_reason, p_answer, p_at, voucher_day(p_at));
END $$;
