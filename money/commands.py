"""The command line of the money: `flask money …`, put together from the commands of its rooms."""

from flask.cli import AppGroup

from money.bank.commands import bank, book_float
from money.ledger.commands import COMMANDS
from money.payments.commands import payments, reconcile
from money.roots.commands import roots

money = AppGroup("money", help="The books: seal, prove, recompute.")
for command in (*COMMANDS, bank, book_float, payments, reconcile, roots):
    money.add_command(command)
