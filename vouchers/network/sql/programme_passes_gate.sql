-- Nothing goes on sale past the gate, whoever writes the row.
CREATE OR REPLACE FUNCTION programme_passes_gate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF (TG_OP = 'INSERT' AND (NEW.on_sale OR NEW.launched_at IS NOT NULL))
     OR (TG_OP = 'UPDATE' AND ((NEW.on_sale AND NOT OLD.on_sale) OR (NEW.launched_at IS NOT NULL AND OLD.launched_at IS NULL))) THEN
    IF NOT programme_gate(NEW.id, NEW.issuer_id, NEW.supervision) THEN
      RAISE EXCEPTION 'programme % has not passed the launch gate', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    NEW.launched_at := coalesce(NEW.launched_at, clock_timestamp());
  END IF;
  RETURN NEW;
END $$;
