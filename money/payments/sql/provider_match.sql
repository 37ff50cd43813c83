-- The provider's lines beside what we expect of them, both ways: one row for what belongs together (a charge; a refund
-- with the line of its failure; a movement of a dispute; a booked line). `line_ref`: its first line, none where the
-- statement shows nothing. Decision 0212.
CREATE OR REPLACE FUNCTION provider_match() RETURNS TABLE (
  ref text,
  line_ref text,
  theirs_cents bigint,
  ours_cents bigint,
  is_settled boolean,
  recorded_at timestamptz,
  settled_at timestamptz
)
LANGUAGE sql
STABLE
AS $$
  WITH e AS (
       SELECT x.ref, sum(x.net_cents)::bigint AS cents, bool_and(x.is_settled) AS is_settled,
              max(x.settled_at) AS settled_at
         FROM provider_expected() x
        GROUP BY x.ref
       ),
       l AS (
       SELECT k.ref, (array_agg(k.provider_ref ORDER BY k.created_at, k.provider_ref))[1] AS line_ref,
              sum(k.net_cents)::bigint AS cents, max(k.recorded_at) AS recorded_at
         FROM (
              SELECT n.*,
                     CASE
                       WHEN EXISTS (SELECT FROM dispute_move m WHERE m.provider_ref = n.provider_ref)
                         OR EXISTS (SELECT FROM provider_line_booking b WHERE b.line_id = n.id) THEN n.provider_ref
                       WHEN n.category = 'charge' AND EXISTS (
                              SELECT FROM tender t WHERE t.provider_ref = n.intent_ref) THEN n.intent_ref
                       WHEN EXISTS (SELECT FROM refund r WHERE r.provider_ref = n.source_ref) THEN n.source_ref
                       ELSE n.provider_ref
                     END AS ref
                FROM provider_line n
               WHERE n.currency = 'eur'
              ) k
        GROUP BY k.ref
       )
  SELECT coalesce(l.ref, e.ref), l.line_ref, coalesce(l.cents, 0), coalesce(e.cents, 0),
         coalesce(e.is_settled, true), l.recorded_at, e.settled_at
    FROM l
    FULL JOIN e ON e.ref = l.ref
$$;
