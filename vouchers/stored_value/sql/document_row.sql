-- The rows of append-only tables that belong to a document and are sealed with it: what happened to the voucher, to
-- which lots, and under which key of a till. They are on the way of every redemption, and need no queue of their own.
-- What has no document (a refusal, a miss) is sealed row by row. Decision 0110.
CREATE OR REPLACE VIEW document_row AS
SELECT voucher_id AS aggregate_id, id AS journal_id, concat('voucher_operation', rtrim(o::text, ',)')) AS line
  FROM voucher_operation o
UNION ALL
SELECT voucher_id, operation_id, concat('operation_part', rtrim(p::text, ',)'))
  FROM operation_part p
UNION ALL
SELECT coalesce(o.voucher_id, k.operation_id), k.operation_id, concat('till_key', rtrim(k::text, ',)'))
  FROM till_key k
  LEFT JOIN voucher_operation o ON o.id = k.operation_id;
