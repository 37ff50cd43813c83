-- A whole document in one round trip. False when it was posted before: nothing is written then. Decision 0105.
CREATE OR REPLACE FUNCTION ledger_post_document(
  p_aggregate uuid,
  p_journal uuid,
  p_ledger uuid,
  p_kind text,
  p_topic text,
  p_debits text[],
  p_debit_parties uuid[],
  p_credits text[],
  p_credit_parties uuid[],
  p_cents bigint[],
  p_programmes uuid[],
  p_reverses uuid,
  p_booked_on date
) RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  FOR i IN 1 .. cardinality(p_cents) LOOP
    PERFORM ledger_post(
      p_aggregate => p_aggregate,
      p_journal => p_journal,
      p_line => i,
      p_ledger => p_ledger,
      p_kind => p_kind,
      p_debit => p_debits[i],
      p_debit_party => p_debit_parties[i],
      p_credit => p_credits[i],
      p_credit_party => p_credit_parties[i],
      p_cents => p_cents[i],
      p_programme => p_programmes[i],
      p_reverses => p_reverses,
      p_booked_on => p_booked_on
    );
  END LOOP;
  PERFORM ledger_queue(p_aggregate, p_journal, p_topic);
  RETURN true;
EXCEPTION
  WHEN unique_violation THEN
    RETURN false;
END
$$;
