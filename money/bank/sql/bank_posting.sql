-- What transfers mean in the books of the account's issuer. Decisions 0111, 0205.
CREATE OR REPLACE FUNCTION bank_posting() RETURNS TABLE (
  paper_id uuid,
  kind text,
  aggregate_id uuid,
  journal_id uuid,
  line_no int,
  ledger_id uuid,
  booked_on date,
  debit_account text,
  debit_party uuid,
  credit_account text,
  credit_party uuid,
  cents bigint,
  programme_id uuid,
  reverses uuid
)
LANGUAGE sql
STABLE
AS $$
  -- A receipt: Dr TB / Cr KZ of the payment, or of the receipt itself while nobody knows what it is for.
  SELECT r.id AS paper_id,
         'bank_received' AS kind,
         coalesce(p.payment_id, r.id) AS aggregate_id,
         r.id AS journal_id,
         1 AS line_no,
         a.organisation_id AS ledger_id,
         r.booked_on,
         'TB' AS debit_account,
         NULL::uuid AS debit_party,
         'KZ' AS credit_account,
         coalesce(p.payment_id, r.id) AS credit_party,
         r.cents,
         NULL::uuid AS programme_id,
         NULL::uuid AS reverses
    FROM bank_receipt r
    JOIN bank_account a ON a.id = r.account_id
    LEFT JOIN bank_placement p ON p.receipt_id = r.id AND p.journal_id = r.id
  UNION ALL
  -- Where a receipt's money was put: Dr KZ of the receipt / Cr KZ of the payment; PSP for a provider's payout, OB for
  -- own funds, SF for a claim.
  SELECT p.id,
         CASE p.place
           WHEN 'payment' THEN 'bank_placed'
           WHEN 'provider' THEN 'bank_from_provider'
           WHEN 'own' THEN 'bank_own_funds'
           WHEN 'claim' THEN 'bank_claim'
         END,
         coalesce(p.payment_id, r.id), p.journal_id, 1, a.organisation_id, NULL, 'KZ', r.id,
         CASE p.place
           WHEN 'payment' THEN 'KZ'
           WHEN 'provider' THEN 'PSP'
           WHEN 'own' THEN 'OB'
           WHEN 'claim' THEN 'SF'
         END,
         coalesce(p.payment_id, p.claim_id), p.cents, NULL, NULL
    FROM bank_placement p
    JOIN bank_receipt r ON r.id = p.receipt_id
    JOIN bank_account a ON a.id = r.account_id
   WHERE p.undoes IS NULL AND p.journal_id <> r.id
  UNION ALL
  -- The payment ended before it was complete: Dr KZ of the payment / Cr KZ of the receipt.
  SELECT u.id, 'bank_unplaced', u.payment_id, u.journal_id, 1, a.organisation_id, NULL,
         'KZ', u.payment_id, 'KZ', r.id, u.cents, NULL, p.journal_id
    FROM bank_placement u
    JOIN bank_placement p ON p.id = u.undoes
    JOIN bank_receipt r ON r.id = u.receipt_id
    JOIN bank_account a ON a.id = r.account_id
  UNION ALL
  -- A person has sent money back: Dr KZ / Cr TB. It corrects the receipt's document where there is just one.
  SELECT b.id, 'bank_returned', coalesce(b.payment_id, b.receipt_id), b.id, 1, a.organisation_id, b.done_on,
         'KZ', coalesce(b.payment_id, b.receipt_id), 'TB', NULL, b.cents, NULL,
         coalesce(b.receipt_id, (
           SELECT CASE count(*) WHEN 1 THEN min(p.journal_id::text)::uuid END
             FROM bank_placement p
            WHERE p.payment_id = b.payment_id AND p.undoes IS NULL
              AND NOT EXISTS (SELECT 1 FROM bank_placement u WHERE u.undoes = p.id)
         ))
    FROM bank_return b
    JOIN bank_account a ON a.id = b.account_id
   WHERE b.done_at IS NOT NULL
$$;
