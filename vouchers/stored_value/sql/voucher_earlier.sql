-- What was decided for this key before, or no row.
CREATE OR REPLACE FUNCTION voucher_earlier(p_actor uuid, p_key text, p_fingerprint bytea)
RETURNS TABLE (outcome text, replay boolean, operation_id uuid, answer jsonb) LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT CASE WHEN o.fingerprint = p_fingerprint THEN o.outcome ELSE 'key_reused' END, true, o.id,
         CASE WHEN o.fingerprint = p_fingerprint THEN o.answer END
    FROM voucher_operation o WHERE o.actor_id = p_actor AND o.key = p_key
  UNION ALL
  SELECT CASE WHEN m.fingerprint = p_fingerprint THEN m.reason ELSE 'key_reused' END, true, NULL::uuid, NULL::jsonb
    FROM missed_redemption m WHERE m.actor_id = p_actor AND m.key = p_key;
END $$;
