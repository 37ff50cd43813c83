-- Whether a voucher moves faster than people shop: as many operations in ten minutes as its programme allows. Reads one
-- row of an index, and only of vouchers that have lived that long. Decisions 0309, 0319.
CREATE OR REPLACE FUNCTION voucher_velocity_exceeded(p_voucher voucher, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
  v_limit int;
BEGIN
  IF p_voucher.version <= 60 THEN
    RETURN false;
  END IF;
  SELECT velocity_limit INTO v_limit FROM programme WHERE id = p_voucher.programme_id;
  RETURN EXISTS (
    SELECT 1 FROM voucher_operation
     WHERE voucher_id = p_voucher.id
       AND version = p_voucher.version - v_limit
       AND outcome = 'done'
       AND recorded_at > p_at - interval '10 minutes'
  );
END
$$;
