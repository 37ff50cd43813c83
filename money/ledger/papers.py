"""Papers: what entries rest on. Each kind of document has one rule, a function that reads its lines from its paper.

The posting function books what the rule says, and the proof compares rule and books in both directions: an entry
without its paper, a paper without its entry, and every other figure, party, day or account are found. Decision 0111.
"""

from money.ledger import proof

# `booked_on` may be open in the rule: then it is the day of posting.
COMPARE = """
SELECT coalesce(w.kind, e.kind) AS kind, w.paper_id, coalesce(w.journal_id, e.journal_id) AS journal_id,
       w.cents AS paper_cents, e.cents AS booked_cents
  FROM {source}() w
  FULL JOIN (SELECT * FROM entry WHERE kind IN (SELECT kind FROM posting_rule WHERE source = '{source}')) e
    ON e.aggregate_id = w.aggregate_id AND e.journal_id = w.journal_id AND e.line_no = w.line_no
 WHERE (w.booked_on <> e.booked_on AND NOT ledger_is_day_kept(e.ledger_id, w.booked_on, e.booked_on))
    OR (w.ledger_id, w.kind, w.debit_account, w.debit_party, w.credit_account, w.credit_party, w.cents,
        w.programme_id, w.reverses)
       IS DISTINCT FROM
       (e.ledger_id, e.kind, e.debit_account, e.debit_party, e.credit_account, e.credit_party, e.cents,
        e.programme_id, e.reverses)
"""
WITHOUT_RULE = """
SELECT kind, count(*) AS documents, min(journal_id::text) AS one_of_them FROM entry
 WHERE kind NOT IN (SELECT kind FROM posting_rule) GROUP BY kind
"""


def prove(code: str, sentence: str, source: str) -> None:
    """Add the comparison of one rule with the books to the proof. `sentence`: in German, what holds."""
    proof.add(code, sentence, COMPARE.format(source=source))
