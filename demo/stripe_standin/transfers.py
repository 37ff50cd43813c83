"""Transfers to connected accounts and their reversals, with the balance checks Stripe makes."""

from typing import Any

from stripe import params as shapes_of

from . import balances, ids
from .errors import StripeError, invalid, wrong_state
from .events import emit
from .listing import page, select
from .refunds import euros
from .routes import Call, euros_only, find, merge_metadata, route
from .shapes import blank
from .state import Work

Json = dict[str, Any]


def too_little(available: int, cents: int, where: str) -> StripeError:
    return wrong_state(
        f"You have insufficient available funds in {where}: {euros(available)} available, {euros(cents)} needed. Try "
        "adding funds by creating a charge and waiting until it is available.",
        "balance_insufficient",
    )


@route("POST", "/v1/transfers", shapes_of.TransferCreateParams)
def create(call: Call) -> Json:
    """Refuses: unknown or not yet enabled destination, more than the source charge has left, more than is available."""
    work, given = call.work, call.params
    if "amount" not in given:
        raise invalid("Missing required param: amount.", "amount", "parameter_missing")
    euros_only(given["currency"])
    cents = given["amount"]
    if cents <= 0:
        raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    account = _destination(work, given["destination"])
    group = given.get("transfer_group")
    source = None
    if given.get("source_transaction"):
        source = find(work, "charge", given["source_transaction"], "source_transaction", status=400)
        _take_from(source, cents)
        group = group or source["transfer_group"] or f"group_{source['payment_intent'] or source['id']}"
        source["transfer_group"] = group
    else:
        available, _pending = balances.totals(work, None)
        if cents > available:
            raise too_little(available, cents, "your Stripe account")
    return _move(work, given, cents, account["id"], source, group)


def _move(work: Work, given: Json, cents: int, account: str, source: Json | None, group: str | None) -> Json:
    transfer = blank(
        "transfer",
        id=ids.new("tr"),
        amount=cents,
        amount_reversed=0,
        created=work.now,
        currency="eur",
        description=given.get("description"),
        destination=account,
        reversed=False,
        source_transaction=source["id"] if source else None,
        source_type="card",
        transfer_group=group,
        _account=None,
    )
    merge_metadata(transfer, given.get("metadata"))
    transfer["reversals"] = _reversals(work, transfer)
    out = balances.move(work, None, "transfer", "transfer", -cents, transfer["id"])
    payment = blank(
        "charge",
        id=ids.new("py"),
        amount=cents,
        amount_captured=cents,
        amount_refunded=0,
        captured=True,
        created=work.now,
        currency="eur",
        disputed=False,
        fraud_details={},
        paid=True,
        refunded=False,
        source_transfer=transfer["id"],
        status="succeeded",
        _account=account,
        _fee=0,
    )
    entry = balances.move(work, account, "payment", "charge", cents, payment["id"])
    payment["balance_transaction"] = entry["id"]
    transfer.update(balance_transaction=out["id"], destination_payment=payment["id"])
    work.add(payment)
    work.add(transfer)
    emit(work, "transfer.created", transfer)
    return transfer


def _destination(work: Work, account_id: str) -> Json:
    if work.account is not None:
        raise invalid("Only the platform can create transfers here.", "destination")
    account = work.get(account_id)
    if not account or account["object"] != "account":
        raise wrong_state(f"No such destination: '{account_id}'", "resource_missing", param="destination")
    if account["capabilities"].get("transfers") != "active":
        raise wrong_state(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
            "crypto_transfers, legacy_payments",
            "insufficient_capabilities_for_transfer",
        )
    return account


def _take_from(charge: Json, cents: int) -> None:
    # Stripe lets a pending debit be a source and settles later; we are stricter: money first.
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise StripeError(f"Charge {charge['id']} cannot be used as a source transaction.", param="source_transaction")
    already = charge["_transferred"]
    if already + cents > charge["amount_captured"]:
        raise StripeError(
            f"Transfers using this transaction as a source must not exceed the source amount of "
            f"{euros(charge['amount_captured'])}. (There are already transfers using this source, amounting to "
            f"a total of {euros(already)}.)",
            param="amount",
        )
    charge["_transferred"] = already + cents


def _reversals(work: Work, transfer: Json) -> Json:
    found = [entry for entry in work.all("transfer_reversal") if entry["transfer"] == transfer["id"]]
    shown = [{name: value for name, value in entry.items() if not name.startswith("_")} for entry in reversed(found)]
    return {
        "data": shown[:10],
        "has_more": len(shown) > 10,
        "object": "list",
        "total_count": len(shown),
        "url": f"/v1/transfers/{transfer['id']}/reversals",
    }


@route("GET", "/v1/transfers/{}", shapes_of.TransferRetrieveParams)
def retrieve(call: Call) -> Json:
    return find(call.work, "transfer", call.ids[0], "transfer")


@route("GET", "/v1/transfers", shapes_of.TransferListParams)
def listed(call: Call) -> Json:
    return select(call.work, "transfer", call.params, call.url)


@route("POST", "/v1/transfers/{}", shapes_of.TransferUpdateParams)
def update(call: Call) -> Json:
    transfer = find(call.work, "transfer", call.ids[0], "transfer")
    if "description" in call.params:
        transfer["description"] = call.params["description"]
    merge_metadata(transfer, call.params.get("metadata"))
    emit(call.work, "transfer.updated", transfer)
    return transfer


@route("POST", "/v1/transfers/{}/reversals", shapes_of.TransferReversalCreateParams, refuse=("refund_application_fee",))
def reverse(call: Call) -> Json:
    """Refuses more than is left of the transfer, and more than the connected account has available."""
    work = call.work
    transfer = find(work, "transfer", call.ids[0], "transfer")
    left = transfer["amount"] - transfer["amount_reversed"]
    cents = call.params.get("amount", left)
    if left == 0:
        raise wrong_state("This transfer has already been fully reversed.", "transfer_already_reversed")
    if cents <= 0:
        raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    if cents > left:
        raise StripeError(
            f"Reversal amount ({euros(cents)}) is greater than unreversed amount on transfer ({euros(left)})",
            param="amount",
        )
    available, _pending = balances.totals(work, transfer["destination"])
    if cents > available:
        raise too_little(available, cents, f"the connected account {transfer['destination']}")
    reversal = blank(
        "transfer_reversal",
        id=ids.new("trr"),
        amount=cents,
        created=work.now,
        currency="eur",
        transfer=transfer["id"],
        _account=None,
    )
    merge_metadata(reversal, call.params.get("metadata"))
    back = balances.move(work, None, "transfer_refund", "transfer_reversal", cents, reversal["id"])
    refund = ids.new("pyr")
    balances.move(work, transfer["destination"], "payment_refund", "refund", -cents, refund)
    reversal.update(balance_transaction=back["id"], destination_payment_refund=refund)
    work.add(reversal)
    transfer["amount_reversed"] += cents
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"] = _reversals(work, transfer)
    if transfer["source_transaction"]:
        work.need(transfer["source_transaction"])["_transferred"] -= cents
    emit(work, "transfer.reversed", transfer)
    return reversal


@route("GET", "/v1/transfers/{}/reversals", shapes_of.TransferReversalListParams)
def reversals(call: Call) -> Json:
    transfer = find(call.work, "transfer", call.ids[0], "transfer")
    found = [entry for entry in call.work.all("transfer_reversal") if entry["transfer"] == transfer["id"]]
    return page(list(reversed(found)), call.params, call.url)


@route("GET", "/v1/transfers/{}/reversals/{}", shapes_of.TransferReversalRetrieveParams)
def reversal(call: Call) -> Json:
    return find(call.work, "transfer_reversal", call.ids[1], "reversal")
