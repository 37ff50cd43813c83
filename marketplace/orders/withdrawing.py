"""The consumer's withdrawal from a contract (§ 356a BGB): taken down as it comes, acknowledged at once.

People decide about goods; contracts of other trades (vouchers) are carried out at once where number and address fit. No
login and no code is asked for, and whether the order exists is not said on any page: the record is kept in any case.
"""

import hashlib
from uuid import UUID

import sqlalchemy as sa

from foundation import mail as post
from foundation.clock import now
from foundation.database import session
from foundation.errors import Invalid
from foundation.languages import _
from marketplace.orders import letters, states
from marketplace.orders.models import Order, OrderGroup, Withdrawal
from money.payments import withdrawals
from money.payments.withdrawals import WithdrawalStatement

MAX_NAME_CHARS = 120
MAX_CONTRACT_CHARS = 80
MAX_STATEMENT_CHARS = 1000


def normalise(*, name: str, contract: str, email: str, statement: str) -> dict[str, str]:
    """The tidy form of a withdrawal, or `Invalid` with the `field` that is missing."""
    tidy = {"name": " ".join(name.split()), "contract": " ".join(contract.split()), "statement": statement.strip()}
    limits = {"name": MAX_NAME_CHARS, "contract": MAX_CONTRACT_CHARS, "statement": MAX_STATEMENT_CHARS}
    sentences = {
        "name": _("Bitte nennen Sie Ihren Namen."),
        "contract": _("Bitte nennen Sie die Bestellnummer oder sagen Sie uns, um welche Bestellung es geht."),
        "statement": _("Bitte fassen Sie sich kürzer: höchstens 1.000 Zeichen."),
    }
    for field, text in tidy.items():
        if len(text) > limits[field] or (field != "statement" and not text):
            raise Invalid(sentences[field], f"{field}_not_valid", field=field)
    return tidy | {"email": post.normalise_address(email)}


def record_withdrawal(*, name: str, contract: str, email: str, statement: str, language: str) -> UUID:
    """Take down a withdrawal and acknowledge it by mail, with its content, date and time. The shop is told."""
    given = normalise(name=name, contract=contract, email=email, statement=statement)
    order = _order(given["contract"], given["email"])
    at = now()
    text = "\n".join([at.isoformat(), given["name"], given["contract"], given["email"], given["statement"]])
    row = Withdrawal(
        received_at=at,
        order_id=order.id if order else None,
        text_hash=hashlib.sha256(text.encode()).digest(),
        **given,
    )
    session.add(row)
    session.flush()
    if order:
        states.record_event(order, order.state, "withdrawn", _("Widerruf eingegangen"))
    outcomes = withdrawals.withdraw(
        WithdrawalStatement(row.id, given["contract"], given["email"], at, given["statement"])
    )
    letters.send_withdrawal_receipt(row, language, order, outcomes)
    return row.id


def _order(contract: str, email: str) -> Order | None:
    """The order that is meant, if number and address fit together: nobody else's order gets the note."""
    number = contract.upper()
    query = (
        sa.select(Order)
        .join(OrderGroup, OrderGroup.id == Order.group_id)
        .where(Order.number == number, sa.func.lower(OrderGroup.email) == email.lower(), Order.state != "pending")
    )
    found: Order | None = session.scalars(query).unique().one_or_none()
    return found
