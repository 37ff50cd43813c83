-- Books papers of one kind: exactly the lines that the rule of that kind reads from them. Refuses a kind without a
-- rule, rows that are no such papers (yet), and a paper that was booked before. Decision 0111.
CREATE OR REPLACE FUNCTION ledger_post_papers(p_kind text, p_papers uuid[]) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_source CONSTANT text := (SELECT source FROM posting_rule WHERE kind = p_kind AND is_posted_by_paper);
  v_line posting_line;
  v_read uuid[] := '{}';
BEGIN
  IF v_source IS NULL THEN
    RAISE EXCEPTION 'no paper is posted as %', p_kind USING ERRCODE = 'check_violation';
  END IF;
  FOR v_line IN EXECUTE format(
    'SELECT * FROM %I() WHERE paper_id = ANY ($1) AND kind = $2 ORDER BY paper_id, ledger_id, journal_id, line_no',
    v_source
  ) USING p_papers, p_kind
  LOOP
    PERFORM ledger_post(
      p_aggregate => v_line.aggregate_id,
      p_journal => v_line.journal_id,
      p_line => v_line.line_no,
      p_ledger => v_line.ledger_id,
      p_kind => v_line.kind,
      p_debit => v_line.debit_account,
      p_debit_party => v_line.debit_party,
      p_credit => v_line.credit_account,
      p_credit_party => v_line.credit_party,
      p_cents => v_line.cents,
      p_programme => v_line.programme_id,
      p_reverses => v_line.reverses,
      p_booked_on => v_line.booked_on
    );
    IF v_line.line_no = 1 THEN
      PERFORM ledger_queue(v_line.aggregate_id, v_line.journal_id, v_line.kind);
    END IF;
    v_read := v_read || v_line.paper_id;
  END LOOP;
  IF NOT coalesce(p_papers <@ v_read, false) THEN
    RAISE EXCEPTION 'not all of % are papers of kind %', p_papers, p_kind USING ERRCODE = 'check_violation';
  END IF;
END
$$;
