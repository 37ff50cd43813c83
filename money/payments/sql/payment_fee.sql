-- What the provider keeps for taking money and charges for disputes, by the books that bear it. `is_back`: it was given
-- back.
CREATE OR REPLACE FUNCTION payment_fee() RETURNS TABLE (
  paper_id uuid,
  kind text,
  payment_id uuid,
  origin_id uuid,
  ledger_id uuid,
  cents bigint,
  is_back boolean
)
LANGUAGE sql
STABLE
AS $$
  SELECT c.id, 'provider_fee', c.payment_id, c.fee_journal_id, part.key::uuid, part.value::bigint, false
    FROM provider_call c
   CROSS JOIN LATERAL jsonb_each_text(c.fee_split) part
   WHERE c.kind IN ('capture', 'collect') AND c.state = 'succeeded'
  UNION ALL
  SELECT m.id, 'dispute_fee', d.payment_id, m.fee_journal_id, part.key::uuid, part.value::bigint, m.fee_cents < 0
    FROM dispute_move m
    JOIN dispute d ON d.id = m.dispute_id
   CROSS JOIN LATERAL jsonb_each_text(m.fee_split) part
$$;
