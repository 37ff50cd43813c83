-- The root of every finished day: the heads of all streams, and of the single rows, at its end, as one hash. Gives the
-- number of days. Holds all heads, so that no seal of those days can still be on its way. Decisions 0104, 0110.
CREATE OR REPLACE FUNCTION close_days() RETURNS int
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_day date;
  v_count int := 0;
BEGIN
  SELECT coalesce(
    (SELECT max(day) + 1 FROM day_root),
    (
      SELECT (least((SELECT min(sealed_at) FROM seal), (SELECT min(sealed_at) FROM row_seal))
              AT TIME ZONE 'Europe/Berlin')::date
    )
  ) INTO v_day;
  IF v_day IS NULL OR v_day >= business_day() THEN
    RETURN 0;
  END IF;
  PERFORM 1 FROM stream_head ORDER BY stream FOR UPDATE;
  PERFORM 1 FROM row_head FOR UPDATE;
  -- Another process may have closed days while we waited for the heads.
  SELECT coalesce((SELECT max(day) + 1 FROM day_root), v_day) INTO v_day;
  WHILE v_day < business_day() LOOP
    INSERT INTO day_root (day, root, seals, closed_at)
    SELECT v_day,
           sha256(convert_to(
             coalesce(
               string_agg(
                 concat(stream, '|', seal_no, '|', encode(row_hash, 'hex')),
                 E'\n' ORDER BY stream COLLATE "C"
               ),
               ''
             ),
             'UTF8'
           )),
           coalesce(sum(seal_no) FILTER (WHERE stream <> 'rows'), 0),
           clock_timestamp()
      FROM (
           SELECT h.stream::text AS stream, last.seal_no, last.row_hash
             FROM stream_head h
            CROSS JOIN LATERAL (
                  SELECT s.seal_no, s.row_hash FROM seal s
                   WHERE s.stream = h.stream
                     AND s.sealed_at < (v_day + 1)::timestamp AT TIME ZONE 'Europe/Berlin'
                   ORDER BY s.seal_no DESC
                   LIMIT 1
                  ) last
            UNION ALL
           (
             SELECT 'rows', r.seal_no, r.row_hash FROM row_seal r
              WHERE r.sealed_at < (v_day + 1)::timestamp AT TIME ZONE 'Europe/Berlin'
              ORDER BY r.seal_no DESC
              LIMIT 1
           )
           ) heads;
    v_day := v_day + 1;
    v_count := v_count + 1;
  END LOOP;
  RETURN v_count;
END
$$;
