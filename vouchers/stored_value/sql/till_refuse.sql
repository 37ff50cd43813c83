-- Why this till may not act now; but what was decided for this key before is told again. Decision 0326.
CREATE OR REPLACE FUNCTION till_refuse(p_till till_identity, p_key text, p_fingerprint bytea) RETURNS voucher_outcome
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
  v_earlier voucher_outcome;
  v_answer jsonb;
BEGIN
  v_earlier := till_replay(p_till.outlet_id, p_key, p_fingerprint);
  IF v_earlier.outcome IS NOT NULL THEN
    RETURN v_earlier;
  END IF;
  IF p_till.refusal = 'till_paused' THEN
    SELECT jsonb_strip_nulls(jsonb_build_object('reason_code', pause_reason, 'paused_until', paused_until))
      INTO v_answer
      FROM till
     WHERE id = p_till.id;
  END IF;
  RETURN ROW(p_till.refusal, false, NULL, v_answer)::voucher_outcome;
END
$$;
