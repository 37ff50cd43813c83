-- Two vouchers of one programme become one. Its lots stay lots; the emptied one is replaced and never lives again. Both
-- are locked in the order of their ids. Decision 0318.
CREATE OR REPLACE FUNCTION voucher_merge(
  p_from uuid,
  p_into uuid,
  p_operation uuid,
  p_into_operation uuid,
  p_actor uuid,
  p_key text,
  p_reason text,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_fingerprint CONSTANT bytea := sha256(convert_to(concat_ws('|', 'merge', p_from, p_into), 'UTF8'));
  v_from voucher;
  v_into voucher;
  v_earlier voucher_outcome;
  v_max_cents bigint;
  v_sum bigint;
  v_into_sum bigint;
  v_held bigint;
  v_reason text;
  v_answer jsonb;
BEGIN
  PERFORM 1 FROM voucher WHERE id IN (p_from, p_into) ORDER BY id FOR NO KEY UPDATE;
  SELECT * INTO v_from FROM voucher WHERE id = p_from;
  SELECT * INTO v_into FROM voucher WHERE id = p_into;
  IF v_from.id IS NULL OR v_into.id IS NULL THEN
    RETURN ROW('unknown', false, NULL, NULL)::voucher_outcome;
  END IF;
  v_earlier := voucher_replay(p_actor, p_key, v_fingerprint);
  IF v_earlier.outcome IS NOT NULL THEN
    RETURN v_earlier;
  END IF;

  SELECT sum(balance), sum(held) INTO v_sum, v_held FROM lot WHERE voucher_id = p_from;
  SELECT sum(balance) INTO v_into_sum FROM lot WHERE voucher_id = p_into;
  SELECT max_cents INTO v_max_cents FROM programme WHERE id = v_into.programme_id;
  v_reason := CASE
    WHEN p_from = p_into THEN 'same'
    WHEN v_from.programme_id <> v_into.programme_id THEN 'other_programme'
    WHEN v_from.state NOT IN ('active', 'exhausted') OR v_into.state NOT IN ('active', 'exhausted') THEN 'blocked'
    WHEN v_held > 0 THEN 'held'
    WHEN v_sum = 0 THEN 'nothing_left'
    WHEN v_sum + v_into_sum > v_max_cents THEN 'over_limit'
  END;
  IF v_reason IS NOT NULL THEN
    RETURN voucher_record_refusal(
      p_voucher => p_from,
      p_operation => p_operation,
      p_kind => 'merge_out',
      p_outcome => v_reason,
      p_cents => v_sum,
      p_actor => p_actor,
      p_key => p_key,
      p_at => p_at,
      p_fingerprint => v_fingerprint,
      p_ref => p_into,
      p_reason => p_reason,
      p_answer => jsonb_build_object('amount_cents', 0)
    );
  END IF;

  v_answer := jsonb_build_object('amount_cents', v_sum);
  v_sum := voucher_move_lots(
    p_from => v_from,
    p_into => p_into,
    p_operation => p_operation,
    p_into_operation => p_into_operation,
    p_day => voucher_booking_day(p_at)
  );
  UPDATE voucher SET state = 'replaced', replaced_by = p_into WHERE id = p_from;
  PERFORM voucher_record_operation(
    p_voucher => p_from,
    p_operation => p_operation,
    p_kind => 'merge_out',
    p_cents => v_sum,
    p_actor => p_actor,
    p_key => p_key,
    p_at => p_at,
    p_fingerprint => v_fingerprint,
    p_ref => p_into,
    p_reason => p_reason,
    p_answer => v_answer
  );
  PERFORM voucher_record_operation(
    p_voucher => p_into,
    p_operation => p_into_operation,
    p_kind => 'merge_in',
    p_cents => v_sum,
    p_actor => p_actor,
    p_key => p_key || ':in',
    p_at => p_at,
    p_ref => p_from,
    p_reason => p_reason,
    p_answer => v_answer
  );
  RETURN ROW('done', false, p_operation, v_answer)::voucher_outcome;
END
$$;
