-- A settlement between issuers, in both books, as two people decided it: what was owed to the other (CL) is now to be
-- sent or to come by this transfer (CL of the settlement). Bank lines carry it out: a debit here, a credit there.
-- Decisions 0111, 0307, 0214.
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
         'CL' AS debit_account,
         side.debit_party,
         'CL' AS credit_account,
         side.credit_party,
         s.cents,
         NULL::uuid AS programme_id,
         NULL::uuid AS reverses
    FROM issuer_settlement s
   CROSS JOIN LATERAL (VALUES
           (s.id, s.debtor_id, s.creditor_id, s.id),
           (s.mirror_id, s.creditor_id, s.id, s.debtor_id)
         ) AS side (journal_id, ledger_id, debit_party, credit_party)
$$;
