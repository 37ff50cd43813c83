"""The wallet of who is signed in: the blueprint and what its pages share."""

from uuid import UUID, uuid4

from flask import Response, jsonify, request

from foundation.wiring import audience
from money.roots import receipts
from people.models import Person
from people.web.guards import current_person, require_signed_in
from vouchers.wallet import errors, queries
from vouchers.wallet.queries import ItemView

pages = audience("wallet_items", __name__, guard=require_signed_in, url_prefix="/geldboerse")
HISTORY_COOKIE = "verlauf"  # cookie of this device; "aus" hides what was bought where


def require_holder() -> Person:
    """Return who is signed in; the guard saw to it that somebody is."""
    person = current_person()
    assert person is not None
    return person


def load_own(item_id: UUID) -> ItemView:
    """Load a voucher of this wallet. Refuses (`NotFound`) others."""
    return queries.load_item(require_holder().id, item_id)


def read_key() -> str:
    """Read the key of the form: sending it twice does it once."""
    given = request.form.get("key", "")[:64]
    return given if len(given) >= 8 and given.isascii() else str(uuid4())


def shows_history() -> bool:
    """Whether this device shows what was bought where."""
    return request.cookies.get(HISTORY_COOKIE) != "aus"


def answer_receipt(voucher_id: UUID) -> Response:
    """Answer with the receipt of a voucher as a file. Refuses (`NotFound`) while no day has ended with its value."""
    receipt = receipts.make_receipt(voucher_id)
    if receipt is None:
        raise errors.receipt_not_yet()
    answer = jsonify(receipt.write())
    answer.headers["Content-Disposition"] = f"attachment; filename=Nachweis-{receipt.published.day}.json"
    return answer
