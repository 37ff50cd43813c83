-- What an issuer's books held, besides its vouchers' documents, when it moved in: one document a day. Decisions 0111,
-- 0317.
CREATE OR REPLACE FUNCTION moved_posting() RETURNS SETOF posting_line
LANGUAGE sql
STABLE
AS $$
  SELECT m.ledger_id AS paper_id,
         'moved_in' AS kind,
         m.ledger_id AS aggregate_id,
         m.journal_id,
         m.line_no::int AS line_no,
         m.ledger_id,
         m.booked_on,
         m.debit_account,
         m.debit_party,
         m.credit_account,
         m.credit_party,
         m.cents,
         m.programme_id,
         NULL::uuid AS reverses
    FROM moved_sum m
$$;
