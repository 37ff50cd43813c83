-- A settlement between issuers, in both books: the debtor's Dr CL / Cr TB, the creditor's Dr TB / Cr CL. Decisions
-- 0111, 0307.
CREATE OR REPLACE FUNCTION issuer_settlement_posting() RETURNS SETOF posting_line
LANGUAGE sql
STABLE
AS $$
  SELECT s.id AS paper_id,
         'issuer_settlement' AS kind,
         s.id AS aggregate_id,
         side.journal_id,
         1 AS line_no,
         side.ledger_id,
         NULL::date AS booked_on,
         side.debit_account,
         side.debit_party,
         side.credit_account,
         side.credit_party,
         s.cents,
         NULL::uuid AS programme_id,
         NULL::uuid AS reverses
    FROM issuer_settlement s
   CROSS JOIN LATERAL (VALUES
           (s.id, s.debtor_id, 'CL', s.creditor_id, 'TB', NULL::uuid),
           (s.mirror_id, s.creditor_id, 'TB', NULL::uuid, 'CL', s.debtor_id)
         ) AS side (journal_id, ledger_id, debit_account, debit_party, credit_account, credit_party)
$$;
