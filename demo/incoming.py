"""Money that comes to the demo's trust accounts, as lines of the bank's statements.

`python -m demo.incoming ISSUER CENTS` lets one more line come, for vouchers by hand; it prints the receipt's number.
"""

import argparse
from uuid import UUID

import sqlalchemy as sa

from foundation import clock
from foundation.database import session, transact, uuid7
from money.bank import accounts, lines
from money.bank.models import BankLine
from money.bank.stated import BankStatement, StatedBalance, StatedLine
from money.bank.states import Direction
from people.models import Organisation
from wsgi import create_app


def receive(issuer_id: UUID, cents: int, payer: str, words: str) -> UUID:
    """Let the issuer's bank state one credit of today in its next statement; gives the receipt."""
    account = accounts.find_open_account(issuer_id)
    assert account
    line = StatedLine(1, Direction.CREDIT, cents, clock.today(), party_name=payer, remittance=words)
    last = lines.find_latest(account.id)
    opening = StatedBalance((last.closing_cents or 0) if last else 0, clock.today())
    closing = opening._replace(cents=opening.cents + cents)
    stated = BankStatement(account.iban, number=uuid7().hex, opening=opening, closing=closing, lines=[line])
    taken = lines.take_statement(account.id, stated)
    mine = sa.select(BankLine.receipt_id).where(BankLine.statement_id == taken.statement_id, BankLine.position == 1)
    receipt_id = session.scalars(mine).one()
    assert receipt_id
    return receipt_id


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("issuer", help="Short name of the issuer.")
    parser.add_argument("cents", type=int)
    chosen = parser.parse_args()
    with create_app().app_context():
        issuer_id = session.scalars(sa.select(Organisation.id).where(Organisation.slug == chosen.issuer)).one()
        session.rollback()
        print(transact(receive, issuer_id, chosen.cents, "Kasse der Vorführung", "Gutscheine"))


if __name__ == "__main__":
    main()
