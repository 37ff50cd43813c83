-- The id of a payment's document in one issuer's books: its origin's own in the payment's own ledger, one made from
-- both in others. Decision 0204.
CREATE OR REPLACE FUNCTION payment_document_id(p_origin uuid, p_own_ledger uuid, p_ledger uuid) RETURNS uuid
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
  SELECT CASE
    WHEN p_ledger = p_own_ledger THEN p_origin
    WHEN p_origin IS NOT NULL
    THEN encode(substring(sha256(convert_to(concat(p_origin, '/', p_ledger), 'UTF8')) FOR 16), 'hex')::uuid
  END
$$;
