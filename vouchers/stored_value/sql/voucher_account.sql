-- The account on which a kind of lot is owed: VB bonus, VE employer's credit, VL all other value.
CREATE OR REPLACE FUNCTION voucher_account(p_kind text) RETURNS text
LANGUAGE sql
IMMUTABLE
AS $$
  SELECT CASE p_kind WHEN 'bonus' THEN 'VB' WHEN 'employer' THEN 'VE' ELSE 'VL' END
$$;
