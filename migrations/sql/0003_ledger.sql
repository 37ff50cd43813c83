CREATE FUNCTION ledger_stream(p_aggregate uuid) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (get_byte(uuid_send(p_aggregate), 15) & 15)::smallint
$$;

CREATE FUNCTION ledger_post(
  p_aggregate uuid, p_journal uuid, p_line int, p_ledger uuid, p_kind text,
  p_debit text, p_debit_party uuid, p_credit text, p_credit_party uuid, p_cents bigint,
  p_programme uuid DEFAULT NULL, p_reverses uuid DEFAULT NULL, p_booked_on date DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  -- Checked here and not by constraints: PostgreSQL reads every constraint anew for every INSERT, and lists as long as
  -- these took three times as long as all the rest. Nobody else may INSERT; the proof (L-01, L-02) looks again.
  c_accounts CONSTANT text[] := '{{accounts}}';
  c_with_party CONSTANT text[] := '{{with_party}}';
BEGIN
  IF NOT coalesce(p_debit = ANY (c_accounts) AND p_credit = ANY (c_accounts), false) THEN
    RAISE EXCEPTION 'unknown account: % or %', p_debit, p_credit USING ERRCODE = 'check_violation';
  ELSIF (p_debit_party IS NULL AND p_debit = ANY (c_with_party))
     OR (p_credit_party IS NULL AND p_credit = ANY (c_with_party)) THEN
    RAISE EXCEPTION 'account without its party: % or %', p_debit, p_credit USING ERRCODE = 'check_violation';
  ELSIF p_line < 1 OR length(p_kind) NOT BETWEEN 1 AND 60 OR position('|' IN p_kind) > 0 THEN
    RAISE EXCEPTION 'line or kind out of range: %, %', p_line, p_kind USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO entry (aggregate_id, journal_id, line_no, ledger_id, kind, booked_on, recorded_at, debit_account,
                     debit_party, credit_account, credit_party, cents, currency, programme_id, reverses)
  VALUES (p_aggregate, p_journal, p_line, p_ledger, p_kind, coalesce(p_booked_on, business_day()),
          clock_timestamp(), p_debit, p_debit_party, p_credit, p_credit_party, p_cents, 'EUR', p_programme,
          p_reverses);
END $$;

CREATE FUNCTION ledger_queue(p_aggregate uuid, p_journal uuid, p_topic text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO outbox (aggregate_id, journal_id, stream, topic, created_at)
  VALUES (p_aggregate, p_journal, ledger_stream(p_aggregate), p_topic, clock_timestamp());
END $$;

-- A whole document in one round trip. False when it was posted before: nothing is written then.
CREATE FUNCTION ledger_post_document(
  p_aggregate uuid, p_journal uuid, p_ledger uuid, p_kind text, p_topic text, p_debits text[],
  p_debit_parties uuid[], p_credits text[], p_credit_parties uuid[], p_cents bigint[], p_programmes uuid[],
  p_reverses uuid, p_booked_on date
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  FOR i IN 1 .. cardinality(p_cents) LOOP
    PERFORM ledger_post(p_aggregate, p_journal, i, p_ledger, p_kind, p_debits[i], p_debit_parties[i],
                        p_credits[i], p_credit_parties[i], p_cents[i], p_programmes[i], p_reverses, p_booked_on);
  END LOOP;
  PERFORM ledger_queue(p_aggregate, p_journal, p_topic);
  RETURN true;
EXCEPTION WHEN unique_violation THEN
  RETURN false;
END $$;

-- What is sealed of one entry. money/ledger/chain.py builds the same text on its own.
CREATE FUNCTION entry_text(e entry) RETURNS text LANGUAGE sql STABLE SET search_path = public AS $$
  SELECT concat(e.line_no, '|', e.ledger_id, '|', e.kind, '|', to_char(e.booked_on, 'YYYY-MM-DD'), '|',
                (extract(epoch FROM e.recorded_at) * 1000000)::bigint, '|', e.debit_account, '|', e.debit_party,
                '|', e.credit_account, '|', e.credit_party, '|', e.cents, '|', e.currency, '|', e.programme_id,
                '|', e.reverses)
$$;

CREATE FUNCTION entry_outlet(e entry) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(CASE WHEN e.credit_account = 'KR' THEN e.credit_party END,
                  CASE WHEN e.debit_account = 'KR' THEN e.debit_party END, {nobody})
$$;

-- Adds everything sealed after p_after to balances and to the facts of days. Called by seal_stream alone. OFFSET 0 lets
-- the planner fetch the few entries by their key: it cannot know that they are few.
CREATE FUNCTION roll_up(p_stream smallint, p_after bigint) RETURNS void
LANGUAGE sql SET search_path = public AS $$
  INSERT INTO balance_rollup AS r (stream, ledger_id, account, party, programme_id, debit_cents, credit_cents)
  SELECT p_stream, m.ledger_id, m.account, coalesce(m.party, {nobody}), coalesce(m.programme_id, {nobody}),
         sum(m.debit), sum(m.credit)
    FROM seal s CROSS JOIN LATERAL (
         SELECT * FROM entry e WHERE e.aggregate_id = s.aggregate_id AND e.journal_id = s.journal_id OFFSET 0) e
         CROSS JOIN LATERAL (VALUES
           (e.ledger_id, e.debit_account, e.debit_party, e.programme_id, e.cents, 0::bigint),
           (e.ledger_id, e.credit_account, e.credit_party, e.programme_id, 0::bigint, e.cents))
           AS m (ledger_id, account, party, programme_id, debit, credit)
   WHERE s.stream = p_stream AND s.seal_no > p_after
   GROUP BY 1, 2, 3, 4, 5
  ON CONFLICT (stream, ledger_id, account, party, programme_id) DO UPDATE
     SET debit_cents = r.debit_cents + excluded.debit_cents, credit_cents = r.credit_cents + excluded.credit_cents;
  INSERT INTO daily_rollup AS r (stream, booked_on, ledger_id, programme_id, outlet_id, kind, debit_account,
                                 credit_account, cents, entries)
  SELECT p_stream, e.booked_on, e.ledger_id, coalesce(e.programme_id, {nobody}), e.outlet_id, e.kind,
         e.debit_account, e.credit_account, sum(e.cents), count(*)
    FROM seal s CROSS JOIN LATERAL (
         SELECT n.*, entry_outlet(n) AS outlet_id FROM entry n
          WHERE n.aggregate_id = s.aggregate_id AND n.journal_id = s.journal_id OFFSET 0) e
   WHERE s.stream = p_stream AND s.seal_no > p_after
   GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
  ON CONFLICT (stream, booked_on, ledger_id, programme_id, outlet_id, kind, debit_account, credit_account)
     DO UPDATE SET cents = r.cents + excluded.cents, entries = r.entries + excluded.entries;
$$;

-- One stream's queue: number it without gaps, chain it, roll it up, empty it. -1 when somebody else is at it.
CREATE FUNCTION seal_stream(p_stream smallint, p_limit int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE head stream_head; taken record; v_hash bytea; v_no bigint; v_at timestamptz; v_count int := 0;
BEGIN
  SELECT * INTO head FROM stream_head WHERE stream = p_stream FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN -1; END IF;
  v_hash := head.head_hash;
  v_no := head.last_seal;
  FOR taken IN
    WITH gone AS (
      DELETE FROM outbox o USING (
        SELECT aggregate_id, journal_id FROM outbox WHERE stream = p_stream
         ORDER BY created_at, journal_id, aggregate_id LIMIT p_limit) next
       WHERE o.aggregate_id = next.aggregate_id AND o.journal_id = next.journal_id
      RETURNING o.aggregate_id, o.journal_id, o.topic, o.created_at)
    SELECT g.aggregate_id, g.journal_id, g.topic, coalesce(text.body, '') AS body
      FROM gone g CROSS JOIN LATERAL (
           SELECT string_agg(entry_text(e), E'\n' ORDER BY e.line_no) AS body FROM entry e
            WHERE e.aggregate_id = g.aggregate_id AND e.journal_id = g.journal_id) text
     ORDER BY g.created_at, g.journal_id, g.aggregate_id
  LOOP
    v_count := v_count + 1;
    v_no := v_no + 1;
    v_at := clock_timestamp();
    v_hash := sha256(v_hash || convert_to(concat(
      p_stream, '|', v_no, '|', taken.aggregate_id, '|', taken.journal_id, '|', taken.topic, '|',
      (extract(epoch FROM v_at) * 1000000)::bigint, E'\n', taken.body), 'UTF8'));
    INSERT INTO seal (stream, seal_no, aggregate_id, journal_id, topic, row_hash, sealed_at)
    VALUES (p_stream, v_no, taken.aggregate_id, taken.journal_id, taken.topic, v_hash, v_at);
  END LOOP;
  IF v_count = 0 THEN RETURN 0; END IF;
  PERFORM roll_up(p_stream, head.last_seal);
  UPDATE stream_head SET last_seal = v_no, head_hash = v_hash WHERE stream = p_stream;
  RETURN v_count;
END $$;

-- The root of every finished day: the heads of all streams at its end, as one hash. Holds all heads, so that no
-- seal of that day can still be on its way.
CREATE FUNCTION close_days() RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE v_day date; v_count int := 0;
BEGIN
  SELECT coalesce((SELECT max(day) + 1 FROM day_root),
                  (SELECT min((sealed_at AT TIME ZONE 'Europe/Berlin')::date) FROM seal)) INTO v_day;
  IF v_day IS NULL OR v_day >= business_day() THEN RETURN 0; END IF;
  PERFORM 1 FROM stream_head ORDER BY stream FOR UPDATE;
  SELECT coalesce((SELECT max(day) + 1 FROM day_root), v_day) INTO v_day;
  WHILE v_day < business_day() LOOP
    INSERT INTO day_root (day, root, seals, closed_at)
    SELECT v_day, sha256(convert_to(coalesce(string_agg(
             concat(stream, '|', seal_no, '|', encode(row_hash, 'hex')), E'\n' ORDER BY stream), ''), 'UTF8')),
           coalesce(sum(seal_no), 0), clock_timestamp()
      FROM (SELECT h.stream, last.seal_no, last.row_hash FROM stream_head h,
           LATERAL (SELECT seal_no, row_hash FROM seal s
                     WHERE s.stream = h.stream AND s.sealed_at < (v_day + 1)::timestamp AT TIME ZONE 'Europe/Berlin'
                     ORDER BY seal_no DESC LIMIT 1) last) heads;
    v_day := v_day + 1;
    v_count := v_count + 1;
  END LOOP;
  RETURN v_count;
END $$;

-- Parts whose sum is a balance at this moment: the roll-ups and the few documents that wait for their seal. OFFSET 0
-- keeps the planner from reading all entries when the queue was long a while ago.
CREATE VIEW balance_part AS
SELECT ledger_id, account, party, programme_id, debit_cents, credit_cents FROM balance_rollup
UNION ALL
SELECT m.ledger_id, m.account, coalesce(m.party, {nobody}), coalesce(m.programme_id, {nobody}), m.debit, m.credit
  FROM outbox o CROSS JOIN LATERAL (
       SELECT * FROM entry e WHERE e.aggregate_id = o.aggregate_id AND e.journal_id = o.journal_id OFFSET 0) e
       CROSS JOIN LATERAL (VALUES
         (e.ledger_id, e.debit_account, e.debit_party, e.programme_id, e.cents, 0::bigint),
         (e.ledger_id, e.credit_account, e.credit_party, e.programme_id, 0::bigint, e.cents))
         AS m (ledger_id, account, party, programme_id, debit, credit);
