-- The queue of single rows, at most p_limit of them: numbers them without gaps and chains them. Gives their number,
-- -1 when another sealer is at it. What commits late comes later, under a later number. Decision 0110.
CREATE OR REPLACE FUNCTION seal_rows(p_limit int) RETURNS int
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_head row_head;
  v_row record;
  v_hash bytea;
  v_no bigint;
  v_at timestamptz;
BEGIN
  SELECT * INTO v_head FROM row_head FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN -1;
  END IF;
  v_hash := v_head.head_hash;
  v_no := v_head.last_seal;
  FOR v_row IN
    WITH gone AS (
      DELETE FROM row_queue q
       USING (SELECT id FROM row_queue ORDER BY id LIMIT p_limit) next
       WHERE q.id = next.id
      RETURNING q.id, q.table_name, q.digest
    )
    SELECT * FROM gone ORDER BY id
  LOOP
    v_no := v_no + 1;
    v_at := clock_timestamp();
    v_hash := sha256(v_hash || convert_to(
      concat(
        v_no,
        '|', v_row.table_name,
        '|', encode(v_row.digest, 'hex'),
        '|', (extract(epoch FROM v_at) * 1000000)::bigint
      ),
      'UTF8'
    ));
    INSERT INTO row_seal (seal_no, table_name, digest, row_hash, sealed_at)
    VALUES (v_no, v_row.table_name, v_row.digest, v_hash, v_at);
  END LOOP;
  IF v_no > v_head.last_seal THEN
    UPDATE row_head SET last_seal = v_no, head_hash = v_hash;
  END IF;
  RETURN v_no - v_head.last_seal;
END
$$;
