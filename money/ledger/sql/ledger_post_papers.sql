-- Books many papers of a kind at once, such as the lines of a bank's statement: what ledger_post_paper does for one,
-- with one plan for all. Gives their number. Refuses all when one is no such paper, or was booked before. Decision
-- 0111.
CREATE OR REPLACE FUNCTION ledger_post_papers(p_kind text, p_papers uuid[]) RETURNS int
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  v_source CONSTANT text := (SELECT source FROM posting_rule WHERE kind = p_kind AND is_posted_by_paper);
  v_line record;
  v_papers int;
BEGIN
  IF v_source IS NULL THEN
    RAISE EXCEPTION 'no paper is posted as %', p_kind USING ERRCODE = 'check_violation';
  END IF;
  FOR v_line IN EXECUTE format(
    'SELECT * FROM %I() WHERE paper_id = ANY ($1) AND kind = $2 ORDER BY ledger_id, journal_id, line_no',
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
  END LOOP;
  EXECUTE format('SELECT count(DISTINCT paper_id) FROM %I() WHERE paper_id = ANY ($1) AND kind = $2', v_source)
    INTO v_papers
   USING p_papers, p_kind;
  IF v_papers <> cardinality(p_papers) THEN
    RAISE EXCEPTION '% of % papers are no %', cardinality(p_papers) - v_papers, cardinality(p_papers), p_kind
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN v_papers;
END
$$;
