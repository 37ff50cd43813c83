-- The stream that numbers a thing's documents: the last four bits of its id. Decision 0103.
CREATE OR REPLACE FUNCTION ledger_stream(p_aggregate uuid) RETURNS smallint
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
  SELECT (get_byte(uuid_send(p_aggregate), 15) & 15)::smallint
$$;
