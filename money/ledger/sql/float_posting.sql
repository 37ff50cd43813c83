-- Own funds put into the pool: Dr TB / Cr OB. Decision 0111.
CREATE OR REPLACE FUNCTION float_posting() RETURNS SETOF posting_line
LANGUAGE sql
STABLE
AS $$
  SELECT d.id AS paper_id,
         d.kind,
         d.id AS aggregate_id,
         d.id AS journal_id,
         1 AS line_no,
         d.ledger_id,
         NULL::date AS booked_on,
         'TB' AS debit_account,
         NULL::uuid AS debit_party,
         'OB' AS credit_account,
         NULL::uuid AS credit_party,
         d.cents,
         NULL::uuid AS programme_id,
         NULL::uuid AS reverses
    FROM ledger_document d
   WHERE d.kind = 'float'
$$;
