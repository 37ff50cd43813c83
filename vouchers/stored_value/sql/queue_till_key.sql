-- Puts the key of a refusal or a miss into the queue of the sealer. The key of what was done is sealed with its
-- document. Decision 0110.
CREATE OR REPLACE FUNCTION queue_till_key() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  INSERT INTO row_queue (table_name, digest, created_at)
  SELECT 'till_key', row_digest('till_key', k), clock_timestamp() FROM till_key k WHERE k.operation_id = NEW.id;
  RETURN NULL;
END
$$;
