-- Refuses to give a lot's value to a payment (KZ) or a counter (SF) that had not paid for this very lot: one purchase
-- never becomes the money of another. A lot keeps its id and origin on the voucher that its own was merged into.
-- Decision 0114.
CREATE OR REPLACE FUNCTION voucher_require_paid(p_lot lot, p_account text, p_party uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM lot l
      JOIN operation_part p ON p.voucher_id = l.voucher_id AND p.lot_id = l.id
      JOIN entry e ON e.aggregate_id = p.voucher_id AND e.journal_id = p.operation_id
     WHERE l.origin_id = p_lot.origin_id
       AND l.id = p_lot.id
       AND e.kind IN ('voucher.issue', 'voucher.load')
       AND e.debit_account = p_account
       AND e.debit_party = p_party
  ) THEN
    RAISE EXCEPTION 'lot % was not paid by % on %', p_lot.id, p_party, p_account
      USING ERRCODE = 'check_violation', CONSTRAINT = 'funded';
  END IF;
END
$$;
