CREATE OR REPLACE FUNCTION entry_outlet(e entry) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(CASE WHEN e.credit_account = 'KR' THEN e.credit_party END,
                  CASE WHEN e.debit_account = 'KR' THEN e.debit_party END, '00000000-0000-0000-0000-000000000000'::uuid)
$$;
