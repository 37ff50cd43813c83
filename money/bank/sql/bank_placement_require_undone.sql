-- Only what a payment or a settlement between issuers had of a receipt is taken off it again, whole and once: whatever
-- else a receipt's money was used for stays used, so that no second paper is paid from it. Decisions 0114, 0205, 0214.
CREATE OR REPLACE FUNCTION bank_placement_require_undone() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  IF NEW.place NOT IN ('payment', 'settlement') OR NOT EXISTS (
    SELECT FROM bank_placement p
     WHERE p.id = NEW.undoes
       AND p.place = NEW.place
       AND p.undoes IS NULL
       AND p.receipt_id = NEW.receipt_id
       AND p.payment_id IS NOT DISTINCT FROM NEW.payment_id
       AND p.paper_id IS NOT DISTINCT FROM NEW.paper_id
       AND p.cents = NEW.cents
  ) THEN
    RAISE EXCEPTION 'placement % takes nothing off a payment or settlement', NEW.undoes
      USING ERRCODE = 'check_violation', CONSTRAINT = 'undone';
  END IF;
  RETURN NEW;
END
$$;
