-- What is sealed of one entry. money/ledger/chain.py builds the same text on its own.
CREATE OR REPLACE FUNCTION entry_text(e entry) RETURNS text LANGUAGE sql STABLE SET search_path = public AS $$
  SELECT concat(e.line_no, '|', e.ledger_id, '|', e.kind, '|', to_char(e.booked_on, 'YYYY-MM-DD'), '|',
                (extract(epoch FROM e.recorded_at) * 1000000)::bigint, '|', e.debit_account, '|', e.debit_party,
                '|', e.credit_account, '|', e.credit_party, '|', e.cents, '|', e.currency, '|', e.programme_id,
                '|', e.reverses)
$$;
