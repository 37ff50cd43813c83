-- Practice has no documents for the sealer. Decision 0313.
CREATE OR REPLACE FUNCTION ledger_queue(p_aggregate uuid, p_journal uuid, p_topic text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  RETURN;
END
$$;
