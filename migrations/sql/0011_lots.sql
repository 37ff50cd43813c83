-- Lots with an order of their own and places of their own; tills known by tokens with scopes; vouchers of one issuer in the
-- shops of another. Replaces the functions of the same names in 0005_vouchers.sql; the others there stay as they are.

-- What may be spent today: in the shop of this postcode, or anywhere when none is named.
CREATE FUNCTION voucher_available(p_voucher uuid, p_day date, p_postcode text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (
  SELECT coalesce(sum(balance - held), 0)::bigint FROM lot WHERE voucher_id = p_voucher AND legal_end >= p_day
     AND (p_postcode IS NULL OR postcode_areas IS NULL OR left(p_postcode, 2) = ANY (postcode_areas)));
END $$;

CREATE FUNCTION voucher_lots(p_voucher uuid, p_operation uuid, p_postcode text DEFAULT NULL) RETURNS jsonb LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (
  SELECT coalesce(jsonb_agg(jsonb_build_object('kind', l.kind, 'amount', coalesce(p.cents, 0),
           'remaining', l.balance - l.held, 'valid_until', l.legal_end) ORDER BY l.spend_rank, l.legal_end, l.id), '[]'::jsonb)
    FROM lot l LEFT JOIN operation_part p
      ON p.voucher_id = l.voucher_id AND p.operation_id = p_operation AND p.lot_id = l.id
   WHERE l.voucher_id = p_voucher AND (l.balance > 0 OR p.cents IS NOT NULL)
     AND (p.cents IS NOT NULL OR p_postcode IS NULL OR l.postcode_areas IS NULL OR left(p_postcode, 2) = ANY (l.postcode_areas)));
END $$;

-- The till behind a token, or why it may not do this now. A paused till gives back, but takes nothing.
CREATE FUNCTION voucher_till(p_token bytea, p_scope text, p_at timestamptz)
RETURNS TABLE (refusal text, id uuid, name text, outlet_id uuid, active boolean, shop text, street text, postcode text, town text)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT CASE WHEN NOT p_scope = ANY (k.scopes) THEN 'scope_missing'
              WHEN t.paused_until > p_at AND p_scope IN ('redeem', 'hold') THEN 'till_paused' END,
         t.id, t.name, t.outlet_id, o.active, o.name, o.street, o.postcode::text, m.name
    FROM till_token k JOIN till t ON t.id = k.till_id AND t.revoked_at IS NULL
    JOIN outlet o ON o.id = t.outlet_id JOIN municipality m ON m.ags = o.ags
   WHERE k.hash = p_token AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > p_at);
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'till_unknown', NULL::uuid, NULL, NULL::uuid, NULL::boolean, NULL, NULL, NULL, NULL;
  END IF;
END $$;

-- Whether a shop takes a programme at this second: a row when it does. Through an agreement of issuers the row names the
-- issuer whose shop it is; that one owes the shop, and is owed by the voucher's issuer.
CREATE FUNCTION voucher_accepted(p_programme uuid, p_outlet uuid, p_at timestamptz) RETURNS TABLE (host_ledger_id uuid)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF EXISTS (SELECT 1 FROM acceptance a WHERE a.programme_id = p_programme AND a.outlet_id = p_outlet
                AND a.valid_from <= p_at AND (a.valid_until IS NULL OR a.valid_until > p_at)) THEN
    RETURN QUERY SELECT NULL::uuid; RETURN;
  END IF;
  RETURN QUERY
  SELECT nullif(h.issuer_id, g.issuer_id) FROM reciprocity r
    JOIN programme g ON g.id = r.programme_id JOIN programme h ON h.id = r.host_programme_id
    JOIN acceptance a ON a.programme_id = r.host_programme_id AND a.outlet_id = p_outlet
     AND a.valid_from <= p_at AND (a.valid_until IS NULL OR a.valid_until > p_at)
   WHERE r.programme_id = p_programme AND r.valid_from <= p_at AND (r.valid_until IS NULL OR r.valid_until > p_at)
   ORDER BY h.issuer_id = g.issuer_id DESC, r.host_programme_id LIMIT 1;
END $$;

-- A shop that moves out of a programme's area accepts it no more, from this second.
CREATE FUNCTION acceptance_follows_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE acceptance a SET valid_until = greatest(clock_timestamp(), a.valid_from) FROM programme p
   WHERE p.id = a.programme_id AND a.outlet_id = NEW.id AND a.valid_until IS NULL AND p.area = 'towns'
     AND NOT EXISTS (SELECT 1 FROM programme_town t WHERE t.programme_id = p.id AND t.ags = NEW.ags);
  RETURN NEW;
END $$;

-- Sixty moves of one voucher in ten minutes (or what its programme allows) are no shopping. Asks one row of an index,
-- and only of vouchers that have lived that long.
CREATE FUNCTION voucher_hurries(v voucher, p_at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE v_most int;
BEGIN
  IF v.version <= 60 THEN RETURN false; END IF;
  SELECT most_moves INTO v_most FROM programme WHERE id = v.programme_id;
  RETURN EXISTS (SELECT 1 FROM voucher_operation WHERE voucher_id = v.id AND version = v.version - v_most AND outcome = 'done'
                    AND recorded_at > p_at - interval '10 minutes');
END $$;

-- The next link of the voucher's chain: moves the version on and writes the operation. The lots were changed before.
-- Goods that come back after a withdrawal wake the voucher: that part was never paid back to the buyer.
CREATE FUNCTION voucher_link(p_voucher uuid, p_operation uuid, p_kind text, p_cents bigint, p_lapsed bigint, p_actor uuid, p_key text,
  p_fingerprint bytea, p_ref uuid, p_outlet uuid, p_till uuid, p_staff uuid, p_receipt text, p_basket bigint, p_client timestamptz,
  p_reason text, p_expires timestamptz, p_answer jsonb, p_at timestamptz, p_host uuid DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE v_version int; v_balance bigint; v_held bigint;
BEGIN
  SELECT sum(balance), sum(held) INTO v_balance, v_held FROM lot WHERE voucher_id = p_voucher;
  UPDATE voucher SET version = version + 1,
         state = CASE WHEN state = 'active' AND v_balance = 0 THEN 'exhausted'
                      WHEN state IN ('exhausted', 'withdrawn') AND v_balance > 0 THEN 'active' ELSE state END
   WHERE id = p_voucher RETURNING version INTO v_version;
  INSERT INTO voucher_operation (voucher_id, id, kind, outcome, cents, lapsed_cents, actor_id, key, fingerprint, ref_id, version,
      balance_after, held_after, outlet_id, till_id, staff_id, receipt_no, basket_cents, client_time, reason, expires_at, answer, recorded_at,
      booked_on, host_ledger_id)
  VALUES (p_voucher, p_operation, p_kind, 'done', p_cents, p_lapsed, p_actor, p_key, p_fingerprint, p_ref, v_version,
      v_balance, v_held, p_outlet, p_till, p_staff, p_receipt, p_basket, p_client, p_reason, p_expires, p_answer, p_at, voucher_day(p_at), p_host);
END $$;

-- Takes value for a shop out of the lots that may be spent there (or holds it), in their order, stores the split and books it,
-- line by line. In the shop of another issuer that issuer owes the shop, and ours owes the other.
CREATE FUNCTION voucher_take(p_voucher uuid, p_operation uuid, p_ledger uuid, p_programme uuid, p_kind text, p_cents bigint, p_hold boolean,
  p_outlet uuid, p_host uuid, p_day date, p_postcode text) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE l record; v_left bigint := p_cents; v_take bigint; v_line int := 0;
  v_credit text := CASE WHEN p_hold THEN 'VH' WHEN p_host IS NULL THEN 'KR' ELSE 'CL' END;
  v_party uuid := CASE WHEN p_hold THEN p_voucher WHEN p_host IS NULL THEN p_outlet ELSE p_host END;
BEGIN
  FOR l IN SELECT id, kind, balance - held AS free FROM lot
            WHERE voucher_id = p_voucher AND legal_end >= p_day AND balance > held
              AND (postcode_areas IS NULL OR left(p_postcode, 2) = ANY (postcode_areas)) ORDER BY spend_rank, legal_end, id LOOP
    EXIT WHEN v_left = 0;
    v_take := least(v_left, l.free);
    v_line := v_line + 1;
    IF p_hold THEN
      UPDATE lot SET held = held + v_take WHERE voucher_id = p_voucher AND id = l.id;
    ELSE
      UPDATE lot SET balance = balance - v_take WHERE voucher_id = p_voucher AND id = l.id;
    END IF;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_voucher, p_operation, l.id, v_line, v_take, false);
    PERFORM ledger_post(p_voucher, p_operation, v_line, p_ledger, p_kind, voucher_account(l.kind), p_voucher,
                        v_credit, v_party, v_take, p_programme, NULL, p_day);
    v_left := v_left - v_take;
  END LOOP;
  IF v_left <> 0 THEN RAISE EXCEPTION 'voucher % lacks % cents', p_voucher, v_left; END IF;
  IF p_host IS NOT NULL AND NOT p_hold THEN
    PERFORM ledger_post(p_voucher, p_operation, v_line + 1, p_host, p_kind, 'CL', p_ledger, 'KR', p_outlet, p_cents, p_programme, NULL, p_day);
  END IF;
  PERFORM ledger_queue(p_voucher, p_operation, p_kind);
END $$;

-- Puts value back into the lots it came from, last taken first. What a lapsed bonus gets back goes to the campaign's budget.
CREATE FUNCTION voucher_put_back(p_voucher uuid, p_operation uuid, p_ref uuid, p_ledger uuid, p_programme uuid, p_kind text, p_cents bigint,
  p_outlet uuid, p_host uuid, p_day date) RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE p record; v_left bigint := p_cents; v_back bigint; v_line int := 0; v_lapsed bigint := 0; v_gone boolean;
BEGIN
  FOR p IN SELECT o.lot_id, l.kind, l.origin_id, l.legal_end, o.cents - coalesce((SELECT sum(b.cents) FROM voucher_operation r
                    JOIN operation_part b ON b.voucher_id = r.voucher_id AND b.operation_id = r.id AND b.lot_id = o.lot_id
                   WHERE r.voucher_id = p_voucher AND r.ref_id = p_ref AND r.outcome = 'done' AND r.kind IN ('void', 'refund')), 0) AS open
             FROM operation_part o JOIN lot l ON l.voucher_id = o.voucher_id AND l.id = o.lot_id
            WHERE o.voucher_id = p_voucher AND o.operation_id = p_ref ORDER BY o.line_no DESC LOOP
    EXIT WHEN v_left = 0;
    CONTINUE WHEN p.open <= 0;
    v_back := least(v_left, p.open);
    v_line := v_line + 1;
    v_gone := p.kind = 'bonus' AND p.legal_end < p_day;
    IF v_gone THEN v_lapsed := v_lapsed + v_back;
    ELSE UPDATE lot SET balance = balance + v_back WHERE voucher_id = p_voucher AND id = p.lot_id; END IF;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_voucher, p_operation, p.lot_id, v_line, v_back, v_gone);
    PERFORM ledger_post(p_voucher, p_operation, v_line, p_ledger, p_kind, CASE WHEN p_host IS NULL THEN 'KR' ELSE 'CL' END,
                        coalesce(p_host, p_outlet), CASE WHEN v_gone THEN 'CB' ELSE voucher_account(p.kind) END,
                        CASE WHEN v_gone THEN p.origin_id ELSE p_voucher END, v_back, p_programme, p_ref, p_day);
    v_left := v_left - v_back;
  END LOOP;
  IF v_left <> 0 THEN RAISE EXCEPTION 'operation % has no % cents left to give back', p_ref, v_left; END IF;
  IF p_host IS NOT NULL THEN
    PERFORM ledger_post(p_voucher, p_operation, v_line + 1, p_host, p_kind, 'KR', p_outlet, 'CL', p_ledger, p_cents, p_programme, p_ref, p_day);
  END IF;
  PERFORM ledger_queue(p_voucher, p_operation, p_kind);
  RETURN v_lapsed;
END $$;

-- Carries the whole free rest of one voucher over to another, lot by lot: end, origin and rules stay what they are.
CREATE FUNCTION voucher_carry_over(p_from uuid, p_into uuid, p_operation uuid, p_into_operation uuid, p_ledger uuid, p_programme uuid,
  p_day date) RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE l lot; v_line int := 0; v_sum bigint := 0;
BEGIN
  FOR l IN SELECT * FROM lot WHERE voucher_id = p_from AND balance > 0 ORDER BY spend_rank, legal_end, id LOOP
    v_line := v_line + 1;
    v_sum := v_sum + l.balance;
    UPDATE lot SET balance = 0 WHERE voucher_id = p_from AND id = l.id;
    INSERT INTO lot (voucher_id, id, kind, origin_id, issued_cents, balance, held, issued_on, legal_end, spend_rank, postcode_areas)
    VALUES (p_into, l.id, l.kind, l.origin_id, l.balance, l.balance, 0, l.issued_on, l.legal_end, l.spend_rank, l.postcode_areas)
    ON CONFLICT (voucher_id, id) DO UPDATE
       SET balance = lot.balance + excluded.balance, issued_cents = lot.issued_cents + excluded.issued_cents;
    INSERT INTO operation_part (voucher_id, operation_id, lot_id, line_no, cents, lapsed)
    VALUES (p_from, p_operation, l.id, v_line, l.balance, false), (p_into, p_into_operation, l.id, v_line, l.balance, false);
    PERFORM ledger_post(p_from, p_operation, v_line, p_ledger, 'voucher.merge_out', voucher_account(l.kind), p_from,
                        voucher_account(l.kind), p_into, l.balance, p_programme, NULL, p_day);
  END LOOP;
  PERFORM ledger_queue(p_from, p_operation, 'voucher.merge_out');
  RETURN v_sum;
END $$;
