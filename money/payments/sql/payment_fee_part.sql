-- The provider's fee for taking money, split over the issuers in proportion to their shares, to the cent: the largest
-- remainders get the cents that are left, as in money/splitting.py. The fee on sellers' money stays whole, in the books
-- of who keeps their memo accounts (decision 0203).
CREATE OR REPLACE FUNCTION payment_fee_part() RETURNS TABLE (
  paper_id uuid,
  payment_id uuid,
  fee_journal_id uuid,
  own_ledger_id uuid,
  ledger_id uuid,
  cents bigint
)
LANGUAGE sql
STABLE
AS $$
  SELECT paper_id,
         payment_id,
         fee_journal_id,
         own_ledger_id,
         ledger_id,
         floor_cents
         + (row_number() OVER (PARTITION BY paper_id ORDER BY remainder DESC, ledger_id)
            <= fee_cents - sum(floor_cents) OVER (PARTITION BY paper_id))::int
    FROM (
         SELECT c.id AS paper_id,
                c.payment_id,
                c.fee_cents,
                c.fee_journal_id,
                p.ledger_id AS own_ledger_id,
                CASE p.rail WHEN 'issuer' THEN s.organisation_id ELSE p.ledger_id END AS ledger_id,
                div(c.fee_cents * sum(x.cents), t.cents)::bigint AS floor_cents,
                (c.fee_cents * sum(x.cents)) % t.cents AS remainder
           FROM provider_call c
           JOIN payment p ON p.id = c.payment_id
           JOIN tender t ON t.id = c.subject_id
           JOIN tender_part x ON x.tender_id = t.id
           JOIN payment_share s ON s.id = x.share_id
          WHERE c.kind IN ('capture', 'collect') AND c.state = 'succeeded' AND c.fee_cents > 0
          GROUP BY c.id, p.id, t.id, CASE p.rail WHEN 'issuer' THEN s.organisation_id ELSE p.ledger_id END
         ) weighed
$$;
