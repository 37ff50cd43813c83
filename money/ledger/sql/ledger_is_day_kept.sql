-- Whether an entry stands on the day that its paper says, or on the first open one because that month was closed.
CREATE OR REPLACE FUNCTION ledger_is_day_kept(p_ledger uuid, p_said date, p_booked date) RETURNS boolean
LANGUAGE sql
STABLE
AS $$
  SELECT p_said IS NULL
      OR p_said = p_booked
      OR EXISTS (
           SELECT FROM period_closing c
            WHERE c.ledger_id = p_ledger AND c.last_day >= p_said AND c.last_day + 1 = p_booked
         )
$$;
