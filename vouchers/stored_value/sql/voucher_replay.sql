-- What was decided for this key before, or nothing. The same key for something else is 'key_reused'. Decision 0301.
CREATE OR REPLACE FUNCTION voucher_replay(p_actor uuid, p_key text, p_fingerprint bytea) RETURNS voucher_outcome
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
  v_earlier voucher_outcome;
BEGIN
  SELECT CASE WHEN o.fingerprint = p_fingerprint THEN o.outcome ELSE 'key_reused' END,
         true,
         o.id,
         CASE WHEN o.fingerprint = p_fingerprint THEN o.answer END
    INTO v_earlier
    FROM voucher_operation o
   WHERE o.actor_id = p_actor AND o.key = p_key
  UNION ALL
  SELECT CASE WHEN m.fingerprint = p_fingerprint THEN m.reason ELSE 'key_reused' END,
         true,
         NULL,
         NULL
    FROM missed_redemption m
   WHERE m.actor_id = p_actor AND m.key = p_key;
  RETURN v_earlier;
END
$$;
