-- What calls to a provider and disputes have moved, by the share of the payment it was for. `is_back`: from us to the
-- payer.
-- `origin_id` names its documents, `reverses_id` the origin of those that it corrects.
CREATE OR REPLACE FUNCTION payment_movement() RETURNS TABLE (
  paper_id uuid,
  kind text,
  payment_id uuid,
  origin_id uuid,
  reverses_id uuid,
  share_id uuid,
  cents bigint,
  is_back boolean
)
LANGUAGE sql
STABLE
AS $$
  -- Money taken.
  SELECT c.id AS paper_id,
         CASE c.kind WHEN 'capture' THEN 'payment_captured' ELSE 'payment_collected' END AS kind,
         c.payment_id,
         c.id AS origin_id,
         NULL::uuid AS reverses_id,
         x.share_id,
         x.cents,
         false AS is_back
    FROM provider_call c
    JOIN tender_part x ON x.tender_id = c.subject_id
   WHERE c.kind IN ('capture', 'collect') AND c.state = 'succeeded'
  UNION ALL
  -- Money given back.
  SELECT c.id, 'payment_refunded', c.payment_id, c.id, taken.id, s.id, part.value::bigint, true
    FROM provider_call c
    JOIN refund r ON r.id = c.subject_id
    JOIN provider_call taken
      ON taken.subject_id = r.tender_id AND taken.kind IN ('capture', 'collect') AND taken.state = 'succeeded'
   CROSS JOIN LATERAL jsonb_each_text(r.split) part
    JOIN payment_share s ON s.payment_id = c.payment_id AND s.ref_id = part.key::uuid
   WHERE c.kind = 'refund' AND c.state = 'succeeded'
  UNION ALL
  -- A refund that the bank sent back later: the money is with the provider again.
  SELECT c.id, 'payment_refund_failed', c.payment_id, r.failed_journal_id, c.id, s.id, part.value::bigint, false
    FROM provider_call c
    JOIN refund r ON r.id = c.subject_id
   CROSS JOIN LATERAL jsonb_each_text(r.split) part
    JOIN payment_share s ON s.payment_id = c.payment_id AND s.ref_id = part.key::uuid
   WHERE c.kind = 'refund' AND c.state = 'succeeded' AND r.state = 'failed'
  UNION ALL
  -- What the payer's bank took back, or gave back again.
  SELECT m.id,
         CASE m.kind WHEN 'withdrawn' THEN 'payment_disputed' ELSE 'payment_reinstated' END,
         d.payment_id,
         m.id,
         NULL,
         s.id,
         part.value::bigint,
         m.kind = 'withdrawn'
    FROM dispute_move m
    JOIN dispute d ON d.id = m.dispute_id
   CROSS JOIN LATERAL jsonb_each_text(m.split) part
    JOIN payment_share s ON s.payment_id = d.payment_id AND s.ref_id = part.key::uuid
$$;
