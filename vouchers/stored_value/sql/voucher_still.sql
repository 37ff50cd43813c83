-- Whether a secret (hash of token or typed code) is still the voucher's own. Keeps the voucher's row locked until the end of the transaction,
-- so that nothing comes between this answer and what is done upon it: claiming, passing on, renewing.
CREATE OR REPLACE FUNCTION voucher_still(p_voucher uuid, p_secret bytea) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE v voucher;
BEGIN
  SELECT * INTO v FROM voucher WHERE id = p_voucher FOR NO KEY UPDATE;
  RETURN FOUND AND p_secret IN (v.token_hash, v.code_hash);
END $$;
