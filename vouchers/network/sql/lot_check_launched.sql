-- No paid value of a programme that never passed the gate, through whichever channel it would be issued. Decision 0307.
CREATE OR REPLACE FUNCTION lot_check_launched() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (
       SELECT 1 FROM voucher v
         JOIN programme p ON p.id = v.programme_id
        WHERE v.id = NEW.voucher_id AND p.launched_at IS NOT NULL
     )
  THEN
    RAISE EXCEPTION 'paid value before the launch gate' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
