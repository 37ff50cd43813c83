-- Blocks, unblocks, gives new secrets ('renew': the old ones are dead at once) or lets PINs be tried again ('unlock').
-- No value moves. The issuer can block what its holder has blocked: then the holder cannot undo it. Gives done, replay,
-- refused or unknown.
CREATE OR REPLACE FUNCTION voucher_change_access(
  p_verb text,
  p_voucher uuid,
  p_operation uuid,
  p_actor uuid,
  p_key text,
  p_token bytea,
  p_code bytea,
  p_pin bytea,
  p_last4 text,
  p_reason text,
  p_at timestamptz
) RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_state text;
BEGIN
  SELECT state INTO v_state FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN 'unknown';
  END IF;
  IF EXISTS (SELECT 1 FROM voucher_operation WHERE actor_id = p_actor AND key = p_key) THEN
    RETURN 'replay';
  END IF;
  IF p_verb = 'block' AND (v_state IN ('active', 'exhausted') OR (v_state = 'blocked' AND p_reason <> 'holder')) THEN
    UPDATE voucher SET state = 'blocked' WHERE id = p_voucher;
  ELSIF p_verb = 'unblock' AND v_state = 'blocked' THEN
    UPDATE voucher SET state = 'active' WHERE id = p_voucher;
  ELSIF p_verb = 'renew' AND v_state IN ('active', 'exhausted', 'blocked') THEN
    UPDATE voucher
       SET token_hash = p_token,
           code_hash = p_code,
           pin_hash = p_pin,
           last4 = p_last4,
           wrong_pins = 0,
           locked_at = NULL
     WHERE id = p_voucher;
  ELSIF p_verb = 'unlock' THEN
    UPDATE voucher SET wrong_pins = 0, locked_at = NULL WHERE id = p_voucher;
  ELSE
    RETURN 'refused';
  END IF;
  PERFORM voucher_record_operation(
    p_voucher => p_voucher,
    p_operation => p_operation,
    p_kind => p_verb,
    p_cents => 0,
    p_actor => p_actor,
    p_key => p_key,
    p_at => p_at,
    p_reason => p_reason
  );
  RETURN 'done';
END
$$;
