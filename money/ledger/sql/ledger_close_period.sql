-- Closes an issuer's books up to the last day of a month, for good. Two people have agreed to it before. Waits for
-- postings to past days that are under way; those of today cannot be for a day that lies two days back. Where money has
-- moved, all days of the month are closed before: bank and provider have agreed with the books. Decisions 0112, 0213.
CREATE OR REPLACE FUNCTION ledger_close_period(
  p_ledger uuid,
  p_last_day date,
  p_proposed_by uuid,
  p_approved_by uuid
) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('period ' || p_ledger, 0));
  IF p_last_day >= business_day() - 1 OR extract(day FROM p_last_day + 1) <> 1 THEN
    RAISE EXCEPTION '% does not end a month that is over', p_last_day USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT FROM period_closing WHERE ledger_id = p_ledger AND last_day >= p_last_day) THEN
    RAISE EXCEPTION 'closed up to % before', p_last_day USING ERRCODE = 'check_violation';
  END IF;
  IF NOT EXISTS (SELECT FROM day_closing WHERE ledger_id = p_ledger AND day >= p_last_day)
     AND EXISTS (SELECT FROM entry
                  WHERE ledger_id = p_ledger AND booked_on <= p_last_day
                    AND (debit_account IN ('TB', 'OB') OR credit_account IN ('TB', 'OB'))) THEN
    RAISE EXCEPTION 'a day up to % is open', p_last_day USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO period_closing (ledger_id, last_day, proposed_by, approved_by, closed_at)
  VALUES (p_ledger, p_last_day, p_proposed_by, p_approved_by, clock_timestamp());
END
$$;
