-- Whether a programme may be sold: charter by two, trust account, terms, VAT signed off, the authority's position.
CREATE FUNCTION programme_gate(p_programme uuid, p_issuer uuid, p_supervision text) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
BEGIN
  RETURN p_supervision = 'ok'
     AND EXISTS (SELECT 1 FROM charter WHERE programme_id = p_programme)
     AND EXISTS (SELECT 1 FROM bank_account WHERE organisation_id = p_issuer AND purpose = 'trust' AND closed_at IS NULL)
     AND EXISTS (SELECT 1 FROM programme_terms WHERE programme_id = p_programme AND kind = 'buyer')
     AND EXISTS (SELECT 1 FROM gate_record WHERE programme_id = p_programme AND item = 'vat')
     AND coalesce((SELECT value = 'ok' FROM gate_record WHERE programme_id = p_programme AND item = 'supervision'
                    ORDER BY recorded_at DESC, id DESC LIMIT 1), false);
END $$;

-- Nothing goes on sale past the gate, whoever writes the row.
CREATE FUNCTION programme_passes_gate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
CREATE TRIGGER programme_passes_gate BEFORE INSERT OR UPDATE OF on_sale, launched_at ON programme
  FOR EACH ROW EXECUTE FUNCTION programme_passes_gate();

-- At the end of every transaction the programme's limits and towns are those of its newest charter.
CREATE FUNCTION programme_keeps_charter() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
CREATE CONSTRAINT TRIGGER programme_keeps_charter AFTER INSERT OR UPDATE ON programme
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION programme_keeps_charter();
CREATE CONSTRAINT TRIGGER programme_keeps_charter AFTER INSERT OR UPDATE OR DELETE ON programme_town
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION programme_keeps_charter();
CREATE CONSTRAINT TRIGGER programme_keeps_charter AFTER INSERT ON charter
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION programme_keeps_charter();

-- No shop outside the area and none too many, one after the other by the programme's lock. A replaced version counts once.
CREATE FUNCTION acceptance_within_charter() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
CREATE TRIGGER acceptance_within_charter BEFORE INSERT ON acceptance FOR EACH ROW EXECUTE FUNCTION acceptance_within_charter();

-- An agreement that ends says who ended it; what the move of a shop ended (a trigger, hence the depth) ended by its area.
CREATE FUNCTION acceptance_tells_end() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.valid_until IS NOT NULL AND NEW.ended_by IS NULL THEN
    NEW.ended_by := CASE WHEN pg_trigger_depth() > 1 THEN 'area' ELSE 'issuer' END;
  ELSIF NEW.valid_until IS NULL THEN
    NEW.ended_by := NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER acceptance_tells_end BEFORE INSERT OR UPDATE ON acceptance FOR EACH ROW EXECUTE FUNCTION acceptance_tells_end();

-- No paid value of a programme that never passed the gate, through whichever channel it would be issued.
CREATE FUNCTION lot_past_gate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM voucher v JOIN programme p ON p.id = v.programme_id
                  WHERE v.id = NEW.voucher_id AND p.launched_at IS NOT NULL) THEN
    RAISE EXCEPTION 'paid value before the launch gate' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER lot_past_gate BEFORE INSERT ON lot FOR EACH ROW WHEN (NEW.kind = 'paid') EXECUTE FUNCTION lot_past_gate();
