-- The lots as an answer names them, in the order in which they are spent: kind, what this operation moved, what is
-- left, last day. Only lots that this shop may spend, or that the operation moved.
CREATE OR REPLACE FUNCTION voucher_buckets(p_voucher uuid, p_operation uuid, p_postcode text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
  RETURN (
    SELECT coalesce(
             jsonb_agg(
               jsonb_build_object(
                 'kind', l.kind,
                 'amount_cents', coalesce(p.cents, 0),
                 'remaining_cents', l.balance - l.held,
                 'valid_until', l.legal_end
               )
               ORDER BY l.spend_rank, l.legal_end, l.id
             ),
             '[]'::jsonb
           )
      FROM lot l
      LEFT JOIN operation_part p
        ON p.voucher_id = l.voucher_id AND p.operation_id = p_operation AND p.lot_id = l.id
     WHERE l.voucher_id = p_voucher
       AND (l.balance > 0 OR p.cents IS NOT NULL)
       AND (
         p.cents IS NOT NULL
         OR p_postcode IS NULL
         OR l.postcode_areas IS NULL
         OR left(p_postcode, 2) = ANY (l.postcode_areas)
       )
  );
END
$$;
