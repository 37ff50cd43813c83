-- What the bank's lines mean in the books of the account's issuer. Decisions 0111, 0205, 0209.
CREATE OR REPLACE FUNCTION bank_posting() RETURNS SETOF posting_line
LANGUAGE sql
STABLE
AS $$
  -- A receipt: Dr TB (OB) / Cr KZ of the receipt.
  SELECT r.id AS paper_id,
         'bank_received' AS kind,
         r.id AS aggregate_id,
         r.id AS journal_id,
         1 AS line_no,
         a.organisation_id AS ledger_id,
         r.booked_on,
         CASE a.purpose WHEN 'trust' THEN 'TB' ELSE 'OB' END AS debit_account,
         NULL::uuid AS debit_party,
         'KZ' AS credit_account,
         r.id AS credit_party,
         r.cents,
         NULL::uuid AS programme_id,
         NULL::uuid AS reverses
    FROM bank_receipt r
    JOIN bank_account a ON a.id = r.account_id
   WHERE r.parent_id IS NULL
  UNION ALL
  -- A part of a collective receipt: Dr KZ of the whole / Cr KZ of the part.
  SELECT r.id, 'bank_detail', r.id, r.id, 1, a.organisation_id, r.booked_on,
         'KZ', r.parent_id, 'KZ', r.id, r.cents, NULL, NULL
    FROM bank_receipt r
    JOIN bank_account a ON a.id = r.account_id
   WHERE r.parent_id IS NOT NULL
  UNION ALL
  -- A line by which money went: Dr KZ of the line / Cr TB (OB).
  SELECT l.id, 'bank_debited', l.id, l.id, 1, a.organisation_id, l.booked_on, 'KZ', l.id,
         CASE a.purpose WHEN 'trust' THEN 'TB' ELSE 'OB' END,
         NULL, l.cents, NULL, NULL
    FROM bank_line l
    JOIN bank_account a ON a.id = l.account_id
   WHERE l.moves AND l.direction = 'debit'
  UNION ALL
  -- What a receipt's money was used for: Dr KZ of the receipt / Cr KZ of the payment, GT of the provider's payout (PSP
  -- before its statement was fetched), OB for own funds, SF for a claim, GK for a fee given back, ZE for interest; KZ
  -- of the debit that it stands against, or of the paper by which two people issue vouchers for it; CL of the
  -- settlement by which another issuer paid; TB (OB) for what a person had typed and the bank never stated.
  SELECT p.id,
         CASE p.place
           WHEN 'payment' THEN 'bank_placed'
           WHEN 'provider' THEN 'bank_from_provider'
           WHEN 'own' THEN 'bank_own_funds'
           WHEN 'claim' THEN 'bank_claim'
           WHEN 'fee' THEN 'bank_fee'
           WHEN 'interest' THEN 'bank_interest'
           WHEN 'own_transfer' THEN 'bank_own_transfer'
           WHEN 'reversal' THEN 'bank_reversal'
           WHEN 'value' THEN 'bank_value'
           WHEN 'settlement' THEN 'bank_settled'
           WHEN 'crossed_out' THEN 'bank_crossed_out'
         END,
         coalesce(p.payment_id, r.id), p.journal_id, 1, a.organisation_id, NULL, 'KZ', r.id,
         CASE p.place
           WHEN 'provider' THEN CASE WHEN p.payout_id IS NULL THEN 'PSP' ELSE 'GT' END
           WHEN 'own' THEN 'OB'
           WHEN 'claim' THEN 'SF'
           WHEN 'fee' THEN 'GK'
           WHEN 'interest' THEN 'ZE'
           WHEN 'settlement' THEN 'CL'
           WHEN 'crossed_out' THEN CASE a.purpose WHEN 'trust' THEN 'TB' ELSE 'OB' END
           ELSE 'KZ'
         END,
         coalesce(p.payment_id, p.claim_id, p.line_id, p.payout_id, p.paper_id), p.cents, NULL, NULL
    FROM bank_placement p
    JOIN bank_receipt r ON r.id = p.receipt_id
    JOIN bank_account a ON a.id = r.account_id
   WHERE p.undoes IS NULL AND p.place <> 'detail'
  UNION ALL
  -- What a debit was: Dr KZ of the return that it carried out or of the payment whose money it took back, GT of what
  -- went to the provider, OB for own funds, GK for a fee or interest / Cr KZ of the line.
  SELECT p.id,
         CASE p.place
           WHEN 'return' THEN 'bank_return_sent'
           WHEN 'taken_back' THEN 'bank_taken_back'
           WHEN 'provider' THEN 'bank_from_provider'
           WHEN 'own' THEN 'bank_own_funds'
           WHEN 'fee' THEN 'bank_fee'
           WHEN 'interest' THEN 'bank_interest'
         END,
         coalesce(p.payment_id, l.id), p.journal_id, 1, a.organisation_id, NULL,
         CASE p.place
           WHEN 'provider' THEN CASE WHEN p.payout_id IS NULL THEN 'PSP' ELSE 'GT' END
           WHEN 'own' THEN 'OB'
           WHEN 'fee' THEN 'GK'
           WHEN 'interest' THEN 'GK'
           ELSE 'KZ'
         END,
         coalesce(p.payment_id, p.return_id, p.payout_id), 'KZ', l.id, p.cents, NULL, NULL
    FROM bank_placement p
    JOIN bank_line l ON l.id = p.line_id
    JOIN bank_account a ON a.id = l.account_id
   WHERE p.undoes IS NULL AND p.receipt_id IS NULL
  UNION ALL
  -- The payment ended before it was complete, or the bank took a settlement's money back: Dr KZ of the payment (CL of
  -- the settlement) / Cr KZ of the receipt.
  SELECT u.id, 'bank_unplaced', coalesce(u.payment_id, r.id), u.journal_id, 1, a.organisation_id, NULL,
         CASE u.place WHEN 'settlement' THEN 'CL' ELSE 'KZ' END, coalesce(u.payment_id, u.paper_id),
         'KZ', r.id, u.cents, NULL, p.journal_id
    FROM bank_placement u
    JOIN bank_placement p ON p.id = u.undoes
    JOIN bank_receipt r ON r.id = u.receipt_id
    JOIN bank_account a ON a.id = r.account_id
  UNION ALL
  -- Money was sent, and the bank's debit is awaited: Dr KZ of the payment or receipt, CL of the settlement / Cr KZ of
  -- the return.
  SELECT b.id, 'bank_returned', coalesce(b.payment_id, b.receipt_id, b.settlement_id), b.id, 1, a.organisation_id,
         b.done_on, CASE WHEN b.settlement_id IS NULL THEN 'KZ' ELSE 'CL' END,
         coalesce(b.payment_id, b.receipt_id, b.settlement_id), 'KZ', b.id, b.cents, NULL, b.receipt_id
    FROM bank_return b
    JOIN bank_account a ON a.id = b.account_id
   WHERE b.done_at IS NOT NULL
$$;
