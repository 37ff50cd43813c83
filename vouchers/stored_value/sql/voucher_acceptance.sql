-- Whether a shop takes a programme at this second. Through an agreement of issuers it also names the issuer whose shop
-- it is: that one owes the shop, and is owed by the voucher's issuer. Decision 0319.
CREATE OR REPLACE FUNCTION voucher_acceptance(p_programme uuid, p_outlet uuid, p_at timestamptz)
RETURNS programme_acceptance
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
  v_host uuid;
BEGIN
  IF EXISTS (
       SELECT 1 FROM acceptance
        WHERE programme_id = p_programme
          AND outlet_id = p_outlet
          AND valid_from <= p_at
          AND (valid_until IS NULL OR valid_until > p_at)
     )
  THEN
    RETURN ROW(true, NULL)::programme_acceptance;
  END IF;
  SELECT nullif(host.issuer_id, own.issuer_id)
    INTO v_host
    FROM reciprocity r
    JOIN programme own ON own.id = r.programme_id
    JOIN programme host ON host.id = r.host_programme_id
    JOIN acceptance a
      ON a.programme_id = r.host_programme_id
     AND a.outlet_id = p_outlet
     AND a.valid_from <= p_at
     AND (a.valid_until IS NULL OR a.valid_until > p_at)
   WHERE r.programme_id = p_programme
     AND r.valid_from <= p_at
     AND (r.valid_until IS NULL OR r.valid_until > p_at)
   ORDER BY host.issuer_id = own.issuer_id DESC, r.host_programme_id
   LIMIT 1;
  RETURN ROW(FOUND, v_host)::programme_acceptance;
END
$$;
