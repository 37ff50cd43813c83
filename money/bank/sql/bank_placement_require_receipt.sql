-- A receipt pays for vouchers of two people's (place 'value') as far as nobody has used it: money on the trust account,
-- which neither of the two has typed. One after the other, so that no two take the same cents. Decision 0114.
CREATE OR REPLACE FUNCTION bank_placement_require_receipt() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_receipt bank_receipt;
  v_free bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('receipt ' || NEW.receipt_id, 0));
  SELECT * INTO STRICT v_receipt FROM bank_receipt WHERE id = NEW.receipt_id;
  IF NOT EXISTS (SELECT FROM bank_account WHERE id = v_receipt.account_id AND purpose = 'trust')
     OR (v_receipt.source = 'person' AND v_receipt.entered_by IN (NEW.placed_by, NEW.approved_by))
  THEN
    RAISE EXCEPTION 'receipt % pays for no value of theirs', NEW.receipt_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'funded';
  END IF;
  SELECT v_receipt.cents
         - coalesce(sum(CASE WHEN undoes IS NULL THEN cents ELSE -cents END), 0)
         - (SELECT coalesce(sum(cents), 0) FROM bank_return WHERE receipt_id = NEW.receipt_id)
    INTO v_free
    FROM bank_placement
   WHERE receipt_id = NEW.receipt_id;
  IF v_free < NEW.cents THEN
    RAISE EXCEPTION 'only % of receipt % are left', v_free, NEW.receipt_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'funded';
  END IF;
  RETURN NEW;
END
$$;
