-- Takes a key for an act of a till, or tells what was decided under it before: one key is one act in a whole shop.
-- Whoever comes at the same moment waits here until the first one is decided. Always before a voucher is locked, so
-- that nobody waits here who is waited for. Decision 0326.
CREATE OR REPLACE FUNCTION till_claim_key(
  p_till till_identity,
  p_key text,
  p_fingerprint bytea,
  p_operation uuid,
  p_at timestamptz
) RETURNS voucher_outcome
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO till_key (outlet_id, key, fingerprint, operation_id, till_id, recorded_at)
  VALUES (p_till.outlet_id, p_key, p_fingerprint, p_operation, p_till.id, p_at)
  ON CONFLICT (outlet_id, key) DO NOTHING;
  IF FOUND THEN
    RETURN NULL;
  END IF;
  RETURN till_replay(p_till.outlet_id, p_key, p_fingerprint);
END
$$;
