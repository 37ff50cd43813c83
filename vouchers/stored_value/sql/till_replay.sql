-- What was decided under this key in this shop before, at whichever of its tills, or nothing. The same key for
-- something else is 'key_reused'. Decision 0326.
CREATE OR REPLACE FUNCTION till_replay(p_outlet uuid, p_key text, p_fingerprint bytea) RETURNS voucher_outcome
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
  v_earlier voucher_outcome;
BEGIN
  SELECT CASE WHEN k.fingerprint = p_fingerprint THEN coalesce(o.outcome, m.reason) ELSE 'key_reused' END,
         true,
         k.operation_id,
         CASE WHEN k.fingerprint = p_fingerprint THEN o.answer END
    INTO v_earlier
    FROM till_key k
    LEFT JOIN voucher_operation o ON o.id = k.operation_id
    LEFT JOIN missed_redemption m ON m.id = k.operation_id
   WHERE k.outlet_id = p_outlet AND k.key = p_key;
  IF FOUND AND v_earlier.outcome IS NULL THEN
    RAISE EXCEPTION 'key without its operation' USING ERRCODE = 'data_corrupted';
  END IF;
  RETURN v_earlier;
END
$$;
