-- Adds everything sealed after p_after to the balances and to the sums of days. Called by seal_stream alone. OFFSET 0
-- lets the planner fetch the few entries by their key: it cannot know that they are few. A key takes no NULL: the id of
-- zeros stands for no party, no programme, no outlet.
CREATE OR REPLACE FUNCTION roll_up(p_stream smallint, p_after bigint) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, public, pg_temp
AS $$
  INSERT INTO balance_rollup AS r (stream, ledger_id, account, party, programme_id, debit_cents, credit_cents)
  SELECT p_stream,
         m.ledger_id,
         m.account,
         coalesce(m.party, '00000000-0000-0000-0000-000000000000'::uuid),
         coalesce(m.programme_id, '00000000-0000-0000-0000-000000000000'::uuid),
         sum(m.debit),
         sum(m.credit)
    FROM seal s
   CROSS JOIN LATERAL (
         SELECT * FROM entry n
          WHERE n.aggregate_id = s.aggregate_id AND n.journal_id = s.journal_id
         OFFSET 0
         ) e
   CROSS JOIN LATERAL (VALUES
           (e.ledger_id, e.debit_account, e.debit_party, e.programme_id, e.cents, 0::bigint),
           (e.ledger_id, e.credit_account, e.credit_party, e.programme_id, 0::bigint, e.cents)
         ) AS m (ledger_id, account, party, programme_id, debit, credit)
   WHERE s.stream = p_stream AND s.seal_no > p_after
   GROUP BY 1, 2, 3, 4, 5
  ON CONFLICT (stream, ledger_id, account, party, programme_id) DO UPDATE
     SET debit_cents = r.debit_cents + excluded.debit_cents,
         credit_cents = r.credit_cents + excluded.credit_cents;

  INSERT INTO daily_rollup AS r (
    stream, booked_on, ledger_id, programme_id, outlet_id, kind, debit_account, credit_account, cents, entries
  )
  SELECT p_stream,
         e.booked_on,
         e.ledger_id,
         coalesce(e.programme_id, '00000000-0000-0000-0000-000000000000'::uuid),
         e.outlet_id,
         e.kind,
         e.debit_account,
         e.credit_account,
         sum(e.cents),
         count(*)
    FROM seal s
   CROSS JOIN LATERAL (
         SELECT n.*, entry_outlet(n) AS outlet_id FROM entry n
          WHERE n.aggregate_id = s.aggregate_id AND n.journal_id = s.journal_id
         OFFSET 0
         ) e
   WHERE s.stream = p_stream AND s.seal_no > p_after
   GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
  ON CONFLICT (stream, booked_on, ledger_id, programme_id, outlet_id, kind, debit_account, credit_account) DO UPDATE
     SET cents = r.cents + excluded.cents,
         entries = r.entries + excluded.entries;
$$;
