-- Puts a whole document into the queue of the sealer. Decision 0103.
CREATE OR REPLACE FUNCTION ledger_queue(p_aggregate uuid, p_journal uuid, p_topic text) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  INSERT INTO outbox (aggregate_id, journal_id, stream, topic, created_at)
  VALUES (p_aggregate, p_journal, ledger_stream(p_aggregate), p_topic, clock_timestamp());
END
$$;
