-- One stream's queue, at most p_limit documents of it: numbers them without gaps, chains them, rolls them up, empties
-- the queue. Gives their number, -1 when another sealer is at this stream. Decisions 0103, 0104, 0110.
CREATE OR REPLACE FUNCTION seal_stream(p_stream smallint, p_limit int) RETURNS int
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_head stream_head;
  v_document record;
  v_hash bytea;
  v_no bigint;
  v_at timestamptz;
  v_count int := 0;
BEGIN
  SELECT * INTO v_head FROM stream_head WHERE stream = p_stream FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN -1;
  END IF;
  v_hash := v_head.head_hash;
  v_no := v_head.last_seal;
  FOR v_document IN
    WITH gone AS (
      DELETE FROM outbox o
       USING (
         SELECT aggregate_id, journal_id FROM outbox
          WHERE stream = p_stream
          ORDER BY created_at, journal_id, aggregate_id
          LIMIT p_limit
       ) next
       WHERE o.aggregate_id = next.aggregate_id AND o.journal_id = next.journal_id
      RETURNING o.aggregate_id, o.journal_id, o.topic, o.created_at
    )
    SELECT g.aggregate_id, g.journal_id, g.topic, document_digest(g.aggregate_id, g.journal_id) AS digest
      FROM gone g
     ORDER BY g.created_at, g.journal_id, g.aggregate_id
  LOOP
    v_count := v_count + 1;
    v_no := v_no + 1;
    v_at := clock_timestamp();
    v_hash := sha256(v_hash || convert_to(
      concat(
        p_stream,
        '|', v_no,
        '|', v_document.aggregate_id,
        '|', v_document.journal_id,
        '|', v_document.topic,
        '|', (extract(epoch FROM v_at) * 1000000)::bigint,
        '|', encode(v_document.digest, 'hex')
      ),
      'UTF8'
    ));
    INSERT INTO seal (stream, seal_no, aggregate_id, journal_id, topic, digest, row_hash, sealed_at)
    VALUES (
      p_stream, v_no, v_document.aggregate_id, v_document.journal_id, v_document.topic, v_document.digest, v_hash, v_at
    );
  END LOOP;
  IF v_count > 0 THEN
    PERFORM roll_up(p_stream, v_head.last_seal);
    UPDATE stream_head SET last_seal = v_no, head_hash = v_hash WHERE stream = p_stream;
  END IF;
  RETURN v_count;
END
$$;
