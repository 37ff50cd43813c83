-- The till behind a token, or why it may not do this now. A paused till gives back, but takes nothing.
CREATE OR REPLACE FUNCTION voucher_till(p_token bytea, p_scope text, p_at timestamptz)
RETURNS TABLE (refusal text, id uuid, name text, outlet_id uuid, active boolean, shop text, street text, postcode text, town text)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT CASE WHEN NOT p_scope = ANY (k.scopes) THEN 'scope_missing'
              WHEN t.paused_until > p_at AND p_scope IN ('redeem', 'hold') THEN 'till_paused' END,
         t.id, t.name, t.outlet_id, o.active, o.name, o.street, o.postcode::text, m.name
    FROM till_token k JOIN till t ON t.id = k.till_id AND t.revoked_at IS NULL
    JOIN outlet o ON o.id = t.outlet_id JOIN municipality m ON m.ags = o.ags
   WHERE k.hash = p_token AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > p_at);
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'till_unknown', NULL::uuid, NULL, NULL::uuid, NULL::boolean, NULL, NULL, NULL, NULL;
  END IF;
END $$;
