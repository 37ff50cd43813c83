-- Whether a programme may be sold: charter by two, trust account, terms, VAT signed off, the authority's position.
-- Decision 0307.
CREATE OR REPLACE FUNCTION programme_gate(p_programme uuid, p_issuer uuid, p_supervision text) RETURNS boolean
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  RETURN p_supervision = 'ok'
     AND EXISTS (SELECT 1 FROM charter WHERE programme_id = p_programme)
     AND EXISTS (
           SELECT 1 FROM bank_account
            WHERE organisation_id = p_issuer AND purpose = 'trust' AND closed_at IS NULL
         )
     AND EXISTS (SELECT 1 FROM programme_terms WHERE programme_id = p_programme AND kind = 'buyer')
     AND EXISTS (SELECT 1 FROM gate_record WHERE programme_id = p_programme AND item = 'vat')
     AND coalesce(
           (
             SELECT value = 'ok' FROM gate_record
              WHERE programme_id = p_programme AND item = 'supervision'
              ORDER BY recorded_at DESC, id DESC
              LIMIT 1
           ),
           false
         );
END
$$;
