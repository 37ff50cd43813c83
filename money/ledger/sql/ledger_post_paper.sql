-- Books one paper, once: what ledger_post_papers does for many. False when it was booked before, and nothing is written
-- then. Decisions 0105, 0111.
CREATE OR REPLACE FUNCTION ledger_post_paper(p_kind text, p_paper uuid) RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  PERFORM ledger_post_papers(p_kind, ARRAY[p_paper]);
  RETURN true;
EXCEPTION
  WHEN unique_violation THEN
    RETURN false;
END
$$;
