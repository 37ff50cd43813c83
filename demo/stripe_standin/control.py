"""The doors that Stripe does not have: faults, time, totals for tests."""

from typing import Any

from . import balances, paying, sessions, tasks
from .errors import invalid
from .shapes import public
from .state import State, Work

Json = dict[str, Any]
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


def _about_intent(work: Work, intent: Json) -> Json:
    charges = [entry for entry in work.all("charge") if entry["payment_intent"] == intent["id"]]
    ids = {entry["id"] for entry in charges}
    refunds = [entry for entry in work.all("refund") if entry["payment_intent"] == intent["id"]]
    disputes = [entry for entry in work.all("dispute") if entry["payment_intent"] == intent["id"]]
    return {
        "amount": intent["amount"],
        "status": intent["status"],
        "captured": sum(entry["amount_captured"] for entry in charges),
        "refunded": sum(entry["amount"] for entry in refunds if entry["status"] in ("succeeded", "pending")),
        "refunds": len(refunds),
        "fee": sum(entry["_fee"] for entry in charges),
        "disputed": sum(entry["amount"] for entry in disputes),
        "transferred": sum(
            entry["amount"] - entry["amount_reversed"]
            for entry in work.all("transfer")
            if entry["source_transaction"] in ids
        ),
        "transfer_group": intent["transfer_group"],
        "metadata": intent["metadata"],
    }


def totals(state: State) -> Json:
    """Everything a test compares with the application's books; cents."""
    with state.work() as work:
        intents = {entry["id"]: _about_intent(work, entry) for entry in work.all("payment_intent")}
        accounts = {None: None, **{entry["id"]: entry["metadata"] for entry in work.all("account")}}
        money = {}
        for account in accounts:
            available, pending = balances.totals(work, account)
            money[account or "platform"] = {"available": available, "pending": pending}
        deliveries = list(work.all("_delivery"))
        return {
            "now": work.now,
            "payment_intents": intents,
            "totals": {
                name: sum(entry[name] for entry in intents.values())
                for name in ("captured", "refunded", "fee", "disputed")
            },
            "balances": money,
            "transfers": [public(entry) for entry in work.all("transfer")],
            "fees": sum(entry["fee"] for entry in work.all("balance_transaction") if entry["_account"] is None),
            "events": len(work.ids("event")),
            "webhooks": {
                name: sum(note["state"] == name for note in deliveries) for name in ("due", "failed", "never")
            },
            "tasks": len(work.ids("_task")),
            "faults": [dict(entry) for entry in work.all("_fault")],
        }


def authenticate(work: Work, intent_id: str, agreed: bool) -> Json:
    """For tests without a browser: the payer's answer to the bank."""
    intent = work.need(intent_id)
    paying.authenticated(work, intent, agreed)
    session = work.get(intent["_session"])
    if session:
        sessions.settle(work, session, intent)
    return intent
