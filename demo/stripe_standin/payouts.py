"""Payouts to bank accounts, the balance, and its transactions over the API."""

from typing import Any

from stripe import params as shapes_of

from . import balances, ids
from .errors import invalid, wrong_state
from .events import emit
from .listing import filtered, page, select
from .routes import Call, euros_only, find, merge_metadata, route
from .shapes import blank
from .state import Work
from .tasks import forget, later, task
from .transfers import too_little

Json = dict[str, Any]


@route("POST", "/v1/payouts", shapes_of.PayoutCreateParams)
def create(call: Call) -> Json:
    """Refuses more than is available in the asking account."""
    work, given = call.work, call.params
    euros_only(given["currency"])
    cents = given["amount"]
    if cents <= 0:
        raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    available, _pending = balances.totals(work, work.account)
    if cents > available:
        raise too_little(available, cents, "your Stripe account")
    payout = _new(work, cents, automatic=False)
    payout["description"] = given.get("description")
    payout["statement_descriptor"] = given.get("statement_descriptor")
    merge_metadata(payout, given.get("metadata"))
    emit(work, "payout.created", payout)
    return payout


def automatic(work: Work) -> Json | None:
    """Stripe's daily payout: everything available; its balance transactions name the payout (only these do)."""
    entries = [
        entry["id"]
        for entry in work.all("balance_transaction")
        if entry["_account"] == work.account and entry["_payout"] is None and entry["available_on"] <= work.now
    ]
    available, _pending = balances.totals(work, work.account)
    if available <= 0:
        return None
    payout = _new(work, available, automatic=True)
    for entry_id in [*entries, payout["balance_transaction"]]:
        work.need(entry_id)["_payout"] = payout["id"]
    emit(work, "payout.created", payout)
    return payout


def _new(work: Work, cents: int, automatic: bool) -> Json:
    payout = blank(
        "payout",
        id=ids.new("po"),
        amount=cents,
        arrival_date=work.now + 86400,
        automatic=automatic,
        created=work.now,
        currency="eur",
        destination=f"ba_{(work.account or 'platform')[-12:]}",
        method="standard",
        reconciliation_status="completed" if automatic else "not_applicable",
        source_type="card",
        status="in_transit" if automatic else "pending",
        type="bank_account",
        _account=work.account,
    )
    entry = balances.move(work, work.account, "payout", "payout", -cents, payout["id"])
    payout["balance_transaction"] = entry["id"]
    later(work, "payout_final", payout["id"], work.options.payout_after)
    return work.add(payout)


@task("payout_final")
def payout_final(work: Work, payout_id: str) -> None:
    payout = work.need(payout_id)
    if payout["status"] in ("pending", "in_transit"):
        payout["status"] = "paid"
        emit(work, "payout.paid", payout)


@route("GET", "/v1/payouts/{}", shapes_of.PayoutRetrieveParams)
def retrieve(call: Call) -> Json:
    return find(call.work, "payout", call.ids[0], "payout")


@route("GET", "/v1/payouts", shapes_of.PayoutListParams)
def listed(call: Call) -> Json:
    return select(call.work, "payout", call.params, call.url)


@route("POST", "/v1/payouts/{}/cancel", shapes_of.PayoutCancelParams)
def cancel(call: Call) -> Json:
    """Refuses a payout that is on its way."""
    payout = find(call.work, "payout", call.ids[0], "payout")
    if payout["status"] != "pending":
        raise wrong_state(
            f"Payouts can only be canceled while pending, not {payout['status']}.", "payout_not_cancelable"
        )
    entry = balances.move(
        call.work, payout["_account"], "payout_cancel", "payout_reversal", payout["amount"], payout["id"]
    )
    payout.update(status="canceled", failure_balance_transaction=entry["id"])
    forget(call.work, "payout_final", payout["id"])
    emit(call.work, "payout.canceled", payout)
    return payout


def fail(work: Work, payout_id: str) -> Json:
    """The bank sends a payout back, days after it was paid, too: its money is in the balance again."""
    payout = work.need(payout_id)
    entry = balances.move(work, payout["_account"], "payout_failure", "payout_reversal", payout["amount"], payout_id)
    payout.update(
        status="failed",
        failure_balance_transaction=entry["id"],
        failure_code="account_closed",
        failure_message="The bank account has been closed.",
    )
    forget(work, "payout_final", payout_id)
    emit(work, "payout.failed", payout)
    return payout


@route("GET", "/v1/balance", shapes_of.BalanceRetrieveParams)
def balance(call: Call) -> Json:
    return balances.balance(call.work, call.account)


@route("GET", "/v1/balance_transactions/{}", shapes_of.BalanceTransactionRetrieveParams)
def balance_transaction(call: Call) -> Json:
    balances.refresh(call.work)
    return find(call.work, "balance_transaction", call.ids[0])


@route("GET", "/v1/balance_transactions", shapes_of.BalanceTransactionListParams)
def balance_transactions(call: Call) -> Json:
    balances.refresh(call.work)
    wishes = dict(call.params)
    payout = wishes.pop("payout", None)
    found = [
        entry
        for entry in call.work.all("balance_transaction")
        if entry["_account"] == call.account and (payout is None or entry["_payout"] == payout)
    ]
    return page(filtered(reversed(found), wishes), wishes, call.url)
