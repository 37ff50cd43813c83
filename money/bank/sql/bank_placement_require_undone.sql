-- Only what a payment had of a receipt is taken off it again, whole and once: whatever else a receipt's money was used
-- for stays used, so that no second paper is paid from it. Decisions 0114, 0205.
CREATE OR REPLACE FUNCTION bank_placement_require_undone() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  IF NEW.place <> 'payment' OR NOT EXISTS (
    SELECT FROM bank_placement p
     WHERE p.id = NEW.undoes
       AND p.place = 'payment'
       AND p.undoes IS NULL
       AND p.receipt_id = NEW.receipt_id
       AND p.payment_id = NEW.payment_id
       AND p.cents = NEW.cents
  ) THEN
    RAISE EXCEPTION 'placement % takes nothing off a payment', NEW.undoes
      USING ERRCODE = 'check_violation', CONSTRAINT = 'undone';
  END IF;
  RETURN NEW;
END
$$;
