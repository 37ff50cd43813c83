-- Blocks, unblocks, or gives new secrets to a voucher; the old ones are dead at once. No value moves. The issuer can block
-- what its holder has blocked: then the holder cannot undo it.
CREATE OR REPLACE FUNCTION voucher_mark(p_verb text, p_voucher uuid, p_operation uuid, p_actor uuid, p_key text, p_token bytea, p_code bytea, p_pin bytea,
  p_last4 text, p_reason text, p_at timestamptz) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v voucher; v_earlier text;
BEGIN
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN 'unknown'; END IF;
  SELECT outcome INTO v_earlier FROM voucher_operation WHERE actor_id = p_actor AND key = p_key;
  IF FOUND THEN RETURN 'replay'; END IF;
  IF p_verb = 'block' AND (v.state IN ('active', 'exhausted') OR (v.state = 'blocked' AND p_reason <> 'holder')) THEN UPDATE voucher SET state = 'blocked' WHERE id = p_voucher;
  ELSIF p_verb = 'unblock' AND v.state = 'blocked' THEN UPDATE voucher SET state = 'active' WHERE id = p_voucher;
  ELSIF p_verb = 'renew' AND v.state IN ('active', 'exhausted', 'blocked') THEN
    UPDATE voucher SET token_hash = p_token, code_hash = p_code, pin_hash = p_pin, last4 = p_last4, wrong_pins = 0, locked_at = NULL
     WHERE id = p_voucher;
  ELSIF p_verb = 'unlock' THEN UPDATE voucher SET wrong_pins = 0, locked_at = NULL WHERE id = p_voucher;
  ELSE RETURN 'refused'; END IF;
  PERFORM voucher_link(p_voucher, p_operation, p_verb, 0, 0, p_actor, p_key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, p_reason, NULL,
                       NULL, p_at);
  RETURN 'done';
END $$;
