-- What of a voucher may be spent on a day, in cents: in a shop with this postcode, or anywhere when none is named.
-- plpgsql keeps the plan; an SQL function would plan anew at every call.
CREATE OR REPLACE FUNCTION voucher_available(p_voucher uuid, p_day date, p_postcode text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT coalesce(sum(balance - held), 0)::bigint
      FROM lot
     WHERE voucher_id = p_voucher
       AND legal_end >= p_day
       AND (p_postcode IS NULL OR postcode_areas IS NULL OR left(p_postcode, 2) = ANY (postcode_areas))
  );
END
$$;
