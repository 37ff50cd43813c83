-- Whether a shop takes a programme at this second: a row when it does. Through an agreement of issuers the row names the
-- issuer whose shop it is; that one owes the shop, and is owed by the voucher's issuer.
CREATE OR REPLACE FUNCTION voucher_accepted(p_programme uuid, p_outlet uuid, p_at timestamptz) RETURNS TABLE (host_ledger_id uuid)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF EXISTS (SELECT 1 FROM acceptance a WHERE a.programme_id = p_programme AND a.outlet_id = p_outlet
                AND a.valid_from <= p_at AND (a.valid_until IS NULL OR a.valid_until > p_at)) THEN
    RETURN QUERY SELECT NULL::uuid; RETURN;
  END IF;
  RETURN QUERY
  SELECT nullif(h.issuer_id, g.issuer_id) FROM reciprocity r
    JOIN programme g ON g.id = r.programme_id JOIN programme h ON h.id = r.host_programme_id
    JOIN acceptance a ON a.programme_id = r.host_programme_id AND a.outlet_id = p_outlet
     AND a.valid_from <= p_at AND (a.valid_until IS NULL OR a.valid_until > p_at)
   WHERE r.programme_id = p_programme AND r.valid_from <= p_at AND (r.valid_until IS NULL OR r.valid_until > p_at)
   ORDER BY h.issuer_id = g.issuer_id DESC, r.host_programme_id LIMIT 1;
END $$;
