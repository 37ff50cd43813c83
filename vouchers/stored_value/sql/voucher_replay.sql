-- What was decided for this key of a payment or an office before, or nothing; those of tills: till_replay. The same key
-- for something else is 'key_reused'. Decision 0301.
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
   WHERE o.actor_id = p_actor AND o.key = p_key;
  RETURN v_earlier;
END
$$;
