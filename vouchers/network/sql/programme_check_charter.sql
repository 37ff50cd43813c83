-- At the end of every transaction the programme's limits and towns are those of its newest charter. Decision 0307.
CREATE OR REPLACE FUNCTION programme_check_charter() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_id uuid;
  v_charter charter;
  v_programme programme;
  v_towns text[];
BEGIN
  IF TG_TABLE_NAME = 'programme' THEN
    v_id := NEW.id;
  ELSIF TG_OP = 'DELETE' THEN
    v_id := OLD.programme_id;
  ELSE
    v_id := NEW.programme_id;
  END IF;
  SELECT * INTO v_charter FROM charter WHERE programme_id = v_id ORDER BY version DESC LIMIT 1;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT * INTO v_programme FROM programme WHERE id = v_id;
  SELECT coalesce(array_agg(ags::text ORDER BY ags), '{}') INTO v_towns
    FROM programme_town
   WHERE programme_id = v_id;
  IF ROW(v_programme.area, v_programme.max_outlets, v_programme.max_cents, v_programme.month_cents,
         v_programme.payer_cents, v_towns)
     IS DISTINCT FROM
     ROW(v_charter.area, v_charter.max_outlets, v_charter.max_cents, v_charter.month_cents,
         v_charter.payer_cents, v_charter.towns)
  THEN
    RAISE EXCEPTION 'programme % is not as its charter says', v_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
