-- An agreement that ends says who ended it. What another trigger ended (the shop moved, hence the depth) ended by its
-- area.
CREATE OR REPLACE FUNCTION acceptance_set_ended_by() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  IF NEW.valid_until IS NULL THEN
    NEW.ended_by := NULL;
  ELSIF NEW.ended_by IS NULL THEN
    NEW.ended_by := CASE WHEN pg_trigger_depth() > 1 THEN 'area' ELSE 'issuer' END;
  END IF;
  RETURN NEW;
END
$$;
