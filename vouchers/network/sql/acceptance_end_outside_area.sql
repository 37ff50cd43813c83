-- A shop that moves out of a programme's area accepts it no more, from this second.
CREATE OR REPLACE FUNCTION acceptance_end_outside_area() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  UPDATE acceptance a
     SET valid_until = greatest(clock_timestamp(), a.valid_from)
    FROM programme p
   WHERE p.id = a.programme_id
     AND a.outlet_id = NEW.id
     AND a.valid_until IS NULL
     AND p.area = 'towns'
     AND NOT EXISTS (SELECT 1 FROM programme_town t WHERE t.programme_id = p.id AND t.ags = NEW.ags);
  RETURN NEW;
END
$$;
