"""Disputes: a payer takes the money back through the bank; amount and fee leave the balance at once."""

from typing import Any

from stripe import params as shapes_of

from . import balances, ids, paying
from .cards import CARDS, IBANS
from .errors import wrong_state
from .events import emit
from .listing import select
from .options import FEE_DISPUTE_CARD, FEE_DISPUTE_SEPA
from .routes import Call, find, merge_metadata, route
from .shapes import blank, example
from .state import Work
from .tasks import later, task

Json = dict[str, Any]
_OPEN = ("needs_response", "under_review")
_DAYS_TO_ANSWER = 7


@paying.on_paid
def maybe_later(work: Work, charge: Json) -> None:
    """The test cards and the test IBAN whose payments are disputed."""
    method = work.need(charge["payment_method"])
    if method["type"] == "card":
        disputed: Any = CARDS[method["_number"]].dispute
    else:
        disputed = method["_iban"] in IBANS and IBANS[method["_iban"]].dispute
    if disputed:
        later(work, "dispute", charge["id"], work.options.dispute_after)


@task("dispute")
def arrive(work: Work, charge_id: str) -> None:
    if not work.need(charge_id)["disputed"]:
        begin(work, charge_id)


def begin(
    work: Work, charge_id: str, *, cents: int | None = None, reason: str | None = None, inquiry: bool = False
) -> Json:
    """A payer's bank takes a payment back: all of it or `cents`; an inquiry only asks."""
    charge = work.need(charge_id)
    method = work.need(charge["payment_method"])
    card = method["type"] == "card"
    cents = cents or charge["amount_captured"]
    dispute = blank(
        "dispute",
        id=ids.new("du"),
        amount=cents,
        balance_transactions=[],
        charge=charge_id,
        created=work.now,
        currency="eur",
        enhanced_eligibility_types=[],
        evidence=example("dispute", "evidence"),
        evidence_details={
            "due_by": work.now + _DAYS_TO_ANSWER * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=False,
        payment_intent=charge["payment_intent"],
        payment_method_details=_details(method),
        reason=reason or ((CARDS[method["_number"]].dispute or "fraudulent") if card else "debit_not_authorized"),
        # A debit that came back cannot be argued about: lost at once.
        status="warning_needs_response" if inquiry else "needs_response" if card else "lost",
        _account=charge["_account"],
    )
    work.add(dispute)
    if inquiry:
        emit(work, "charge.dispute.created", dispute)
        return dispute
    charge["disputed"] = True
    fee = FEE_DISPUTE_CARD if card else FEE_DISPUTE_SEPA
    _move(work, dispute, -cents, fee)
    emit(work, "charge.dispute.created", dispute)
    emit(work, "charge.dispute.funds_withdrawn", dispute)
    if not card:
        emit(work, "charge.dispute.closed", dispute)
    return dispute


def _details(method: Json) -> Json:
    if method["type"] != "card":
        return {"type": "sepa_debit"}
    card = {**example("dispute", "payment_method_details", "card"), "brand": method["card"]["brand"]}
    card.update(case_type="chargeback", network=method["card"]["brand"], network_reason_code="10.4")
    return {"card": card, "type": "card"}


def _move(work: Work, dispute: Json, cents: int, fee: int) -> None:
    category = "dispute" if cents < 0 else "dispute_reversal"
    entry = balances.move(
        work, dispute["_account"], "adjustment", category, cents, dispute["id"], fee=fee, fee_text="Dispute fee"
    )
    dispute["balance_transactions"].append(_shown(entry))


def _shown(entry: Json) -> Json:
    """Disputes carry their balance transactions whole, not by id."""
    return {name: value for name, value in entry.items() if not name.startswith("_")}


def settle(work: Work, dispute: Json, won: bool, cents: int | None = None) -> None:
    """The bank has decided; a won dispute brings all or `cents` back, not the fee. A won one may be lost after all."""
    out = -sum(move["amount"] for move in dispute["balance_transactions"])
    if dispute["status"] == "won" and not won and out < dispute["amount"]:
        _move(work, dispute, out - dispute["amount"], 0)
        emit(work, "charge.dispute.funds_withdrawn", dispute)
    dispute["status"] = "won" if won else "lost"
    if won:
        _move(work, dispute, dispute["amount"] if cents is None else cents, 0)
        emit(work, "charge.dispute.funds_reinstated", dispute)
    emit(work, "charge.dispute.closed", dispute)


@route("GET", "/v1/disputes/{}", shapes_of.DisputeRetrieveParams)
def retrieve(call: Call) -> Json:
    return find(call.work, "dispute", call.ids[0], "dispute")


@route("GET", "/v1/disputes", shapes_of.DisputeListParams)
def listed(call: Call) -> Json:
    return select(call.work, "dispute", call.params, call.url)


@route("POST", "/v1/disputes/{}", shapes_of.DisputeUpdateParams)
def update(call: Call) -> Json:
    """Test mode's rule: `winning_evidence` in `uncategorized_text` wins, `losing_evidence` loses."""
    dispute = find(call.work, "dispute", call.ids[0], "dispute")
    if dispute["status"] not in _OPEN:
        raise wrong_state("This dispute is already closed", "dispute_already_closed")
    evidence = call.params.get("evidence") or {}
    dispute["evidence"].update(evidence)
    dispute["evidence_details"]["has_evidence"] = bool(evidence) or dispute["evidence_details"]["has_evidence"]
    merge_metadata(dispute, call.params.get("metadata"))
    if evidence and call.params.get("submit", True):
        dispute["evidence_details"]["submission_count"] += 1
        dispute["status"] = "under_review"
        emit(call.work, "charge.dispute.updated", dispute)
        word = dispute["evidence"].get("uncategorized_text")
        if word in ("winning_evidence", "losing_evidence"):
            settle(call.work, dispute, word == "winning_evidence")
    return dispute


@route("POST", "/v1/disputes/{}/close", shapes_of.DisputeCloseParams)
def close(call: Call) -> Json:
    """Gives in: the dispute is lost."""
    dispute = find(call.work, "dispute", call.ids[0], "dispute")
    if dispute["status"] not in _OPEN:
        raise wrong_state("This dispute is already closed", "dispute_already_closed")
    settle(call.work, dispute, won=False)
    return dispute
