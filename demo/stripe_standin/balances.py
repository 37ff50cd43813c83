"""Balance transactions: every movement of money in an account, with its fee. Integers of cents."""

from typing import Any

from . import ids
from .errors import invalid
from .shapes import blank
from .state import Work

Json = dict[str, Any]


def move(
    work: Work,
    account: str | None,
    kind: str,
    category: str,
    cents: int,
    source: str | None,
    *,
    fee: int = 0,
    fee_text: str = "Stripe processing fees",
    after: int = 0,
    description: str | None = None,
) -> Json:
    """Books one movement; `after` seconds until the money is available."""
    details = []
    if fee:
        details.append(
            {"amount": fee, "application": None, "currency": "eur", "description": fee_text, "type": "stripe_fee"}
        )
    return work.add(
        blank(
            "balance_transaction",
            id=ids.new("txn"),
            amount=cents,
            available_on=work.now + after,
            balance_type="payments",
            created=work.now,
            currency="eur",
            description=description,
            fee=fee,
            fee_details=details,
            net=cents - fee,
            reporting_category=category,
            source=source,
            status="pending" if after > 0 else "available",
            type=kind,
            _account=account,
            _payout=None,
        )
    )


# What Stripe books by itself, without an object of the account's own: type and reporting category of its lines.
OWN_KINDS = {
    "stripe_fee": "fee",  # Radar, account fees, fees of accounts
    "tax_fee": "tax",
    "network_cost": "network_cost",
    "adjustment": "other_adjustment",
    "reserve_transaction": "risk_reserved_funds",
    "topup": "topup",
}


def move_alone(work: Work, wish: Json) -> Json:
    """`{"type", "amount": cents, signed, "description", "age": seconds since it was booked}`. Refuses other types."""
    kind = wish.get("type")
    if kind not in OWN_KINDS:
        raise invalid(f"Unknown type: {kind}. Known: {', '.join(OWN_KINDS)}", "type")
    cents, source = int(wish["amount"]), None
    if kind == "topup":
        made = {"object": "topup", "id": ids.new("tu"), "amount": cents, "currency": "eur", "status": "succeeded"}
        source = work.add({**made, "_account": work.account})["id"]
    entry = move(work, work.account, kind, OWN_KINDS[kind], cents, source, description=wish.get("description"))
    entry["created"] -= int(wish.get("age", 0))
    return entry


def refresh(work: Work) -> None:
    """Pending money whose day has come is available."""
    for entry in list(work.all("balance_transaction")):
        if entry["status"] == "pending" and entry["available_on"] <= work.now:
            work.need(entry["id"])["status"] = "available"


def totals(work: Work, account: str | None) -> tuple[int, int]:
    """(available, pending) cents of an account."""
    available = pending = 0
    for entry in work.all("balance_transaction"):
        if entry["_account"] == account:
            if entry["available_on"] <= work.now:
                available += entry["net"]
            else:
                pending += entry["net"]
    return available, pending


def balance(work: Work, account: str | None) -> Json:
    available, pending = totals(work, account)
    return blank(
        "balance",
        available=[{"amount": available, "currency": "eur", "source_types": {"card": available}}],
        pending=[{"amount": pending, "currency": "eur", "source_types": {"card": pending}}],
        connect_reserved=[{"amount": 0, "currency": "eur"}],
    )
