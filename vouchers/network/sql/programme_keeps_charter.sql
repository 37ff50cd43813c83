-- At the end of every transaction the programme's limits and towns are those of its newest charter.
CREATE OR REPLACE FUNCTION programme_keeps_charter() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE v_id uuid; c charter; p programme; v_towns text[];
BEGIN
  IF TG_TABLE_NAME = 'programme' THEN v_id := NEW.id;
  ELSIF TG_OP = 'DELETE' THEN v_id := OLD.programme_id;
  ELSE v_id := NEW.programme_id; END IF;
  SELECT * INTO c FROM charter WHERE programme_id = v_id ORDER BY version DESC LIMIT 1;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT * INTO p FROM programme WHERE id = v_id;
  SELECT coalesce(array_agg(ags::text ORDER BY ags), '{}') INTO v_towns FROM programme_town WHERE programme_id = v_id;
  IF (p.area, p.max_outlets, p.max_cents, p.month_cents, p.payer_cents, v_towns)
     IS DISTINCT FROM (c.area, c.max_outlets, c.max_cents, c.month_cents, c.payer_cents, c.towns) THEN
    RAISE EXCEPTION 'programme % is not as its charter says', v_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
