-- The next link of the voucher's chain: moves the version on and writes the operation. The lots were changed before.
-- Goods that come back after a withdrawal wake the voucher: that part was never paid back to the buyer.
CREATE OR REPLACE FUNCTION voucher_link(p_voucher uuid, p_operation uuid, p_kind text, p_cents bigint, p_lapsed bigint, p_actor uuid, p_key text,
  p_fingerprint bytea, p_ref uuid, p_outlet uuid, p_till uuid, p_staff uuid, p_receipt text, p_basket bigint, p_client timestamptz,
  p_reason text, p_expires timestamptz, p_answer jsonb, p_at timestamptz, p_host uuid DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE v_version int; v_balance bigint; v_held bigint;
BEGIN
  SELECT sum(balance), sum(held) INTO v_balance, v_held FROM lot WHERE voucher_id = p_voucher;
  UPDATE voucher SET version = version + 1,
         state = CASE WHEN state = 'active' AND v_balance = 0 THEN 'exhausted'
                      WHEN state IN ('exhausted', 'withdrawn') AND v_balance > 0 THEN 'active' ELSE state END
   WHERE id = p_voucher RETURNING version INTO v_version;
  INSERT INTO voucher_operation (voucher_id, id, kind, outcome, cents, lapsed_cents, actor_id, key, fingerprint, ref_id, version,
      balance_after, held_after, outlet_id, till_id, staff_id, receipt_no, basket_cents, client_time, reason, expires_at, answer, recorded_at,
      booked_on, host_ledger_id)
  VALUES (p_voucher, p_operation, p_kind, 'done', p_cents, p_lapsed, p_actor, p_key, p_fingerprint, p_ref, v_version,
      v_balance, v_held, p_outlet, p_till, p_staff, p_receipt, p_basket, p_client, p_reason, p_expires, p_answer, p_at, voucher_day(p_at), p_host);
END $$;
