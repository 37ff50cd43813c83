-- Parts whose sum is a balance at this moment: the roll-ups and the few documents that wait for their seal. OFFSET 0
-- keeps the planner from reading all entries when the queue was long a while ago.
CREATE OR REPLACE VIEW balance_part AS
SELECT ledger_id, account, party, programme_id, debit_cents, credit_cents
  FROM balance_rollup
UNION ALL
SELECT m.ledger_id,
       m.account,
       coalesce(m.party, '00000000-0000-0000-0000-000000000000'::uuid),
       coalesce(m.programme_id, '00000000-0000-0000-0000-000000000000'::uuid),
       m.debit,
       m.credit
  FROM outbox o
 CROSS JOIN LATERAL (
       SELECT * FROM entry n
        WHERE n.aggregate_id = o.aggregate_id AND n.journal_id = o.journal_id
       OFFSET 0
       ) e
 CROSS JOIN LATERAL (VALUES
         (e.ledger_id, e.debit_account, e.debit_party, e.programme_id, e.cents, 0::bigint),
         (e.ledger_id, e.credit_account, e.credit_party, e.programme_id, 0::bigint, e.cents)
       ) AS m (ledger_id, account, party, programme_id, debit, credit);
