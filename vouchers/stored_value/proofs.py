"""What must always be true of vouchers, as queries that return whatever is not. Added to the proof of the books."""

from money.ledger import changes, proof
from vouchers.stored_value.states import BOOKED, GIVEN_BACK, TAKEN, OperationKind

JOURNALS = ", ".join(f"'voucher.{kind}'" for kind in BOOKED)
BOOKING = ", ".join(f"'{kind}'" for kind in BOOKED)
AT_TILLS = ", ".join(f"'{kind}'" for kind in (*TAKEN, *GIVEN_BACK, OperationKind.HOLD, OperationKind.RELEASE))
MOVING = f"{BOOKING}, 'merge_in'"  # a merger is one document of both vouchers, booked with the one that is emptied

BALANCES = """
WITH books AS (
  SELECT party, account, sum(cents) AS cents FROM (
    SELECT credit_party AS party, credit_account AS account, cents FROM entry
     WHERE credit_account IN ('VL', 'VB', 'VE', 'VH')
    UNION ALL
    SELECT debit_party, debit_account, -cents FROM entry WHERE debit_account IN ('VL', 'VB', 'VE', 'VH')) moved
   GROUP BY party, account),
lots AS (
  SELECT party, account, sum(cents) AS cents FROM (
    SELECT voucher_id AS party, voucher_account(kind) AS account, balance - held AS cents FROM lot
    UNION ALL
    SELECT voucher_id, 'VH', held FROM lot) held GROUP BY party, account)
SELECT coalesce(b.party, l.party) AS voucher_id, coalesce(b.account, l.account) AS account,
       coalesce(l.cents, 0) AS voucher_cents, coalesce(b.cents, 0) AS books_cents
  FROM books b FULL JOIN lots l ON l.party = b.party AND l.account = b.account
 WHERE coalesce(b.cents, 0) <> coalesce(l.cents, 0)
"""

CHAIN = """
SELECT voucher_id, id AS operation_id, version FROM (
  SELECT o.*, lag(version) OVER w AS version_before, lag(balance_after) OVER w AS balance_before,
         lag(held_after) OVER w AS held_before
    FROM voucher_operation o WHERE outcome = 'done' WINDOW w AS (PARTITION BY voucher_id ORDER BY version)) c
 WHERE version <> coalesce(version_before, 0) + 1
    OR balance_after <> coalesce(balance_before, 0)
       + CASE WHEN kind IN ('issue', 'load', 'void', 'refund', 'reinstate', 'merge_in') THEN cents - lapsed_cents
              WHEN kind IN ('redeem', 'capture', 'withdraw', 'lapse', 'adjust', 'charge_back', 'merge_out') THEN -cents
              ELSE 0 END
    OR held_after <> coalesce(held_before, 0)
       + CASE kind WHEN 'hold' THEN cents WHEN 'capture' THEN -cents WHEN 'release' THEN -cents ELSE 0 END
"""

HEAD = """
SELECT v.id AS voucher_id, v.version, l.balance, l.held FROM voucher v
  LEFT JOIN (SELECT voucher_id, sum(balance) AS balance, sum(held) AS held FROM lot GROUP BY voucher_id) l
         ON l.voucher_id = v.id
  LEFT JOIN voucher_operation o ON o.voucher_id = v.id AND o.version = v.version AND o.outcome = 'done'
 WHERE o.id IS NULL OR l.voucher_id IS NULL OR o.balance_after <> l.balance OR o.held_after <> l.held
    OR (v.state = 'exhausted') <> (l.balance = 0 AND v.state IN ('active', 'exhausted'))
"""

PARTS = f"""
SELECT coalesce(o.voucher_id, p.voucher_id) AS voucher_id, coalesce(o.id, p.operation_id) AS operation_id,
       o.cents, p.cents AS parts_cents
  FROM (SELECT voucher_id, id, cents, lapsed_cents FROM voucher_operation
         WHERE outcome = 'done' AND kind IN ({MOVING})) o
  FULL JOIN (SELECT voucher_id, operation_id, sum(cents) AS cents,
                    coalesce(sum(cents) FILTER (WHERE lapsed), 0) AS lapsed
               FROM operation_part GROUP BY voucher_id, operation_id) p
         ON p.voucher_id = o.voucher_id AND p.operation_id = o.id
 WHERE o.id IS NULL OR p.operation_id IS NULL OR o.cents <> p.cents OR o.lapsed_cents <> p.lapsed
"""  # noqa: S608 constants

HELD = """
SELECT l.voucher_id, l.id AS lot_id, l.held, coalesce(h.cents, 0) AS open_holds FROM lot l
  LEFT JOIN (SELECT p.voucher_id, p.lot_id, sum(p.cents) AS cents FROM voucher_operation o
               JOIN operation_part p ON p.voucher_id = o.voucher_id AND p.operation_id = o.id
              WHERE o.kind = 'hold' AND o.outcome = 'done' AND NOT EXISTS (
                    SELECT 1 FROM voucher_operation e WHERE e.voucher_id = o.voucher_id AND e.ref_id = o.id
                       AND e.outcome = 'done' AND e.kind IN ('capture', 'release'))
              GROUP BY p.voucher_id, p.lot_id) h ON h.voucher_id = l.voucher_id AND h.lot_id = l.id
 WHERE l.held <> coalesce(h.cents, 0)
"""

RETURNS = """
SELECT o.voucher_id, o.id AS operation_id, p.lot_id, p.cents, b.cents AS given_back
  FROM voucher_operation o
  JOIN (SELECT r.voucher_id, r.ref_id, p.lot_id, sum(p.cents) AS cents FROM voucher_operation r
          JOIN operation_part p ON p.voucher_id = r.voucher_id AND p.operation_id = r.id
         WHERE r.outcome = 'done' AND r.kind IN ('void', 'refund') GROUP BY r.voucher_id, r.ref_id, p.lot_id) b
    ON b.voucher_id = o.voucher_id AND b.ref_id = o.id
  LEFT JOIN operation_part p ON p.voucher_id = o.voucher_id AND p.operation_id = o.id AND p.lot_id = b.lot_id
 WHERE o.kind NOT IN ('redeem', 'capture') OR o.outcome <> 'done' OR p.cents IS NULL OR b.cents > p.cents
"""

# A hold that was captured in part was released in the same moment for the rest.
ENDED_ONCE = """
SELECT voucher_id, ref_id AS operation_id, count(*) AS times FROM voucher_operation
 WHERE outcome = 'done' AND kind IN ('capture', 'release', 'void') GROUP BY voucher_id, ref_id, kind HAVING count(*) > 1
UNION ALL
SELECT h.voucher_id, h.id, count(*) FROM voucher_operation h
  JOIN voucher_operation e ON e.voucher_id = h.voucher_id AND e.ref_id = h.id
 WHERE h.kind = 'hold' AND h.outcome = 'done' AND e.outcome = 'done' AND e.kind IN ('capture', 'release')
 GROUP BY h.voucher_id, h.id, h.cents HAVING sum(e.cents) <> h.cents
"""

WITHOUT_BOOKING = f"""
SELECT coalesce(o.voucher_id, e.aggregate_id) AS voucher_id, coalesce(o.id, e.journal_id) AS operation_id,
       o.cents, e.cents AS booked_cents, e.host_cents
  FROM (SELECT o.voucher_id, o.id, o.kind, o.cents, o.outlet_id, o.booked_on, o.host_ledger_id, v.ledger_id
          FROM voucher_operation o LEFT JOIN voucher v ON v.id = o.voucher_id
         WHERE o.outcome = 'done' AND o.kind IN ({BOOKING})) o
  FULL JOIN (SELECT e.aggregate_id, e.journal_id, min(e.kind) AS kind, max(e.kind) AS last_kind,
                    min(e.booked_on) AS booked_on,
                    coalesce(sum(e.cents) FILTER (WHERE e.ledger_id = v.ledger_id), 0) AS cents,
                    coalesce(sum(e.cents) FILTER (WHERE e.ledger_id <> v.ledger_id), 0) AS host_cents,
                    min((CASE WHEN e.ledger_id <> v.ledger_id THEN e.ledger_id END)::text) AS host,
                    bool_and('KR' IN (e.debit_account, e.credit_account)
                             OR ('CL' IN (e.debit_account, e.credit_account) AND e.ledger_id = v.ledger_id))
                      AS owes_shop,
                    min((CASE 'KR' WHEN e.credit_account THEN e.credit_party
                                   WHEN e.debit_account THEN e.debit_party END)::text) AS shop
               FROM entry e LEFT JOIN voucher v ON v.id = e.aggregate_id WHERE e.kind IN ({JOURNALS})
              GROUP BY e.aggregate_id, e.journal_id) e
         ON e.aggregate_id = o.voucher_id AND e.journal_id = o.id
 WHERE o.id IS NULL OR e.journal_id IS NULL OR o.cents <> e.cents OR e.kind <> 'voucher.' || o.kind
    OR e.last_kind <> e.kind
    OR (o.booked_on <> e.booked_on AND NOT ledger_is_day_kept(o.ledger_id, o.booked_on, e.booked_on))
    OR (o.kind IN ('redeem', 'capture', 'void', 'refund')
        AND (NOT e.owes_shop OR e.shop <> o.outlet_id::text OR e.host IS DISTINCT FROM o.host_ledger_id::text
             OR e.host_cents <> CASE WHEN o.host_ledger_id IS NULL THEN 0 ELSE o.cents END))
"""  # noqa: S608 constants

ACCEPTED = """
SELECT o.voucher_id, o.id AS operation_id, o.outlet_id FROM voucher_operation o JOIN voucher v ON v.id = o.voucher_id
 WHERE o.outcome = 'done' AND o.kind IN ('redeem', 'hold') AND NOT EXISTS (
       SELECT 1 FROM acceptance a WHERE a.programme_id = v.programme_id AND a.outlet_id = o.outlet_id
          AND a.valid_from <= o.recorded_at AND (a.valid_until IS NULL OR a.valid_until > o.recorded_at))
   AND NOT EXISTS (
       SELECT 1 FROM reciprocity r JOIN programme h ON h.id = r.host_programme_id
         JOIN acceptance a ON a.programme_id = h.id AND a.outlet_id = o.outlet_id
          AND a.valid_from <= o.recorded_at AND (a.valid_until IS NULL OR a.valid_until > o.recorded_at)
        WHERE r.programme_id = v.programme_id AND h.issuer_id = coalesce(o.host_ledger_id, v.ledger_id)
          AND r.valid_from <= o.recorded_at AND (r.valid_until IS NULL OR r.valid_until > o.recorded_at))
"""

REFERENCES = """
SELECT v.id AS subject, 'programme' AS lacks FROM voucher v LEFT JOIN programme p ON p.id = v.programme_id
 WHERE p.id IS NULL OR p.issuer_id <> v.ledger_id
UNION ALL
SELECT o.id, 'till' FROM voucher_operation o LEFT JOIN till t ON t.id = o.till_id
 WHERE o.till_id IS NOT NULL AND (t.id IS NULL OR (o.outcome = 'done' AND t.outlet_id <> o.outlet_id))
UNION ALL
SELECT o.id, 'outlet' FROM voucher_operation o LEFT JOIN outlet s ON s.id = o.outlet_id
 WHERE o.outlet_id IS NOT NULL AND s.id IS NULL
UNION ALL
SELECT p.operation_id, 'lot' FROM operation_part p LEFT JOIN lot l ON l.voucher_id = p.voucher_id AND l.id = p.lot_id
 WHERE l.id IS NULL
"""

BETWEEN_ISSUERS = """
WITH owed AS (
  SELECT ledger_id, party, sum(cents) AS cents FROM (
    SELECT ledger_id, credit_party AS party, cents FROM entry WHERE credit_account = 'CL'
    UNION ALL
    SELECT ledger_id, debit_party, -cents FROM entry WHERE debit_account = 'CL') moved
   WHERE party NOT IN (SELECT id FROM issuer_settlement)  -- its money is under way: N-08
   GROUP BY ledger_id, party)
SELECT coalesce(a.ledger_id, b.party) AS issuer, coalesce(a.party, b.ledger_id) AS other,
       coalesce(a.cents, 0) AS owes, -coalesce(b.cents, 0) AS is_owed
  FROM owed a FULL JOIN owed b ON b.ledger_id = a.party AND b.party = a.ledger_id
 WHERE coalesce(a.cents, 0) + coalesce(b.cents, 0) <> 0
   AND NOT EXISTS (  -- of an issuer that moved in without the other, one half of what was summed stayed behind
       SELECT 1 FROM entry m WHERE m.kind = 'moved_in' AND 'CL' IN (m.debit_account, m.credit_account)
          AND m.ledger_id IN (a.ledger_id, b.ledger_id))
"""

REPLACED = """
SELECT v.id AS voucher_id, v.replaced_by FROM voucher v LEFT JOIN voucher n ON n.id = v.replaced_by
 WHERE v.state = 'replaced' AND (n.id IS NULL OR n.programme_id <> v.programme_id
    OR EXISTS (SELECT 1 FROM lot WHERE voucher_id = v.id AND balance <> 0))
"""

# The time of a hold passes without a till that asks; what a capture left over has no key of its own.
KEYS = f"""
SELECT k.operation_id, 'nothing was decided' AS fault FROM till_key k
 WHERE NOT EXISTS (SELECT 1 FROM voucher_operation o WHERE o.id = k.operation_id)
   AND NOT EXISTS (SELECT 1 FROM missed_redemption m WHERE m.id = k.operation_id)
UNION ALL
SELECT o.id, 'no key' FROM voucher_operation o JOIN till t ON t.id = o.actor_id
 WHERE o.kind IN ({AT_TILLS}) AND o.fingerprint IS NOT NULL AND o.key <> 'expired:' || coalesce(o.ref_id::text, '')
   AND NOT EXISTS (SELECT 1 FROM till_key k WHERE k.outlet_id = t.outlet_id AND k.key = o.key AND k.operation_id = o.id)
"""  # noqa: S608 constants

# Between which accounts each kind of posting moves value, and whose: a voucher's own, or its successor's.
SIDES = """
WITH side (kind, debits, credits) AS (VALUES
  ('voucher.issue', '{KZ,CB,EP,SF,WK,BE}'::text[], '{VL,VB,VE}'::text[]),
  ('voucher.load', '{KZ,CB,EP,SF,WK,BE}', '{VL,VB,VE}'),
  ('voucher.reinstate', '{KZ,CB}', '{VL,VB,VE}'),
  ('voucher.redeem', '{VL,VB,VE,CL}', '{KR,CL}'),
  ('voucher.hold', '{VL,VB,VE}', '{VH}'),
  ('voucher.capture', '{VH,CL}', '{KR,CL}'),
  ('voucher.release', '{VH}', '{VL,VB,VE}'),
  ('voucher.void', '{KR,CL}', '{VL,VB,VE,CB,CL}'),
  ('voucher.refund', '{KR,CL}', '{VL,VB,VE,CB,CL}'),
  ('voucher.withdraw', '{VL,VB,VE}', '{KZ,SF}'),
  ('voucher.charge_back', '{VL,VB,VE}', '{KZ,CB}'),
  ('voucher.lapse', '{VL,VB,VE}', '{BE,CB,WK}'),
  ('voucher.adjust', '{VL,VB,VE}', '{TB,CB,WK}'),
  ('voucher.merge_out', '{VL,VB,VE}', '{VL,VB,VE}'))
SELECT e.aggregate_id AS voucher_id, e.journal_id, e.line_no, e.kind, e.debit_account, e.credit_account
  FROM entry e LEFT JOIN side s ON s.kind = e.kind
 WHERE starts_with(e.kind, 'voucher.')
   AND (s.kind IS NULL OR e.debit_account <> ALL (s.debits) OR e.credit_account <> ALL (s.credits)
        OR (e.debit_account IN ('VL', 'VB', 'VE', 'VH') AND e.debit_party <> e.aggregate_id)
        OR (e.credit_account IN ('VL', 'VB', 'VE', 'VH') AND e.credit_party <> e.aggregate_id
            AND e.kind <> 'voucher.merge_out'))
"""

# Who paid for a lot alone gets it back: value of one purchase never becomes the money of another.
PAID_BY = """
SELECT e.aggregate_id AS voucher_id, e.journal_id, p.lot_id, e.credit_account, e.credit_party
  FROM entry e JOIN operation_part p ON p.voucher_id = e.aggregate_id AND p.operation_id = e.journal_id
 WHERE e.kind IN ('voucher.withdraw', 'voucher.charge_back') AND e.credit_account IN ('KZ', 'SF')
   AND NOT EXISTS (
       SELECT 1 FROM operation_part f JOIN entry i ON i.aggregate_id = f.voucher_id AND i.journal_id = f.operation_id
        WHERE f.lot_id = p.lot_id AND i.kind IN ('voucher.issue', 'voucher.load')
          AND i.debit_account = e.credit_account AND i.debit_party = e.credit_party)
UNION ALL
SELECT e.aggregate_id, e.journal_id, l.id, e.credit_account, e.credit_party
  FROM entry e JOIN operation_part p ON p.voucher_id = e.aggregate_id AND p.operation_id = e.journal_id
                AND p.line_no = e.line_no
  JOIN lot l ON l.voucher_id = p.voucher_id AND l.id = p.lot_id
 WHERE starts_with(e.kind, 'voucher.') AND e.credit_account = 'CB'
   AND (l.kind <> 'bonus' OR l.origin_id IS DISTINCT FROM e.credit_party)
"""

QUERIES = (
    ("V-01", "Was auf jedem Gutschein steht, steht so auch in den Büchern.", BALANCES),
    ("V-02", "Die Vorgänge jedes Gutscheins schließen ohne Lücke aneinander an.", CHAIN),
    ("V-03", "Jeder Gutschein steht dort, wo sein letzter Vorgang ihn hingebracht hat.", HEAD),
    ("V-04", "Die Teile jedes Vorgangs ergeben seinen Betrag.", PARTS),
    ("V-05", "Reserviert ist genau, was offene Reservierungen verlangen.", HELD),
    ("V-06", "Zurückgegeben wurde nie mehr, als genommen worden war, und nur dorthin, woher es kam.", RETURNS),
    ("V-07", "Jede Reservierung endet einmal, jede Einlösung wird höchstens einmal storniert.", ENDED_ONCE),
    ("V-08", "Jeder Vorgang mit Geld hat genau seine Buchung, und keine Buchung ist ohne Vorgang.", WITHOUT_BOOKING),
    ("V-09", "Eingelöst wurde nur, wo der Gutschein in diesem Augenblick galt.", ACCEPTED),
    ("V-10", "Kein Vorgang verweist auf etwas, das es nicht gibt.", REFERENCES),
    ("V-11", "Was Herausgeber einander schulden, ist bei beiden dasselbe.", BETWEEN_ISSUERS),
    ("V-12", "Ein ersetzter Gutschein ist leer, und sein Nachfolger ist vom selben Programm.", REPLACED),
    ("V-13", "Was eine Kasse verlangt hat, steht unter genau einem Schlüssel ihres Geschäfts.", KEYS),
    ("V-14", "Guthaben kommt nur aus Konten, die dafür da sind, und geht nur dorthin.", SIDES),
    ("V-15", "Zurück geht Guthaben nur an den, der genau dafür bezahlt hat.", PAID_BY),
)
# What can be said of each voucher by itself, and which rows are a voucher's.
PER_VOUCHER = {"V-01", "V-02", "V-03", "V-04", "V-05", "V-06", "V-07", "V-08", "V-09", "V-10", "V-14"}
WATCHED = {"voucher": "id", "lot": "voucher_id", "voucher_operation": "voucher_id", "operation_part": "voucher_id"}
# A merger is one document of two vouchers.
TOGETHER = """
SELECT replaced_by FROM voucher WHERE id = ANY (CAST(:ids AS uuid[])) AND replaced_by IS NOT NULL
 UNION SELECT id FROM voucher WHERE replaced_by = ANY (CAST(:ids AS uuid[]))
"""


def plug() -> None:
    """Add what must hold of vouchers to the proof of the books."""
    for table, column in WATCHED.items():
        changes.watch(table, column)
    changes.link(TOGETHER)
    for code, sentence, sql in QUERIES:
        proof.add(code, sentence, sql, fresh=proof.PER_AGGREGATE if code in PER_VOUCHER else None)
