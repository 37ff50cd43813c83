-- The till behind a token, and why it may not do this now. A paused till gives back, but takes nothing. Whose token has
-- ended is known by it still: to be told again what was decided. Decisions 0319, 0326.
CREATE OR REPLACE FUNCTION till_authenticate(p_token bytea, p_scope text, p_at timestamptz) RETURNS till_identity
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_till till_identity;
BEGIN
  SELECT CASE
           WHEN k.expires_at <= p_at THEN 'till_unknown'
           WHEN NOT p_scope = ANY (k.scopes) THEN 'scope_missing'
           WHEN t.paused_until > p_at AND p_scope IN ('redeem', 'hold') THEN 'till_paused'
         END,
         t.id,
         t.name,
         t.outlet_id,
         o.active,
         o.name,
         o.street,
         o.postcode,
         m.name
    INTO v_till
    FROM till_token k
    JOIN till t ON t.id = k.till_id AND t.revoked_at IS NULL
    JOIN outlet o ON o.id = t.outlet_id
    JOIN municipality m ON m.ags = o.ags
   WHERE k.hash = p_token
     AND k.revoked_at IS NULL;
  IF NOT FOUND THEN
    v_till.refusal := 'till_unknown';
  END IF;
  RETURN v_till;
END
$$;
