-- Keeps every price that an offer had: a reduction is announced with the lowest of 30 days. Decision 0405.
CREATE OR REPLACE FUNCTION offer_record_price() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'INSERT' OR NEW.price_cents <> OLD.price_cents THEN
    INSERT INTO price_change (id, offer_id, cents, at)
    VALUES (gen_random_uuid(), NEW.id, NEW.price_cents, NEW.updated_at);
  END IF;
  RETURN NULL;
END
$$;
