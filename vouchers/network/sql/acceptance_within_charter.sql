-- No shop outside the area and none too many, one after the other by the programme's lock. A replaced version counts once.
CREATE OR REPLACE FUNCTION acceptance_within_charter() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE p programme; v_shops int;
BEGIN
  SELECT * INTO p FROM programme WHERE id = NEW.programme_id FOR NO KEY UPDATE;
  IF p.area = 'towns' AND NOT EXISTS (SELECT 1 FROM programme_town t JOIN outlet o ON o.ags = t.ags
                                       WHERE t.programme_id = p.id AND o.id = NEW.outlet_id) THEN
    RAISE EXCEPTION 'outlet % lies outside the area', NEW.outlet_id USING ERRCODE = 'check_violation';
  END IF;
  SELECT count(DISTINCT outlet_id) INTO v_shops FROM acceptance
   WHERE programme_id = p.id AND outlet_id <> NEW.outlet_id AND (valid_until IS NULL OR valid_until > clock_timestamp());
  IF v_shops >= p.max_outlets THEN
    RAISE EXCEPTION 'programme % has as many shops as its charter allows', p.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
