-- Refuses to take more from a party's money that waits for its purpose than is there: of a payment (KZ), a campaign
-- (CB), an employer (EP). Until the transaction ends nobody else takes of it. Decision 0114.
CREATE OR REPLACE FUNCTION ledger_require_funds(
  p_ledger uuid,
  p_account text,
  p_party uuid,
  p_cents bigint
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  v_free bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('funds ' || p_party, 0));
  -- Entries of the party's own documents are found by their key, all others by the indexes of parties.
  SELECT coalesce(sum(m.cents), 0)
    INTO v_free
    FROM (
         SELECT cents
           FROM entry
          WHERE aggregate_id = p_party AND ledger_id = p_ledger
            AND credit_account = p_account AND credit_party = p_party
         UNION ALL
         SELECT -cents
           FROM entry
          WHERE aggregate_id = p_party AND ledger_id = p_ledger
            AND debit_account = p_account AND debit_party = p_party
         UNION ALL
         SELECT cents
           FROM entry
          WHERE credit_party = p_party AND credit_party <> aggregate_id AND ledger_id = p_ledger
            AND credit_account = p_account
         UNION ALL
         SELECT -cents
           FROM entry
          WHERE debit_party = p_party AND debit_party <> aggregate_id AND ledger_id = p_ledger
            AND debit_account = p_account
         ) m;
  IF v_free < p_cents THEN
    RAISE EXCEPTION 'only % of % are left with % on %', v_free, p_cents, p_party, p_account
      USING ERRCODE = 'check_violation', CONSTRAINT = 'funded';
  END IF;
END
$$;
