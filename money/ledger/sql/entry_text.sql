-- What is sealed of one entry. money/ledger/chain.py builds the same text on its own. Decision 0104.
CREATE OR REPLACE FUNCTION entry_text(p_entry entry) RETURNS text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT concat(
    p_entry.line_no,
    '|', p_entry.ledger_id,
    '|', p_entry.kind,
    '|', to_char(p_entry.booked_on, 'YYYY-MM-DD'),
    '|', (extract(epoch FROM p_entry.recorded_at) * 1000000)::bigint,
    '|', p_entry.debit_account,
    '|', p_entry.debit_party,
    '|', p_entry.credit_account,
    '|', p_entry.credit_party,
    '|', p_entry.cents,
    '|', p_entry.currency,
    '|', p_entry.programme_id,
    '|', p_entry.reverses
  )
$$;
