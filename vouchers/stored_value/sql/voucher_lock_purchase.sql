-- Finds the lot of a purchase on the voucher on which it lies by now, and locks that voucher. `p_bonus`: instead the lot
-- that a campaign added. No lot when nothing lies anywhere.
CREATE OR REPLACE FUNCTION voucher_lock_purchase(p_origin uuid, p_bonus uuid DEFAULT NULL) RETURNS lot
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
     WHERE v.state <> 'replaced'
       AND CASE
             WHEN p_bonus IS NULL THEN l.origin_id = p_origin AND l.kind = 'paid'
             ELSE l.id = p_bonus AND l.kind = 'bonus'
           END
     ORDER BY l.balance - l.held DESC, l.voucher_id
     LIMIT 1;
    EXIT WHEN NOT FOUND;
    PERFORM 1 FROM voucher v WHERE v.id = v_lot.voucher_id AND v.state <> 'replaced' FOR NO KEY UPDATE;
    EXIT WHEN FOUND;
  END LOOP;
  RETURN v_lot;
END
$$;
