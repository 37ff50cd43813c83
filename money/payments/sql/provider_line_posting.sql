-- What a line of the provider's statement means that no payment explains. Dr GK / Cr PSP for a fee, Dr GT of the payout
-- / Cr PSP for a payout, Dr PSP / Cr KZ of the first line of a payment that we do not know; the other way round where
-- the line's sign is the other. What the provider charged for the line itself is a fee, too. Decision 0212.
CREATE OR REPLACE FUNCTION provider_line_posting() RETURNS SETOF posting_line
LANGUAGE sql
STABLE
AS $$
  SELECT w.id,
         'provider_line_' || w.kind,
         w.line_id,
         w.id,
         (row_number() OVER (PARTITION BY w.id ORDER BY w.place))::int,
         w.ledger_id,
         NULL::date,
         CASE WHEN w.cents < 0 THEN w.account ELSE 'PSP' END,
         CASE WHEN w.cents < 0 THEN w.party END,
         CASE WHEN w.cents < 0 THEN 'PSP' ELSE w.account END,
         CASE WHEN w.cents > 0 THEN w.party END,
         abs(w.cents),
         NULL::uuid,
         NULL::uuid
    FROM (
         SELECT b.id, b.line_id, b.ledger_id, b.kind, 1 AS place, l.cents,
                CASE b.kind WHEN 'fee' THEN 'GK' WHEN 'payout' THEN 'GT' ELSE 'KZ' END AS account,
                CASE WHEN b.kind <> 'fee' THEN b.party_id END AS party
           FROM provider_line_booking b
           JOIN provider_line l ON l.id = b.line_id
         UNION ALL
         SELECT b.id, b.line_id, b.ledger_id, b.kind, 2, -l.fee_cents, 'GK', NULL
           FROM provider_line_booking b
           JOIN provider_line l ON l.id = b.line_id
         ) w
   WHERE w.cents <> 0
$$;
