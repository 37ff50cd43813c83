-- Sixty moves of one voucher in ten minutes (or what its programme allows) are no shopping. Asks one row of an index,
-- and only of vouchers that have lived that long.
CREATE OR REPLACE FUNCTION voucher_hurries(v voucher, p_at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE v_most int;
BEGIN
  IF v.version <= 60 THEN RETURN false; END IF;
  SELECT most_moves INTO v_most FROM programme WHERE id = v.programme_id;
  RETURN EXISTS (SELECT 1 FROM voucher_operation WHERE voucher_id = v.id AND version = v.version - v_most AND outcome = 'done'
                    AND recorded_at > p_at - interval '10 minutes');
END $$;
