-- A typed code with its PIN, for use without a till. Five wrong PINs lock the code; nothing tells which of the two was
-- wrong: whoever misses, for whatever reason, makes the database look up one row and write one row. Decision 0312.
CREATE OR REPLACE FUNCTION voucher_find_by_pin(p_code bytea, p_pin bytea, p_at timestamptz) RETURNS uuid
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_voucher voucher;
  v_open boolean;
BEGIN
  SELECT * INTO v_voucher FROM voucher WHERE code_hash = p_code FOR NO KEY UPDATE;
  v_open := v_voucher.id IS NOT NULL AND v_voucher.locked_at IS NULL;
  IF v_open AND v_voucher.pin_hash = p_pin THEN
    IF v_voucher.wrong_pins > 0 THEN
      UPDATE voucher SET wrong_pins = 0 WHERE id = v_voucher.id;
    END IF;
    RETURN v_voucher.id;
  END IF;
  IF v_open THEN
    UPDATE voucher
       SET wrong_pins = wrong_pins + 1,
           locked_at = CASE WHEN wrong_pins + 1 >= 5 THEN p_at END
     WHERE id = v_voucher.id;
  ELSE
    UPDATE pin_decoy SET wrong_pins = (wrong_pins + 1) % 1000 WHERE id = get_byte(p_code, 0) % 64;
  END IF;
  RETURN NULL;
END
$$;
