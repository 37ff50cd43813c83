-- An agreement that ends says who ended it; what the move of a shop ended (a trigger, hence the depth) ended by its area.
CREATE OR REPLACE FUNCTION acceptance_tells_end() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.valid_until IS NOT NULL AND NEW.ended_by IS NULL THEN
    NEW.ended_by := CASE WHEN pg_trigger_depth() > 1 THEN 'area' ELSE 'issuer' END;
  ELSIF NEW.valid_until IS NULL THEN
    NEW.ended_by := NULL;
  END IF;
  RETURN NEW;
END $$;
