-- The last step of everything that happens to a voucher: moves its version on and writes the operation. The lots were
-- changed before. Goods that come back after a withdrawal wake the voucher: that part was never paid back to the buyer.
CREATE OR REPLACE FUNCTION voucher_record_operation(
  p_voucher uuid,
  p_operation uuid,
  p_kind text,
  p_cents bigint,
  p_actor uuid,
  p_key text,
  p_at timestamptz,
  p_lapsed bigint DEFAULT 0,
  p_fingerprint bytea DEFAULT NULL,
  p_ref uuid DEFAULT NULL,
  p_outlet uuid DEFAULT NULL,
  p_till uuid DEFAULT NULL,
  p_staff uuid DEFAULT NULL,
  p_receipt_no text DEFAULT NULL,
  p_basket bigint DEFAULT NULL,
  p_client_time timestamptz DEFAULT NULL,
  p_reason text DEFAULT NULL,
  p_expires timestamptz DEFAULT NULL,
  p_answer jsonb DEFAULT NULL,
  p_host uuid DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  v_version int;
  v_balance bigint;
  v_held bigint;
BEGIN
  SELECT sum(balance), sum(held) INTO v_balance, v_held FROM lot WHERE voucher_id = p_voucher;
  UPDATE voucher
     SET version = version + 1,
         state = CASE
           WHEN state = 'active' AND v_balance = 0 THEN 'exhausted'
           WHEN state IN ('exhausted', 'withdrawn') AND v_balance > 0 THEN 'active'
           ELSE state
         END
   WHERE id = p_voucher
  RETURNING version INTO v_version;
  INSERT INTO voucher_operation (
    voucher_id, id, kind, outcome, cents, lapsed_cents, actor_id, key, fingerprint, ref_id,
    version, balance_after, held_after, outlet_id, till_id, staff_id, receipt_no, basket_cents,
    client_time, reason, expires_at, answer, recorded_at, booked_on, host_ledger_id
  ) VALUES (
    p_voucher, p_operation, p_kind, 'done', p_cents, p_lapsed, p_actor, p_key, p_fingerprint, p_ref,
    v_version, v_balance, v_held, p_outlet, p_till, p_staff, p_receipt_no, p_basket,
    p_client_time, p_reason, p_expires, p_answer, p_at, voucher_booking_day(p_at), p_host
  );
END
$$;
