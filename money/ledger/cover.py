"""Cover (invariant I-1): the money in an issuer's pool against what the issuer owes out of it.

Pool: trust account, the provider's account and what is on its way from there (TB + PSP + GT). Owed: vouchers (VL, VB,
VE, VH), shops (KR), payments not yet allocated (KZ), other issuers (CL), employers and sponsors as far as they have
paid in (EP + CB less open invoices DB). A shop or issuer that owes us makes nobody else's claim smaller: only what we
owe counts, party by party. One exception: what another issuer owes us for its vouchers in our shops stands against what
these shops are still owed, for the other issuer's pool is tested with the same sum.

Beside the books stands what the bank says of the trust account (`stated_cents`): from lines of statements alone, with
nothing that somebody typed. The public cover counts that.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foundation.database import session

# One row per ledger that ever owed anything of this kind; `bank` and `provider` may be negative.
SUMS = """
SELECT ledger_id,
       coalesce(sum(cents) FILTER (WHERE account = 'TB'), 0)::bigint AS bank_cents,
       coalesce(sum(cents) FILTER (WHERE account IN ('PSP', 'GT')), 0)::bigint AS provider_cents,
       greatest(-coalesce(sum(cents) FILTER (WHERE account IN ('VL', 'VB', 'VE', 'VH')), 0), 0)::bigint
         AS vouchers_cents,
       greatest(coalesce(sum(greatest(-cents, 0)) FILTER (WHERE account = 'KR'), 0)
                - coalesce(sum(greatest(cents, 0)) FILTER (WHERE account = 'CL'), 0), 0)::bigint AS shops_cents,
       coalesce(sum(greatest(-cents, 0)) FILTER (WHERE account IN ('KZ', 'CL')), 0)::bigint AS others_cents,
       greatest(coalesce(-sum(cents) FILTER (WHERE account IN ('EP', 'CB', 'DB')), 0), 0)::bigint AS prepaid_cents
  FROM (SELECT ledger_id, account, sum(debit_cents - credit_cents) AS cents FROM balance_part
         GROUP BY ledger_id, account, CASE WHEN account IN ('KR', 'KZ', 'CL') THEN party END) b
 GROUP BY ledger_id
HAVING bool_or(account IN ('VL', 'VB', 'VE', 'VH', 'KR', 'KZ', 'EP', 'CB'))
"""
# What the first statement began with, and every line of those that move the account; notices and parts do not.
STATED = """
SELECT a.organisation_id AS ledger_id, sum(x.cents)::bigint AS stated_cents, max(x.day) AS stated_on
  FROM bank_account a JOIN (
       SELECT account_id, closing_on AS day,
              CASE WHEN follows IS NULL AND kind IN ('camt.053', 'mt940') THEN opening_cents ELSE 0 END AS cents
         FROM bank_statement WHERE moves
        UNION ALL
       SELECT l.account_id, l.booked_on, CASE l.direction WHEN 'credit' THEN l.cents ELSE -l.cents END
         FROM bank_line l JOIN bank_statement s ON s.id = l.statement_id AND s.moves WHERE l.position > 0) x
    ON x.account_id = a.id
 WHERE a.purpose = 'trust' GROUP BY a.organisation_id
"""
BOTH = f"""
SELECT s.*, coalesce(b.stated_cents, 0) AS stated_cents, b.stated_on
  FROM ({SUMS}) s LEFT JOIN ({STATED}) b ON b.ledger_id = s.ledger_id
"""  # noqa: S608 constants
ALL = sa.text(f"{BOTH} ORDER BY s.ledger_id")
ONE = sa.text(f"{BOTH} WHERE s.ledger_id = :ledger")
UNCOVERED = f"""
SELECT ledger_id, bank_cents + provider_cents AS pool_cents,
       vouchers_cents + shops_cents + others_cents + prepaid_cents AS owed_cents FROM ({SUMS}) s
 WHERE bank_cents + provider_cents < vouchers_cents + shops_cents + others_cents + prepaid_cents
"""  # noqa: S608 a constant


@dataclass(frozen=True)
class Cover:
    """One issuer's pool and debts in cents, at this moment. `stated_cents`: what the bank's statements say of the trust
    account, up to the day `stated_on`.
    """

    ledger_id: UUID
    bank_cents: int = 0
    provider_cents: int = 0
    vouchers_cents: int = 0
    shops_cents: int = 0
    others_cents: int = 0
    prepaid_cents: int = 0
    stated_cents: int = 0
    stated_on: date | None = None

    @property
    def pool_cents(self) -> int:
        return self.bank_cents + self.provider_cents

    @property
    def stated_pool_cents(self) -> int:
        """The pool as bank and provider state it."""
        return self.stated_cents + self.provider_cents

    @property
    def owed_cents(self) -> int:
        return self.vouchers_cents + self.shops_cents + self.others_cents + self.prepaid_cents

    @property
    def free_cents(self) -> int:
        """What the pool holds beyond the debts: own funds. Negative when the debts are not covered."""
        return self.pool_cents - self.owed_cents

    @property
    def missing_cents(self) -> int:
        """What the pool lacks; zero when the debts are covered."""
        return max(-self.free_cents, 0)

    @property
    def ok(self) -> bool:
        return self.free_cents >= 0


def compute_cover(ledger_id: UUID) -> Cover:
    """Compute the cover of one issuer; all zero when nothing was booked for it yet."""
    row = session.execute(ONE, {"ledger": ledger_id}).mappings().first()
    return Cover(**row) if row else Cover(ledger_id)


def compute_all_covers(connection: Connection) -> list[Cover]:
    """Compute the cover of every issuer, as the connection sees it."""
    return [Cover(**row) for row in connection.execute(ALL).mappings()]
