-- What a dispute took (Dr KZ / Cr PSP, memo Dr MV / Cr MP) or brought back, and its fee (Dr GK / Cr PSP, memo MF / MP;
-- the mirror when the provider gives it back). Split over the shares of its tender, the fee over their issuers, in
-- proportion and to the cent, as in money/splitting.py. Decisions 0111, 0210.
CREATE OR REPLACE FUNCTION dispute_posting() RETURNS TABLE (
  paper_id uuid,
  kind text,
  aggregate_id uuid,
  journal_id uuid,
  line_no int,
  ledger_id uuid,
  booked_on date,
  debit_account text,
  debit_party uuid,
  credit_account text,
  credit_party uuid,
  cents bigint,
  programme_id uuid,
  reverses uuid
)
LANGUAGE sql
STABLE
AS $$
  WITH weighed AS (
    SELECT m.id AS paper_id,
           m.kind,
           abs(m.fee_cents) AS fee_cents,
           m.fee_cents < 0 AS is_fee_back,
           m.fee_journal_id,
           p.id AS payment_id,
           p.rail,
           p.ledger_id AS own_ledger_id,
           CASE p.rail WHEN 'issuer' THEN s.organisation_id ELSE p.ledger_id END AS ledger_id,
           CASE p.rail WHEN 'issuer' THEN p.id ELSE s.organisation_id END AS party,
           s.position,
           x.cents AS weight,
           t.cents AS whole,
           div(m.cents * x.cents, t.cents)
           + (row_number() OVER (PARTITION BY m.id ORDER BY (m.cents * x.cents) % t.cents DESC, s.ref_id)
              <= m.cents - sum(div(m.cents * x.cents, t.cents)) OVER (PARTITION BY m.id))::int AS cents
      FROM dispute_move m
      JOIN dispute d ON d.id = m.dispute_id
      JOIN payment p ON p.id = d.payment_id
      JOIN tender t ON t.id = d.tender_id
      JOIN tender_part x ON x.tender_id = t.id
      JOIN payment_share s ON s.id = x.share_id
  ), fees AS (
    SELECT w.paper_id,
           w.payment_id,
           w.rail,
           w.own_ledger_id,
           w.ledger_id,
           w.fee_journal_id,
           w.is_fee_back,
           div(w.fee_cents * sum(w.weight), w.whole)
           + (row_number() OVER (
                PARTITION BY w.paper_id ORDER BY (w.fee_cents * sum(w.weight)) % w.whole DESC, w.ledger_id
              ) <= w.fee_cents - sum(div(w.fee_cents * sum(w.weight), w.whole)) OVER (PARTITION BY w.paper_id))::int
             AS cents
      FROM weighed w
     WHERE w.fee_cents > 0
     GROUP BY w.paper_id, w.payment_id, w.rail, w.own_ledger_id, w.ledger_id, w.fee_journal_id, w.is_fee_back,
              w.fee_cents, w.whole
  ), lines AS (
    -- Issuers' money: one line in each issuer's books.
    SELECT w.paper_id,
           w.kind = 'withdrawn' AS is_out,
           CASE w.kind WHEN 'withdrawn' THEN 'payment_disputed' ELSE 'payment_reinstated' END AS kind,
           w.payment_id,
           w.paper_id AS origin_id,
           w.own_ledger_id,
           w.ledger_id,
           1::bigint AS line_no,
           'KZ' AS account,
           'PSP' AS counter_account,
           w.payment_id AS party,
           sum(w.cents) AS cents
      FROM weighed w
     WHERE w.rail = 'issuer'
     GROUP BY w.paper_id, w.kind, w.payment_id, w.own_ledger_id, w.ledger_id
    UNION ALL
    -- Sellers' money: a memo line for each share.
    SELECT w.paper_id,
           w.kind = 'withdrawn',
           CASE w.kind WHEN 'withdrawn' THEN 'payment_disputed' ELSE 'payment_reinstated' END,
           w.payment_id,
           w.paper_id,
           w.own_ledger_id,
           w.ledger_id,
           row_number() OVER (PARTITION BY w.paper_id ORDER BY w.position),
           'MV',
           'MP',
           w.party,
           w.cents
      FROM weighed w
     WHERE w.rail = 'seller' AND w.cents > 0
    UNION ALL
    SELECT f.paper_id,
           NOT f.is_fee_back,
           'dispute_fee',
           f.payment_id,
           f.fee_journal_id,
           f.own_ledger_id,
           f.ledger_id,
           1,
           CASE f.rail WHEN 'issuer' THEN 'GK' ELSE 'MF' END,
           CASE f.rail WHEN 'issuer' THEN 'PSP' ELSE 'MP' END,
           NULL,
           f.cents
      FROM fees f
  )
  SELECT l.paper_id,
         l.kind,
         l.payment_id,
         payment_document_id(l.origin_id, l.own_ledger_id, l.ledger_id),
         l.line_no::int,
         l.ledger_id,
         NULL::date,
         CASE WHEN l.is_out THEN l.account ELSE l.counter_account END,
         CASE WHEN l.is_out THEN l.party END,
         CASE WHEN l.is_out THEN l.counter_account ELSE l.account END,
         CASE WHEN NOT l.is_out THEN l.party END,
         l.cents::bigint,
         NULL::uuid,
         NULL::uuid
    FROM lines l
   WHERE l.cents > 0
$$;
