-- Finds the lot of a purchase on the voucher on which it lies by now, and locks that voucher. No lot when there is
-- none.
CREATE OR REPLACE FUNCTION voucher_lock_purchase(p_origin uuid) RETURNS lot
LANGUAGE plpgsql
AS $$
DECLARE
  v_lot lot;
BEGIN
  -- The voucher may be merged while we wait for its lock: then the value lies on another, and we look again.
  LOOP
    SELECT l.*
      INTO v_lot
      FROM lot l
      JOIN voucher v ON v.id = l.voucher_id
     WHERE l.origin_id = p_origin AND l.kind = 'paid' AND v.state <> 'replaced'
     ORDER BY l.voucher_id
     LIMIT 1;
    EXIT WHEN NOT FOUND;
    PERFORM 1 FROM voucher v WHERE v.id = v_lot.voucher_id AND v.state <> 'replaced' FOR NO KEY UPDATE;
    EXIT WHEN FOUND;
  END LOOP;
  RETURN v_lot;
END
$$;
