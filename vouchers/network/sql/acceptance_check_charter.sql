-- No shop outside the area and none too many, one after the other by the programme's lock. A shop whose agreement is
-- replaced counts once. Decision 0307.
CREATE OR REPLACE FUNCTION acceptance_check_charter() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_programme programme;
  v_other_shops int;
BEGIN
  SELECT * INTO v_programme FROM programme WHERE id = NEW.programme_id FOR NO KEY UPDATE;
  IF v_programme.area = 'towns' AND NOT EXISTS (
       SELECT 1 FROM programme_town t
         JOIN outlet o ON o.ags = t.ags
        WHERE t.programme_id = v_programme.id AND o.id = NEW.outlet_id
     )
  THEN
    RAISE EXCEPTION 'outlet % lies outside the area', NEW.outlet_id USING ERRCODE = 'check_violation';
  END IF;
  SELECT count(DISTINCT outlet_id) INTO v_other_shops
    FROM acceptance
   WHERE programme_id = v_programme.id
     AND outlet_id <> NEW.outlet_id
     AND (valid_until IS NULL OR valid_until > clock_timestamp());
  IF v_other_shops >= v_programme.max_outlets THEN
    RAISE EXCEPTION 'programme % has as many shops as its charter allows', v_programme.id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
