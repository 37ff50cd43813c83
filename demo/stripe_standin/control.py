"""The doors that Stripe does not have: faults, time, totals for tests."""

from typing import Any

from . import balances, paying, sessions, tasks
from .errors import invalid
from .shapes import public
from .state import State, Work

Json = dict[str, Any]
_WAITING = ("due", "failed", "never")
# What /_advance makes final; sessions only when asked for.
_SETTLING = {"debit_final", "refund_final", "dispute", "payout_final"}


def advance(state: State, wish: Json) -> Json:
    """`{}`: debits, refunds, disputes and payouts that are under way become final. `{"seconds": n}`: our clock moves on
    and what is due happens. `{"expire_sessions": true}`: open sessions expire. `{"id": "pi_…"}`: only this object."""
    unknown = set(wish) - {"seconds", "expire_sessions", "expire_authorisations", "id"}
    if unknown:
        raise invalid(f"Unknown fields: {', '.join(sorted(unknown))}", sorted(unknown)[0])
    done = 0
    with state.work() as work:
        if "seconds" in wish:
            clock = work.get("_clock") or work.add({"object": "_clock", "id": "_clock", "offset": 0})
            clock["offset"] += int(wish["seconds"])
        else:
            verbs = set()
            if not wish.get("expire_sessions") and not wish.get("expire_authorisations"):
                verbs = _SETTLING
            if wish.get("expire_sessions"):
                verbs = verbs | {"session_expired"}
            if wish.get("expire_authorisations"):
                verbs = verbs | {"authorisation_expired"}
            done = tasks.hurry(work, verbs, wish.get("id"))
    with state.work() as work:
        balances.refresh(work)
        for note in tasks.due(work):
            tasks.run(work, note)
            done += 1
    return {"now": int(state.now()), "done": done}


def _grouped(work: Work, kind: str, field: str) -> dict[str, list[Json]]:
    groups: dict[str, list[Json]] = {}
    for entry in work.all(kind):
        groups.setdefault(entry[field] or "", []).append(entry)
    return groups


def _intents(work: Work) -> dict[str, Json]:
    charges = _grouped(work, "charge", "payment_intent")
    refunds = _grouped(work, "refund", "payment_intent")
    disputes = _grouped(work, "dispute", "payment_intent")
    transfers = _grouped(work, "transfer", "source_transaction")
    result = {}
    for intent in work.all("payment_intent"):
        own = charges.get(intent["id"], [])
        back = refunds.get(intent["id"], [])
        moves = [move for entry in disputes.get(intent["id"], []) for move in entry["balance_transactions"]]
        sent = [transfer for entry in own for transfer in transfers.get(entry["id"], [])]
        result[intent["id"]] = {
            "amount": intent["amount"],
            "status": intent["status"],
            "captured": sum(entry["amount_captured"] for entry in own),
            "refunded": sum(entry["amount"] for entry in back if entry["status"] in ("succeeded", "pending")),
            "refunds": len(back),
            "fee": sum(entry["_fee"] for entry in own),
            # What disputes took and did not bring back, and what they cost.
            "disputed": -sum(move["amount"] for move in moves),
            "dispute_fee": sum(move["fee"] for move in moves),
            "transferred": sum(entry["amount"] - entry["amount_reversed"] for entry in sent),
            "transfer_group": intent["transfer_group"],
            "metadata": intent["metadata"],
        }
    return result


def totals(state: State) -> Json:
    """Everything a test compares with the application's books; cents."""
    with state.work() as work:
        intents = _intents(work)
        deliveries = list(work.all("_delivery"))
        return {
            "now": work.now,
            "payment_intents": intents,
            "totals": {
                name: sum(entry[name] for entry in intents.values())
                for name in ("captured", "refunded", "fee", "disputed", "dispute_fee", "transferred")
            },
            "balances": _balances(work),
            "transfers": [public(entry) for entry in work.all("transfer")],
            "fees": sum(entry["fee"] for entry in work.all("balance_transaction") if entry["_account"] is None),
            "events": len(work.ids("event")),
            "webhooks": {name: sum(note["state"] == name for note in deliveries) for name in _WAITING},
            "tasks": len(work.ids("_task")),
            "faults": [dict(entry) for entry in work.all("_fault")],
        }


def _balances(work: Work) -> Json:
    result = {}
    for account in [None, *work.ids("account")]:
        available, pending = balances.totals(work, account)
        result[account or "platform"] = {"available": available, "pending": pending}
    return result


def authenticate(work: Work, intent_id: str, agreed: bool) -> Json:
    """For tests without a browser: the payer's answer to the bank."""
    intent = work.need(intent_id)
    paying.authenticated(work, intent, agreed)
    session = work.get(intent["_session"])
    if session:
        sessions.settle(work, session, intent)
    return intent
