CREATE OR REPLACE FUNCTION note_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR NEW.price_cents <> OLD.price_cents THEN
    INSERT INTO price_change (id, offer_id, cents, at)
    VALUES (gen_random_uuid(), NEW.id, NEW.price_cents, NEW.updated_at);
  END IF;
  RETURN NULL;
END $$;
