-- What a payer owes after money was taken back: Dr SF / Cr KZ raised, its mirror settled, Dr FV / Cr SF given up,
-- Dr KZ / Cr FV recovered. Decisions 0111, 0207.
CREATE OR REPLACE FUNCTION claim_posting() RETURNS SETOF posting_line
LANGUAGE sql
STABLE
AS $$
  SELECT m.id,
         'claim_' || m.kind,
         l.payment_id,
         m.id,
         1,
         l.ledger_id,
         NULL::date,
         CASE m.kind WHEN 'raised' THEN 'SF' WHEN 'written_off' THEN 'FV' ELSE 'KZ' END,
         CASE m.kind WHEN 'written_off' THEN NULL ELSE l.payment_id END,
         CASE m.kind WHEN 'raised' THEN 'KZ' WHEN 'recovered' THEN 'FV' ELSE 'SF' END,
         CASE m.kind WHEN 'recovered' THEN NULL ELSE l.payment_id END,
         m.cents,
         NULL::uuid,
         NULL::uuid
    FROM claim_move m
    JOIN payment_loss l ON l.id = m.loss_id
$$;
