CREATE OR REPLACE FUNCTION ledger_stream(p_aggregate uuid) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (get_byte(uuid_send(p_aggregate), 15) & 15)::smallint
$$;
