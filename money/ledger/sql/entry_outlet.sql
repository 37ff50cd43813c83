-- The outlet that an entry belongs to: the party on KR, what is owed to shops. The id of zeros when there is none.
CREATE OR REPLACE FUNCTION entry_outlet(p_entry entry) RETURNS uuid
LANGUAGE sql
IMMUTABLE
AS $$
  SELECT coalesce(
    CASE WHEN p_entry.credit_account = 'KR' THEN p_entry.credit_party END,
    CASE WHEN p_entry.debit_account = 'KR' THEN p_entry.debit_party END,
    '00000000-0000-0000-0000-000000000000'::uuid
  )
$$;
