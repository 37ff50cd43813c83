"""The consumer's withdrawal from a contract (§ 356a BGB): recorded as it comes, acknowledged at once. Decision 0506.

People decide about goods; contracts of other trades (vouchers) are carried out at once where number and address fit. No
login and no code is asked for, and whether the order exists is not said on any page: the record is kept in any case.
"""

import hashlib
from uuid import UUID

import sqlalchemy as sa

from foundation import mail as post
from foundation.clock import now
from foundation.database import session
from foundation.languages import _
from marketplace.orders import errors, history, mails
from marketplace.orders.models import Order, OrderGroup, Withdrawal
from marketplace.orders.states import OrderState
from money.payments import withdrawals
from money.payments.withdrawals import WithdrawalStatement

MAX_NAME_CHARS = 120
MAX_CONTRACT_CHARS = 80
MAX_STATEMENT_CHARS = 1000


def normalise(*, name: str, contract: str, email: str, statement: str) -> dict[str, str]:
    """Strip what a consumer stated. Refuses (`Invalid`, with `field`) what is missing or too long."""
    stripped = {"name": " ".join(name.split()), "contract": " ".join(contract.split()), "statement": statement.strip()}
    limits = {"name": MAX_NAME_CHARS, "contract": MAX_CONTRACT_CHARS, "statement": MAX_STATEMENT_CHARS}
    refusals = {
        "name": errors.withdrawal_name_missing,
        "contract": errors.withdrawal_contract_missing,
        "statement": errors.withdrawal_statement_too_long,
    }
    for field, text in stripped.items():
        if len(text) > limits[field] or (field != "statement" and not text):
            raise refusals[field]()
    return stripped | {"email": post.normalise_address(email)}


def record_withdrawal(*, name: str, contract: str, email: str, statement: str, language: str) -> UUID:
    """Record a withdrawal and acknowledge it by mail, with its content, date and time.

    The shop of a known order is told. Gives back the id of the record.
    """
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
        history.record_event(order, order.state, "withdrawn", _("Widerruf eingegangen"))
    outcomes = withdrawals.withdraw(
        WithdrawalStatement(row.id, given["contract"], given["email"], at, given["statement"])
    )
    mails.send_withdrawal_receipt(row, language, order, outcomes)
    return row.id


def _order(contract: str, email: str) -> Order | None:
    """The order that is meant, if number and address fit together: nobody else's order gets the note."""
    number = contract.upper()
    query = (
        sa.select(Order)
        .join(OrderGroup, OrderGroup.id == Order.group_id)
        .where(
            Order.number == number, sa.func.lower(OrderGroup.email) == email.lower(), Order.state != OrderState.PENDING
        )
    )
    found: Order | None = session.scalars(query).unique().one_or_none()
    return found
