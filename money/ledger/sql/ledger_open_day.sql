-- The day on which something of a day is booked: the day itself, or the first open one when its month is closed. Until
-- the transaction ends nobody closes the month. Decision 0112.
CREATE OR REPLACE FUNCTION ledger_open_day(p_ledger uuid, p_day date) RETURNS date
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('period ' || p_ledger, 0));
  RETURN greatest(p_day, (SELECT max(last_day) + 1 FROM period_closing WHERE ledger_id = p_ledger));
END
$$;
