-- Puts the digest of a new row of an append-only table into the queue of the sealer. Decision 0110.
CREATE OR REPLACE FUNCTION queue_row() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  INSERT INTO row_queue (table_name, digest, created_at)
  VALUES (TG_TABLE_NAME, row_digest(TG_TABLE_NAME, NEW), clock_timestamp());
  RETURN NULL;
END
$$;
