-- Nothing goes on sale that has not passed the launch gate, whoever writes the row. Decision 0307.
CREATE OR REPLACE FUNCTION programme_check_gate() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_launches boolean;
BEGIN
  IF TG_OP = 'INSERT' THEN
    v_launches := NEW.on_sale OR NEW.launched_at IS NOT NULL;
  ELSE
    v_launches := (NEW.on_sale AND NOT OLD.on_sale) OR (NEW.launched_at IS NOT NULL AND OLD.launched_at IS NULL);
  END IF;
  IF v_launches THEN
    IF NOT programme_gate(NEW.id, NEW.issuer_id, NEW.supervision) THEN
      RAISE EXCEPTION 'programme % has not passed the launch gate', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    NEW.launched_at := coalesce(NEW.launched_at, clock_timestamp());
  END IF;
  RETURN NEW;
END
$$;
