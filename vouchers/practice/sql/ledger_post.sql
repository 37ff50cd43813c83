-- Practice posts nothing: the functions of stored value find this one where the real ones find that of the ledger.
-- Decision 0313.
CREATE OR REPLACE FUNCTION ledger_post(
  p_aggregate uuid,
  p_journal uuid,
  p_line int,
  p_ledger uuid,
  p_kind text,
  p_debit text,
  p_debit_party uuid,
  p_credit text,
  p_credit_party uuid,
  p_cents bigint,
  p_programme uuid DEFAULT NULL,
  p_reverses uuid DEFAULT NULL,
  p_booked_on date DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  RETURN;
END
$$;
