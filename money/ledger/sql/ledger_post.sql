-- Writes one booking sentence. The only function that inserts into `entry`. Decisions 0101, 0102.
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
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  -- Checked here and not by constraints: PostgreSQL reads every constraint anew for every INSERT, and lists as long as
  -- these took three times as long as all the rest. Nobody else may INSERT; the proof (L-01, L-02) looks again.
  c_accounts CONSTANT text[] := '{TB,OB,PSP,GT,KZ,VL,VB,VE,VH,EP,CB,KR,DB,SF,CL,RS,'
    'PR,SE,UST,VST,GK,WK,FV,BE,ZE,MP,MV,MF}';
  c_with_party CONSTANT text[] := '{GT,KZ,VL,VB,VE,VH,EP,CB,KR,DB,SF,CL,MV}';
  v_booked_on date := coalesce(p_booked_on, business_day());
BEGIN
  IF NOT coalesce(p_debit = ANY (c_accounts) AND p_credit = ANY (c_accounts), false) THEN
    RAISE EXCEPTION 'unknown account: % or %', p_debit, p_credit USING ERRCODE = 'check_violation';
  END IF;
  IF (p_debit_party IS NULL AND p_debit = ANY (c_with_party))
     OR (p_credit_party IS NULL AND p_credit = ANY (c_with_party)) THEN
    RAISE EXCEPTION 'account without its party: % or %', p_debit, p_credit USING ERRCODE = 'check_violation';
  END IF;
  -- The bar separates the fields of what is sealed: `entry_text`.
  IF p_line < 1 OR length(p_kind) NOT BETWEEN 1 AND 60 OR position('|' IN p_kind) > 0 THEN
    RAISE EXCEPTION 'line or kind out of range: %, %', p_line, p_kind USING ERRCODE = 'check_violation';
  END IF;
  -- A day that is over may be closed; its paper keeps it.
  IF p_booked_on < business_day() THEN
    v_booked_on := ledger_open_day(p_ledger, p_booked_on);
  END IF;
  INSERT INTO entry (
    aggregate_id, journal_id, line_no, ledger_id, kind, booked_on, recorded_at,
    debit_account, debit_party, credit_account, credit_party, cents, currency, programme_id, reverses
  ) VALUES (
    p_aggregate, p_journal, p_line, p_ledger, p_kind, v_booked_on, clock_timestamp(),
    p_debit, p_debit_party, p_credit, p_credit_party, p_cents, 'EUR', p_programme, p_reverses
  );
END
$$;
