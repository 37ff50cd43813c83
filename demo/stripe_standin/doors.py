"""HTTP for `control` and `faults`: the doors for tests, all under a path that starts with an underscore."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from . import accounts, balances, control, disputes, faults, payouts
from .errors import StripeError, invalid
from .shapes import public
from .state import State
from .webhooks import Dispatcher

Json = dict[str, Any]
doors = Blueprint("doors", __name__)


def _state() -> State:
    state: State = current_app.config["STANDIN_STATE"]
    return state


def _dispatcher() -> Dispatcher:
    dispatcher: Dispatcher = current_app.config["STANDIN_DISPATCHER"]
    return dispatcher


def _wish() -> Json:
    given = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(given, dict):
        raise invalid("Send one JSON object.")
    return given


@doors.get("/healthz")
def healthz() -> Response:
    return jsonify(ok=True)


@doors.get("/_faults")
def read_faults() -> Response:
    with _state().work() as work:
        known = {**faults.OF_REQUESTS, **faults.OF_WEBHOOKS}
        return jsonify(faults=[dict(entry) for entry in work.all("_fault")], known=known)


@doors.post("/_faults")
def set_fault() -> Response:
    wish = _wish()
    with _state().work() as work:
        if wish.get("clear"):
            return jsonify(cleared=faults.clear(work))
        return jsonify(faults.add(work, wish))


@doors.delete("/_faults")
def clear_faults() -> Response:
    with _state().work() as work:
        return jsonify(cleared=faults.clear(work))


@doors.post("/_advance")
def advance() -> Response:
    """Also delivers what waits, unless `"deliver": false`."""
    wish = _wish()
    deliver = wish.pop("deliver", True)
    result = control.advance(_state(), wish)
    if deliver:
        result["webhooks"] = _dispatcher().flush()
    return jsonify(result)


@doors.post("/_webhooks/flush")
def flush() -> Response:
    """`{"never": true}` also sends what a fault held back for ever."""
    return jsonify(_dispatcher().flush(include_never=bool(_wish().get("never"))))


@doors.get("/_webhooks")
def waiting() -> Response:
    with _state().work() as work:
        notes = [{**note, "type": work.peek(note["event"])["type"]} for note in work.all("_delivery")]
        return jsonify(waiting=notes)


@doors.get("/_state")
def totals() -> Response:
    return jsonify(control.totals(_state()))


@doors.post("/_reset")
def reset() -> Response:
    _state().clear()
    return jsonify(ok=True)


@doors.post("/_authenticate/<intent_id>")
def authenticate(intent_id: str) -> Response:
    """`{"agree": false}`: the payer says no to the bank."""
    with _state().work() as work:
        try:
            return jsonify(public(control.authenticate(work, intent_id, _wish().get("agree", True))))
        except StripeError as error:
            answer = jsonify(error.body())
            answer.status_code = error.status
            return answer


@doors.post("/_accounts/<account_id>/activate")
def activate(account_id: str) -> Response:
    """As if the retailer had filled in Stripe's forms."""
    with _state().work() as work:
        return jsonify(public(accounts.activate(work, account_id)))


@doors.post("/_disputes")
def dispute() -> Response:
    """A payer's bank acts: `{"payment_intent": "pi_…"}`, also `amount`, `reason`, `"inquiry": true`."""
    wish = _wish()
    with _state().work() as work:
        intent = work.need(wish["payment_intent"])
        how = {"cents": wish.get("amount"), "reason": wish.get("reason"), "inquiry": wish.get("inquiry", False)}
        return jsonify(public(disputes.begin(work, intent["latest_charge"], **how)))


@doors.post("/_disputes/<dispute_id>/settle")
def settle_dispute(dispute_id: str) -> Response:
    """The bank decides: `{"won": true}`, `"amount"`: only so much comes back. A won one may be settled again."""
    wish = _wish()
    with _state().work() as work:
        found = work.need(dispute_id)
        disputes.settle(work, found, bool(wish.get("won")), wish.get("amount"))
        return jsonify(public(found))


@doors.post("/_payout")
def payout() -> Response:
    """The automatic payout of everything available: `{"account": "acct_…"}`, else the platform's."""
    with _state().work(_wish().get("account")) as work:
        made = payouts.automatic(work)
        return jsonify(public(made) if made else None)


@doors.post("/_payouts/<payout_id>/fail")
def fail_payout(payout_id: str) -> Response:
    """The bank sends a payout back."""
    with _state().work() as work:
        return jsonify(public(payouts.fail(work, payout_id)))


@doors.post("/_lines")
def line() -> Response:
    """What Stripe books by itself: `{"type": "stripe_fee", "amount": -250}`, see `balances.move_alone`."""
    with _state().work() as work:
        return jsonify(public(balances.move_alone(work, _wish())))
