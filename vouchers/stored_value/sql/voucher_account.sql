CREATE OR REPLACE FUNCTION voucher_account(p_kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_kind WHEN 'bonus' THEN 'VB' WHEN 'employer' THEN 'VE' ELSE 'VL' END
$$;
