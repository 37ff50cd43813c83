-- Whether a secret (hash of token or typed code) is still the voucher's own. Keeps the voucher's row locked until the
-- end of the transaction, so that nothing comes between this answer and what is done upon it: claiming, passing on,
-- renewing. Decision 0312.
CREATE OR REPLACE FUNCTION voucher_is_credential_current(p_voucher uuid, p_secret bytea) RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_voucher voucher;
BEGIN
  SELECT * INTO v_voucher FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  RETURN FOUND AND p_secret IN (v_voucher.token_hash, v_voucher.code_hash);
END
$$;
