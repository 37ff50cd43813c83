-- What the provider's statement must show of what we did or booked, by what its lines name: net cents, signed as the
-- provider signs them. Not settled: we know of it and have not booked it yet. `settled_at`: since when it is. Decision
-- 0212.
CREATE OR REPLACE FUNCTION provider_expected() RETURNS TABLE (
  ref text,
  net_cents bigint,
  is_settled boolean,
  settled_at timestamptz
)
LANGUAGE sql
STABLE
AS $$
  SELECT w.ref,
         CASE WHEN w.state = 'succeeded' THEN w.net_cents ELSE 0 END,
         w.state IN ('succeeded', 'failed') AND NOT w.lacks_fee,
         e.settled_at
    FROM (
         -- Taken: the charge and the provider's fee for it.
         SELECT c.id, c.state, t.provider_ref AS ref, c.cents - coalesce(c.fee_cents, 0) AS net_cents,
                c.state = 'succeeded' AND c.fee_cents IS NULL AS lacks_fee
           FROM provider_call c
           JOIN tender t ON t.id = c.subject_id
          WHERE c.kind IN ('capture', 'collect') AND t.provider_ref IS NOT NULL
         UNION ALL
         -- Given back, and come back again.
         SELECT c.id, c.state, r.provider_ref, CASE WHEN r.state = 'failed' THEN 0 ELSE -c.cents END, false
           FROM provider_call c
           JOIN refund r ON r.id = c.subject_id
          WHERE c.kind = 'refund' AND r.provider_ref IS NOT NULL
         ) w
    LEFT JOIN LATERAL (
         SELECT max(x.recorded_at) AS settled_at FROM provider_call_event x WHERE x.call_id = w.id
         ) e ON true
  UNION ALL
  -- What payers' banks and others' hands moved: by the line itself.
  SELECT m.provider_ref, CASE m.kind WHEN 'withdrawn' THEN -m.cents ELSE m.cents END - m.fee_cents, true, m.recorded_at
    FROM dispute_move m
  UNION ALL
  -- What was booked from the line itself.
  SELECT l.provider_ref, l.net_cents, true, b.recorded_at
    FROM provider_line_booking b
    JOIN provider_line l ON l.id = b.line_id
$$;
