-- What provider money means in the books. Rail "issuer": the provider owes each issuer its shares (PSP), and the
-- payer's money waits for its purpose (KZ, party payment), in that issuer's own ledger. Rail "seller": memo accounts
-- only (MP, MV, MF), for that money is never ours. Decisions 0111, 0203.
CREATE OR REPLACE FUNCTION payment_posting() RETURNS SETOF posting_line
LANGUAGE sql
STABLE
AS $$
  SELECT l.paper_id,
         l.kind,
         l.payment_id AS aggregate_id,
         payment_document_id(l.origin_id, l.own_ledger_id, l.ledger_id) AS journal_id,
         l.line_no::int AS line_no,
         l.ledger_id,
         NULL::date AS booked_on,
         CASE WHEN l.is_back THEN l.credit_account ELSE l.debit_account END AS debit_account,
         CASE WHEN l.is_back THEN l.party END AS debit_party,
         CASE WHEN l.is_back THEN l.debit_account ELSE l.credit_account END AS credit_account,
         CASE WHEN NOT l.is_back THEN l.party END AS credit_party,
         l.cents,
         NULL::uuid AS programme_id,
         payment_document_id(l.reverses_id, l.own_ledger_id, l.ledger_id) AS reverses
    FROM (
         SELECT m.paper_id,
                m.kind,
                m.payment_id,
                m.origin_id,
                m.reverses_id,
                m.is_back,
                p.ledger_id AS own_ledger_id,
                s.organisation_id AS ledger_id,
                1 AS line_no,
                'PSP' AS debit_account,
                'KZ' AS credit_account,
                p.id AS party,
                sum(m.cents)::bigint AS cents
           FROM payment_movement() m
           JOIN payment p ON p.id = m.payment_id AND p.rail = 'issuer'
           JOIN payment_share s ON s.id = m.share_id
          GROUP BY m.paper_id, m.kind, m.payment_id, m.origin_id, m.reverses_id, m.is_back, p.id, s.organisation_id
         UNION ALL
         SELECT m.paper_id, m.kind, m.payment_id, m.origin_id, m.reverses_id, m.is_back, p.ledger_id, p.ledger_id,
                row_number() OVER (PARTITION BY m.paper_id, m.kind ORDER BY s.position),
                'MP', 'MV', s.organisation_id, m.cents
           FROM payment_movement() m
           JOIN payment p ON p.id = m.payment_id AND p.rail = 'seller'
           JOIN payment_share s ON s.id = m.share_id
          WHERE m.cents > 0
         UNION ALL
         SELECT f.paper_id, f.kind, f.payment_id, f.origin_id, NULL, f.is_back, p.ledger_id, f.ledger_id, 1,
                CASE p.rail WHEN 'issuer' THEN 'GK' ELSE 'MF' END,
                CASE p.rail WHEN 'issuer' THEN 'PSP' ELSE 'MP' END,
                NULL, f.cents
           FROM payment_fee() f
           JOIN payment p ON p.id = f.payment_id
         ) l
   WHERE l.cents > 0
$$;
